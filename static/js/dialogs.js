// Questions (data-confirm), short notes (toasts), menus that close by themselves, the message when the line is down. No inline code, no eval.
(function () {
  "use strict";
  var ask = document.getElementById("confirm");

  // --- The question before an act. Without a script the act goes on without it: nothing here is a guard.
  // The yes names the act, by the label of the button that was pressed (without a count in brackets); the no is the same everywhere.
  function question(text, act, chosen, then) {
    text = text.replace("{n}", chosen.length);
    if (!ask || !ask.showModal) { if (window.confirm([text].concat(chosen).join("\n"))) { then(); } return; }
    ask.querySelector("#confirm-text").textContent = text;
    name(chosen);
    ask.querySelectorAll("[data-words]").forEach(function (answer) { answer.textContent = answer.dataset.words.replace("{act}", act); });
    ask.returnValue = "no";
    ask.onclose = function () { ask.onclose = null; if (ask.returnValue === "yes") { then(); } };
    ask.showModal();
    ask.querySelector("[value=no]").focus();
  }
  function name(chosen) {
    var list = ask.querySelector("#confirm-list");
    list.hidden = !chosen.length;
    list.textContent = "";
    chosen.forEach(function (words) { var row = document.createElement("li"); row.textContent = words; list.appendChild(row); });
  }
  // data-confirm-list names check boxes: what is ticked is named in the question; without a tick there is nothing to ask.
  function ticked(form, group) {
    var boxes = Array.prototype.filter.call(form.querySelectorAll('input[type="checkbox"]:checked'), function (box) { return box.name === group; });
    var words = boxes.map(function (box) { return box.dataset.says || box.getAttribute("aria-label"); });
    return words.filter(function (one, n) { return words.indexOf(one) === n; });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    var text = (button && button.dataset.confirm) || form.dataset.confirm;
    if (!text || form.dataset.agreed) { delete form.dataset.agreed; return; }
    var group = button && button.dataset.confirm ? button.dataset.confirmList : form.dataset.confirmList;
    var chosen = group ? ticked(form, group) : [];
    if (group && !chosen.length) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    var pressed = button || form.querySelector("button[type=submit], button:not([type])");
    var act = pressed ? pressed.textContent.replace(/\s*[(（]\s*\d*\s*[)）]\s*/g, "").replace(/\s+/g, " ").trim() : "";
    question(text, act, chosen, function () { form.dataset.agreed = "1"; form.requestSubmit(button || undefined); });
  }, true);

  // --- Short notes: an answer may carry the header HX-Trigger: {"toast": {"text": "…", "level": "success"}}.
  function toast(text, level) {
    var place = document.getElementById("toasts"), note = document.createElement("div");
    note.className = "note note-" + (level || "info");
    note.textContent = text;
    place.appendChild(note);
    window.setTimeout(function () { note.remove(); }, 8000);
  }
  document.addEventListener("toast", function (event) { toast(event.detail.text || event.detail.value, event.detail.level); });

  // --- Menus are <details class="menu">: one open at a time; a click elsewhere and Escape close them.
  function closeMenus(but) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) { if (menu !== but) { menu.open = false; } });
  }
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  var fold = document.querySelector("[data-nav-fold]");
  if (fold) {
    fold.addEventListener("click", function () {
      var open = fold.getAttribute("aria-expanded") !== "true";
      fold.setAttribute("aria-expanded", String(open));
      document.getElementById("mainnav-list").classList.toggle("shown", open);
    });
  }

  // --- The line is down: say so, and keep forms from being sent into nothing.
  var offline = document.getElementById("offline");
  function line(down) { if (offline) { offline.hidden = !down; } }
  window.addEventListener("offline", function () { line(true); });
  window.addEventListener("online", function () { line(false); });
  document.addEventListener("htmx:sendError", function () { line(true); });
  document.addEventListener("htmx:timeout", function () { line(true); });
  document.addEventListener("htmx:afterRequest", function (event) { if (event.detail.successful) { line(false); } });
  document.addEventListener("submit", function (event) {
    // The list of a session keeps what it cannot send (static/js/attendance.js).
    if (!navigator.onLine && !event.target.matches("[data-signs]")) { event.preventDefault(); event.stopImmediatePropagation(); line(true); offline.scrollIntoView(); }
  }, true);
  line(!navigator.onLine);

  // --- A page with errors opens at their list.
  var wrong = document.querySelector("[data-errors]");
  if (wrong) { wrong.focus(); }
})();
