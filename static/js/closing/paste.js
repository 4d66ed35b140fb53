// Pasting from a spreadsheet: one column goes downwards from the cell; columns with a name find their people wherever they stand.
(function () {
  "use strict";
  var sheet = window.Sheet;
  if (!sheet) { return; }
  var words = sheet.words, said = words.said, place = sheet.form.querySelector("[data-pasted]");

  function plain(text) { return text.normalize("NFKC").replace(/\s+/g, "").toLowerCase(); }
  // Spreadsheets quote a cell that holds a line break, a tab or a quote, and double the quotes inside it.
  var QUOTED = /^"((?:[^"]|"")*)"(?=[\t\n]|$)/, BARE = /^[^\t\n]*/;
  function table(text) {
    var rest = text.replace(/\r\n?/g, "\n"), lines = [[]];
    while (rest) {
      var quoted = QUOTED.exec(rest), found = quoted || BARE.exec(rest), after = rest.charAt(found[0].length);
      lines[lines.length - 1].push((quoted ? quoted[1].replace(/""/g, '"') : found[0]).trim());
      rest = rest.slice(found[0].length + 1);
      if (after === "\n") { lines.push([]); } else if (after === "\t" && !rest) { lines[lines.length - 1].push(""); }
    }
    lines = lines.map(function (cells) { return cells.length ? cells : [""]; });
    while (lines.length && !lines[lines.length - 1].some(Boolean)) { lines.pop(); }
    return lines;
  }
  // A cell as a change of its row: a word for an outcome, or a number of hours; null for neither.
  function meaning(cell) {
    var state = words.pasted[plain(cell)], number = cell.normalize("NFKC").trim();
    if (state) { return { state: state }; }
    return /^\d+(\.\d+)?$/.test(number) ? { state: "attended", typed: String(Number(number)) } : null;
  }

  // Who came without enrolment attended: no other outcome can be pasted on them.
  function fits(row, meant) { return meant.state === "attended" || !!row.radios[meant.state]; }

  function downwards(lines, row) {
    var result = { changes: [], unread: [], beyond: 0 };
    lines.forEach(function (cells, n) {
      var target = sheet.shown[row.at + n], meant = meaning(cells[0]);
      if (!target) { result.beyond += 1; } else if (cells[0] && (!meant || !fits(target, meant))) { result.unread.push(target.name + " (" + cells[0] + ")"); } else if (meant) { result.changes.push(Object.assign({ row: target }, meant)); }
    });
    return result;
  }

  function heading(cells) {
    var found = {};
    cells.forEach(function (cell, n) {
      Object.keys(words.columns).forEach(function (kind) { if (words.columns[kind].map(plain).indexOf(plain(cell)) >= 0 && found[kind] === undefined) { found[kind] = n; } });
    });
    return found;
  }
  function people() {
    var names = new Map();
    sheet.rows.forEach(function (row) { var name = plain(row.name); names.set(name, (names.get(name) || []).concat(row)); });
    return names;
  }
  function byName(lines) {
    var columns = heading(lines[0]), names = people(), result = { changes: [], unread: [], unmatched: [], twice: [] };
    var headed = columns.name !== undefined && (columns.hours !== undefined || columns.state !== undefined);
    (headed ? lines.slice(1) : lines).forEach(function (cells) {
      var at = headed ? columns.name : cells.findIndex(function (cell) { return names.has(plain(cell)); });
      var name = at < 0 ? cells.join(" ") : cells[at];
      var found = at < 0 ? [] : names.get(plain(name)) || [];
      if (found.length > 1 && cells.length > 2) { found = found.filter(function (row) { return cells.map(plain).indexOf(plain(row.unit)) >= 0; }); if (!found.length) { found = names.get(plain(name)); } }
      var meant = headed ? headedMeaning(cells, columns) : bareMeaning(cells, at);
      if (!name.trim()) { return; }
      if (!found.length) { result.unmatched.push(name); } else if (found.length > 1) { result.twice.push(name); } else if (!meant || !fits(found[0], meant)) { result.unread.push(name); } else { result.changes.push(Object.assign({ row: found[0] }, meant)); }
    });
    return result;
  }
  // An outcome in words decides; hours count for who attended. What is not understood decides nothing.
  function together(state, hours) {
    return state && state.state !== "attended" ? state : hours || state;
  }
  function headedMeaning(cells, columns) {
    var said = columns.state === undefined ? "" : cells[columns.state] || "", number = columns.hours === undefined ? "" : cells[columns.hours] || "";
    var state = said ? meaning(said) : null, hours = number ? meaning(number) : null;
    if ((said && !state) || (number && !hours && (!state || state.state === "attended"))) { return null; }
    return together(state, hours);
  }
  // Without a heading: the one outcome in words, and the last number behind the name (a number before it counts the lines).
  function bareMeaning(cells, at) {
    var states = {}, hours = null;
    cells.forEach(function (cell, n) {
      var meant = n === at ? null : meaning(cell);
      if (meant && meant.typed === undefined) { states[meant.state] = meant; } else if (meant && n > at) { hours = meant; }
    });
    var said = Object.keys(states);
    return said.length > 1 ? null : together(said.length ? states[said[0]] : null, hours);
  }

  function list(names) { return names.slice(0, 12).join("、") + (names.length > 12 ? " …" : ""); }
  function tell(result, done) {
    var text = [sheet.fill(said.pasted, { count: done })];
    ["unmatched", "twice", "unread"].forEach(function (kind) { if (result[kind] && result[kind].length) { text.push(sheet.fill(said[kind], { names: list(result[kind]) })); } });
    if (result.beyond) { text.push(sheet.fill(said.beyond, { count: result.beyond })); }
    place.className = "alert alert-" + (text.length > 1 ? "warning" : "info");
    place.textContent = text.join(" ");
    place.hidden = false;
    sheet.say(text.join(" "));
  }

  document.getElementById("people").addEventListener("paste", function (event) {
    var row = sheet.of(event.target), text = (event.clipboardData || window.clipboardData).getData("text/plain"), lines = table(text);
    if (!row || !lines.length) { return; }
    var wide = lines.some(function (cells) { return cells.length > 1; });
    if (!wide && lines.length === 1 && event.target === row.field && !words.pasted[plain(text)]) { return; }
    event.preventDefault();
    var result = wide ? byName(lines) : downwards(lines, row);
    tell(result, sheet.change(result.changes));
  });
})();
