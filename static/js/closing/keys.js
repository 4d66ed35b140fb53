// The keys of the sheet: one stop of the Tab key for the whole grid, arrows inside it. One listener for all rows.
(function () {
  "use strict";
  var sheet = window.Sheet;
  if (!sheet) { return; }
  var form = sheet.form, table = document.getElementById("people"), help = document.getElementById("keys");
  var OUTCOME = 0, HOURS = 1, PAGE = 10, stop = null;

  function cell(row, column) {
    if (column === HOURS) { return row.field; }
    return row.radios[row.state] || row.element.querySelector("[data-drop]") || row.field;
  }
  // The Tab key finds the cell where one was last.
  function settle(element) {
    if (stop === element) { return; }
    if (stop) { stop.tabIndex = -1; }
    stop = element;
    stop.tabIndex = 0;
  }
  function go(row, column) { if (row) { var element = cell(row, column); settle(element); element.focus(); } }
  function mark(row, state, column) {
    if (sheet.change([{ row: row, state: state }])) { sheet.say(sheet.told(row)); }
    if (column === OUTCOME) { go(row, OUTCOME); }
  }

  table.setAttribute("role", "grid");
  table.querySelectorAll("[role=cell]").forEach(function (one) { one.setAttribute("role", "gridcell"); });
  table.querySelectorAll("[data-row] input:not([type=hidden]), [data-row] button").forEach(function (element) { element.tabIndex = -1; });
  function entrance() { if (sheet.shown.length && (!stop || sheet.of(stop).at < 0)) { settle(cell(sheet.shown[0], OUTCOME)); } }
  form.addEventListener("sheet:sieved", entrance);
  form.addEventListener("sheet:enter", function () { go(sheet.shown[0], OUTCOME); });
  entrance();

  table.addEventListener("focusin", function (event) {
    var row = sheet.of(event.target);
    if (!row) { return; }
    settle(event.target.type === "radio" ? cell(row, OUTCOME) : event.target);
    if (event.target === row.field) { row.field.select(); }
  });

  var moves = {
    ArrowDown: function (row, column) { go(sheet.shown[row.at + 1], column); },
    ArrowUp: function (row, column) { go(sheet.shown[row.at - 1], column); },
    ArrowLeft: function (row) { go(row, OUTCOME); },
    ArrowRight: function (row) { go(row, HOURS); },
    PageDown: function (row, column) { go(sheet.shown[Math.min(row.at + PAGE, sheet.shown.length - 1)], column); },
    PageUp: function (row, column) { go(sheet.shown[Math.max(row.at - PAGE, 0)], column); },
    Home: function (row, column, event) { go(event.ctrlKey ? sheet.shown[0] : row, OUTCOME); },
    End: function (row, column, event) { go(event.ctrlKey ? sheet.shown[sheet.shown.length - 1] : row, HOURS); },
    Enter: function (row, column) { go(sheet.shown[row.at + 1], column); },
    " ": function (row, column) { mark(row, row.state === "attended" ? "absent" : "attended", column); },
    e: function (row, column) { mark(row, row.state === "excused" ? "attended" : "excused", column); }
  };
  // Inside a half-written number the side arrows move the caret, as in a spreadsheet's cell.
  function writing(field, key) {
    if (key !== "ArrowLeft" && key !== "ArrowRight") { return false; }
    var from = field.selectionStart, to = field.selectionEnd, size = field.value.length;
    return from === to && size > 0 && (key === "ArrowLeft" ? from > 0 : to < size);
  }
  // Composed text (Chinese input) and chords are left alone.
  function key(event) { return event.isComposing || event.altKey || event.metaKey ? "" : event.key.length === 1 ? event.key.normalize("NFKC").toLowerCase() : event.key; }

  table.addEventListener("keydown", function (event) {
    var row = sheet.of(event.target), pressed = key(event);
    if (!row || (event.target.matches("button") && (pressed === "Enter" || pressed === " "))) { return; }
    var column = event.target === row.field ? HOURS : OUTCOME;
    if (/^[0-9]$/.test(pressed) && !event.ctrlKey && (column === OUTCOME || row.field.readOnly)) {
      event.preventDefault();
      sheet.change([{ row: row, state: "attended", typed: pressed }], true);
      go(row, HOURS);
      row.field.setSelectionRange(1, 1);
      return;
    }
    var move = moves[pressed];
    if (!move || (event.ctrlKey && pressed !== "Home" && pressed !== "End") || (column === HOURS && writing(row.field, pressed))) { return; }
    event.preventDefault();
    move(row, column, event);
  });

  form.addEventListener("keydown", function (event) {
    var text = event.target.matches("textarea, input:not([data-hours]):not([type=radio])"), pressed = key(event);
    if (event.key === "Enter" && !event.shiftKey && event.target.matches("[data-walk-in-field]")) { event.preventDefault(); form.requestSubmit(form.querySelector("[data-walk-in-add]")); return; }
    if (event.key === "Enter" && event.target.matches("[data-guest-field]")) { event.preventDefault(); form.requestSubmit(form.querySelector("[data-walk-in-add-guest]")); return; }
    if (text) { return; }
    if (event.ctrlKey && (pressed === "z" || pressed === "y")) {
      event.preventDefault();
      var row = pressed === "y" || event.shiftKey ? sheet.redo() : sheet.undo();
      if (row && row.at >= 0) { go(row, event.target.matches("[data-hours]") ? HOURS : OUTCOME); }
    } else if (pressed === "?") { event.preventDefault(); help.showModal(); }
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-keys]")) { help.showModal(); }
    var close = event.target.closest("[data-close-dialog]");
    if (close) { close.closest("dialog").close(); }
  });
  // A link to a row that a filter hides shows it again.
  document.addEventListener("click", function (event) {
    var link = event.target.closest('a[href^="#hours_"]'), field = link && document.getElementById(link.hash.slice(1));
    if (!field) { return; }
    event.preventDefault();
    if (sheet.of(field).at < 0) { form.querySelector("[data-find]").value = ""; form.querySelector('[data-show="all"]').click(); }
    go(sheet.of(field), HOURS);
    field.scrollIntoView({ block: "center" });
  });
})();
