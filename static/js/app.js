// Small enhancements; every act works without them. No inline code, no eval (Content-Security-Policy).
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) { window.print(); }
    var add = event.target.closest("[data-formset-add]");
    if (add) { addRow(add.dataset.formsetAdd); }
    var remove = event.target.closest("[data-formset-remove]");
    if (remove) { removeRow(remove); }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    // Not `form.method`: a field of that name (方式) stands before it.
    if (form.dataset.sent && form.getAttribute("method") === "post") { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.dataset.dirty = "";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  // Coming back with the browser's button finds a usable form.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  document.addEventListener("change", function (event) {
    var all = event.target.closest("[data-select-all]");
    if (all) { boxes(all.dataset.selectAll).forEach(function (box) { box.checked = all.checked; }); }
    if (event.target.type === "checkbox") { count(); }
    var auto = event.target.closest("form[data-autosubmit]");
    if (auto) { auto.requestSubmit(); }
    var watched = event.target.closest("form[data-warn-unsaved]");
    if (watched) { watched.dataset.dirty = "1"; }
  });

  // --- The page that a form loads begins at what came of it: the template names that place (autofocus). Where it names none, the
  // heading is the place after an act; a search goes on at the same button or choice, as does what changes how pages look.
  var PLACE = "place-of-form";
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented) { return; }
    var own = Array.prototype.indexOf.call(form.elements, event.submitter || document.activeElement);
    var goesOn = form.getAttribute("method") !== "post" || form.hasAttribute("data-goes-on");
    remember(goesOn ? [location.pathname, Array.prototype.indexOf.call(document.forms, form), own] : []);
  });
  // A form that hands out a file leaves the page where it is.
  document.addEventListener("click", function (event) { if (event.target.closest("a[href]")) { remember(null); } });
  function remember(place) {
    try {
      if (place) { sessionStorage.setItem(PLACE, JSON.stringify(place)); } else { sessionStorage.removeItem(PLACE); }
    } catch (refused) { /* Without a storage the focus begins at the top. */ }
  }
  function begin() {
    var place;
    try { place = JSON.parse(sessionStorage.getItem(PLACE)); } catch (refused) { return; }
    remember(null);
    // Where the address names a part of the page, browsers leave `autofocus` aside.
    var part = location.hash && document.getElementById(location.hash.slice(1));
    if (!place || document.querySelector(part ? "[data-errors]" : "[autofocus], [data-errors]")) { return; }
    var form = place[0] === location.pathname && document.forms[place[1]];
    var at = part || (form && form.elements[place[2]]) || document.querySelector("main h1");
    if (!at) { return; }
    if (at.tabIndex < 0) { at.tabIndex = -1; }
    at.focus();
  }

  window.addEventListener("beforeunload", function (event) {
    if (document.querySelector('form[data-warn-unsaved][data-dirty="1"]')) { event.preventDefault(); }
  });

  function boxes(name) { return document.querySelectorAll('input[type="checkbox"][name="' + name + '"]:not(:disabled)'); }

  function count() {
    document.querySelectorAll("[data-selected-count]").forEach(function (place) {
      place.textContent = Array.prototype.filter.call(boxes(place.dataset.selectedCount), function (b) { return b.checked; }).length;
    });
  }

  function addRow(prefix) {
    var holder = document.querySelector('[data-formset="' + prefix + '"]');
    var total = document.querySelector('[name="' + prefix + '-TOTAL_FORMS"]');
    var blank = document.querySelector('template[data-formset-empty="' + prefix + '"]');
    if (!holder || !total || !blank) { return; }
    var piece = document.createElement("div");
    piece.innerHTML = blank.innerHTML.replace(/__prefix__/g, total.value);
    total.value = parseInt(total.value, 10) + 1;
    while (piece.firstElementChild) { holder.appendChild(piece.firstElementChild); }
    var rows = holder.querySelectorAll("[data-formset-row]");
    var first = rows.length && rows[rows.length - 1].querySelector("input:not([type=hidden]), select, textarea");
    if (first) { first.focus(); }
  }

  function removeRow(button) {
    var row = button.closest("[data-formset-row]");
    var mark = row && row.querySelector('input[name$="-DELETE"]');
    if (mark) { mark.checked = true; mark.value = "on"; row.hidden = true; }
  }

  // On a phone a table's rows become small cards: each cell carries its column's words. Roles keep it a table for screen readers.
  function role(list, name) { Array.prototype.forEach.call(list, function (one) { if (!one.hasAttribute("role")) { one.setAttribute("role", name); } }); }
  function stack(table) {
    var heads = table.querySelectorAll("thead th");
    if (!heads.length || table.classList.contains("stacked") || table.hasAttribute("data-plain")) { return; }
    table.classList.add("stacked");
    role([table], "table"); role(table.tHead.rows, "row"); role(heads, "columnheader");
    Array.prototype.forEach.call(table.tBodies, function (body) {
      role([body], "rowgroup"); role(body.rows, "row");
      Array.prototype.forEach.call(body.rows, function (row) {
        role(row.cells, "cell");
        Array.prototype.forEach.call(row.cells, function (cell, n) {
          var words = heads[n] && heads[n].textContent.trim();
          if (cell.textContent.trim() === "–") { cell.classList.add("none-yet"); }
          if (words && row.cells.length === heads.length && !isBlank(cell)) { cell.dataset.label = words; wrap(cell); }
        });
      });
    });
  }
  // Line breaks of the template are no content.
  function isBlank(cell) { return !cell.children.length && !cell.textContent.trim(); }
  // Label and content are two columns of a grid, so the content must be one piece.
  function wrap(cell) {
    if (cell.childNodes.length === 1) { return; }
    var piece = document.createElement("div");
    while (cell.firstChild) { piece.appendChild(cell.firstChild); }
    cell.appendChild(piece);
  }
  function scrollers() {
    document.querySelectorAll(".table-responsive").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) { box.tabIndex = 0; } else { box.removeAttribute("tabindex"); }
    });
  }
  // Browsers show days in Gregorian years: the ROC day stands below the field.
  function rocDay(field) {
    var part = field.value.split("-").map(Number), note = field.parentNode.querySelector(".roc-day");
    if (!note) {
      note = document.createElement("output");
      note.className = "roc-day form-text";
      note.htmlFor = field.id;
      field.after(note);
    }
    var chinese = document.documentElement.lang !== "en", year = part[0] - 1911, named = part.length === 3 && year > 0;
    var week = named ? "日一二三四五六".charAt(new Date(Date.UTC(part[0], part[1] - 1, part[2])).getUTCDay()) : "";
    note.textContent = !named ? "" : chinese ? "民國" + year + "年" + part[1] + "月" + part[2] + "日（" + week + "）" : "ROC year " + year;
  }
  document.addEventListener("input", function (event) { if (event.target.type === "date") { rocDay(event.target); } });

  function dress(root) {
    root.querySelectorAll('input[type="date"]').forEach(rocDay);
    if (window.matchMedia("(max-width: 575.98px)").matches) { root.querySelectorAll(".table-responsive > table").forEach(stack); }
    scrollers();
  }
  document.addEventListener("htmx:load", function (event) { dress(event.detail.elt.parentNode || document); count(); });
  window.addEventListener("resize", function () { dress(document); });
  dress(document);
  count();
  begin();
})();
