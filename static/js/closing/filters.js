// Finding and filtering people, and marking everybody shown. Counts come from the sheet's running totals.
(function () {
  "use strict";
  var sheet = window.Sheet;
  if (!sheet) { return; }
  var form = sheet.form, tools = form.querySelector("[data-tools]"), said = sheet.words.said;
  var find = form.querySelector("[data-find]"), chips = tools.querySelectorAll("[data-show]"), show = "all";
  var undo = tools.querySelector("[data-undo]"), redo = tools.querySelector("[data-redo]");
  var counts = {}, wait = 0, summary = document.getElementById("row-errors");
  tools.querySelectorAll("[data-count]").forEach(function (place) { counts[place.dataset.count] = place; });

  function wrong(row) { return row.state === "attended" && isNaN(sheet.tenths(row.typed)); }
  var kinds = {
    all: function () { return true; },
    odd: function (row) { return row.state !== "attended" || row.typed !== sheet.words.full || row.special; },
    absent: function (row) { return row.state === "absent"; },
    excused: function (row) { return row.state === "excused"; },
    wrong: wrong
  };

  function sieve() {
    var words = find.value.normalize("NFKC").toLowerCase().trim(), wanted = kinds[show], shown = [];
    sheet.rows.forEach(function (row) {
      var fits = row.find.indexOf(words) >= 0 && wanted(row);
      if (row.element.hidden === fits) { row.element.hidden = !fits; }
      if (fits) { row.at = shown.length; shown.push(row); } else { row.at = -1; }
    });
    sheet.shown = shown;
    form.querySelector("[data-nobody]").hidden = shown.length > 0 || !sheet.rows.length;
    tools.querySelector("[data-shown]").textContent = sheet.fill(said.shown, { count: shown.length });
    form.dispatchEvent(new CustomEvent("sheet:sieved"));
  }
  function choose(kind) {
    show = kind;
    chips.forEach(function (chip) { chip.setAttribute("aria-pressed", String(chip.dataset.show === kind)); });
    sieve();
    sheet.say(sheet.fill(said.shown, { count: sheet.shown.length }));
  }
  sheet.onPaint(function (sums) {
    Object.keys(counts).forEach(function (name) {
      var text = String(sums[name]);
      if (counts[name].textContent !== text) { counts[name].textContent = text; }
    });
    var chip = counts.wrong.parentNode, none = sums.wrong === 0 && show !== "wrong", can = sheet.can();
    if (chip.hidden !== none) { chip.hidden = none; }
    if (summary && summary.hidden !== (sums.wrong === 0)) { summary.hidden = sums.wrong === 0; }
    if (undo.disabled === can.undo) { undo.disabled = !can.undo; }
    if (redo.disabled === can.redo) { redo.disabled = !can.redo; }
  });

  function many(changes) {
    var done = sheet.change(changes);
    sheet.say(sheet.fill(said.many, { count: done }));
    tools.querySelector("details").open = false;
  }
  function setHours() {
    var field = tools.querySelector("[data-bulk]"), typed = field.value.normalize("NFKC").trim(), bad = isNaN(sheet.tenths(typed));
    tools.querySelector("[data-bulk-error]").textContent = bad ? sheet.words.bounds : "";
    field.setAttribute("aria-invalid", String(bad));
    if (bad) { field.focus(); return; }
    many(sheet.shown.filter(function (row) { return row.state === "attended" && !row.helper; }).map(function (row) { return { row: row, state: row.state, typed: typed }; }));
  }

  tools.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) { return; }
    if (button.dataset.show) { choose(button.dataset.show); }
    if (button.dataset.all) { many(sheet.shown.map(function (row) { return { row: row, state: button.dataset.all }; })); }
    if (button.hasAttribute("data-bulk-set")) { setHours(); }
    if (button === undo) { sheet.undo(); }
    if (button === redo) { sheet.redo(); }
  });
  tools.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.matches("input")) { return; }
    event.preventDefault();
    if (event.target === find && sheet.shown.length) { form.dispatchEvent(new CustomEvent("sheet:enter")); }
    if (event.target.matches("[data-bulk]")) { setHours(); }
  });
  find.addEventListener("input", function () { window.clearTimeout(wait); wait = window.setTimeout(sieve, 80); });
  tools.hidden = false;
  sieve();
})();
