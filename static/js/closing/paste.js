// Pasting from a spreadsheet: one column goes downwards from the cell; columns with a name find their people wherever they stand.
(function () {
  "use strict";
  var sheet = window.Sheet;
  if (!sheet) { return; }
  var words = sheet.words, said = words.said, place = sheet.form.querySelector("[data-pasted]");

  function plain(text) { return text.normalize("NFKC").replace(/\s+/g, "").toLowerCase(); }
  function table(text) {
    var lines = text.replace(/\r\n?/g, "\n").split("\n");
    while (lines.length && !lines[lines.length - 1].trim()) { lines.pop(); }
    return lines.map(function (line) { return line.split("\t").map(function (cell) { return cell.trim(); }); });
  }
  // A cell as a change of its row: a word for an outcome, or a number of hours; null for neither.
  function meaning(cell) {
    var state = words.pasted[plain(cell)], number = cell.normalize("NFKC").trim();
    if (state) { return { state: state }; }
    return /^\d+(\.\d+)?$/.test(number) ? { state: "attended", typed: String(Number(number)) } : null;
  }

  function downwards(lines, row) {
    var result = { changes: [], unread: [], beyond: 0 };
    lines.forEach(function (cells, n) {
      var target = sheet.shown[row.at + n], meant = meaning(cells[0]);
      if (!target) { result.beyond += 1; } else if (cells[0] && !meant) { result.unread.push(target.name + " (" + cells[0] + ")"); } else if (meant) { result.changes.push(Object.assign({ row: target }, meant)); }
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
      var meant = headed ? headedMeaning(cells, columns) : cells.map(function (cell, n) { return n === at ? null : meaning(cell); }).filter(Boolean).pop();
      if (!name.trim()) { return; }
      if (!found.length) { result.unmatched.push(name); } else if (found.length > 1) { result.twice.push(name); } else if (!meant) { result.unread.push(name); } else { result.changes.push(Object.assign({ row: found[0] }, meant)); }
    });
    return result;
  }
  // An outcome in words decides; hours count for who attended.
  function headedMeaning(cells, columns) {
    var state = columns.state === undefined ? null : meaning(cells[columns.state] || "");
    var hours = columns.hours === undefined ? null : meaning(cells[columns.hours] || "");
    return state && state.state !== "attended" ? state : hours || state;
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
