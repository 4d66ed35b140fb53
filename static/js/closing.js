// The closing page: keys, filters and live totals. Without it the page still checks and closes on the server.
(function () {
  "use strict";
  var form = document.getElementById("closing");
  if (!form) { return; }
  var rows = Array.prototype.slice.call(form.querySelectorAll("[data-row]"));
  var full = parseFloat(form.dataset.fullHours);

  function stateOf(row) { var s = row.querySelector("[data-state]"); return s ? s.value : "attended"; }
  function hoursField(row) { return row.querySelector("[data-hours]"); }

  function dress(row) {
    var state = stateOf(row), field = hoursField(row);
    field.readOnly = state !== "attended";
    row.classList.toggle("table-warning", state === "excused");
    row.classList.toggle("table-danger", state === "absent");
    row.dataset.odd = state !== "attended" || parseFloat(field.value) !== full ? "1" : "";
  }

  function totals() {
    var sums = { attended: 0, absent: 0, excused: 0, hours: 0 };
    rows.forEach(function (row) {
      var state = stateOf(row), value = Number(hoursField(row).value);
      sums[state] += 1;
      if (state === "attended" && value > 0) { sums.hours += value; }
    });
    Object.keys(sums).forEach(function (name) {
      form.querySelector('[data-total="' + name + '"]').textContent = Math.round(sums[name] * 10) / 10;
    });
  }

  function set(row, state) {
    var select = row.querySelector("[data-state]");
    if (select) { select.value = state; changed(row); }
  }

  function changed(row) { dress(row); totals(); form.dataset.dirty = "1"; }

  function move(row, step, kind) {
    var shown = rows.filter(function (r) { return !r.hidden; });
    var next = shown[shown.indexOf(row) + step];
    if (next) { (next.querySelector(kind) || hoursField(next)).focus(); }
  }

  form.addEventListener("keydown", function (event) {
    var row = event.target.closest("[data-row]");
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      if (event.target.matches("[data-closing-walk-in]")) { form.requestSubmit(form.querySelector('[value="add"]')); }
      else if (row) { move(row, 1, "[data-hours]"); }
      return;
    }
    if (!row || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var kind = event.target.matches("[data-state]") ? "[data-state]" : "[data-hours]";
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(row, event.key === "ArrowDown" ? 1 : -1, kind); }
    else if (event.key === " ") { event.preventDefault(); set(row, stateOf(row) === "attended" ? "absent" : "attended"); }
    else if (event.key === "e" || event.key === "E") { event.preventDefault(); set(row, stateOf(row) === "excused" ? "attended" : "excused"); }
  });

  form.addEventListener("input", function (event) {
    var row = event.target.closest("[data-row]");
    if (row) { changed(row); }
  });

  form.addEventListener("focusin", function (event) { if (event.target.matches("[data-hours]")) { event.target.select(); } });

  function sieve() {
    var words = form.querySelector("[data-closing-find]").value.trim();
    var only = form.querySelector("[data-closing-only]").checked;
    rows.forEach(function (row) {
      row.hidden = (words && row.textContent.indexOf(words) < 0) || (only && !row.dataset.odd && !row.hasAttribute("data-exception"));
    });
  }

  form.querySelector("[data-closing-find]").addEventListener("input", sieve);
  form.querySelector("[data-closing-only]").addEventListener("change", sieve);
  form.querySelectorAll("[data-closing-all]").forEach(function (button) {
    button.addEventListener("click", function () { rows.forEach(function (row) { if (!row.hidden) { set(row, button.dataset.closingAll); } }); });
  });
  form.querySelector("[data-closing-tools]").hidden = false;
  rows.forEach(dress);
  totals();
})();
