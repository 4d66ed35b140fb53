// The draft saves itself a second after the last change; the question before closing; a colleague's work is said, never passed over.
(function () {
  "use strict";
  var sheet = window.Sheet;
  if (!sheet) { return; }
  var form = sheet.form, said = sheet.words.said, place = form.querySelector("[data-draft-said]"), news = document.getElementById("news");
  var address = form.getAttribute("action");
  var base = form.elements.draft_base, key = form.elements.request_key, url = form.dataset.draft;
  var left = "left:" + location.pathname;
  var kept = "typed:" + document.body.dataset.person + ":" + location.pathname;
  var PAUSE = 1000, AGAIN = 15000, timer = 0, dirty = false, busy = false, blocked = false, leaving = false;

  function body(act) {
    var data = new URLSearchParams(sheet.data());
    if (act) { data.set("action", act); }
    return data;
  }
  function send(address, data) { return window.fetch(address, { method: "POST", body: data, credentials: "same-origin", headers: { Accept: "application/json" } }); }
  function status(text) { place.textContent = text; }
  function later(pause) { window.clearTimeout(timer); timer = window.setTimeout(save, pause); }
  function tell(html) {
    news.innerHTML = html;
    var wrong = news.querySelector("[data-errors]");
    if (wrong) { wrong.focus(); wrong.scrollIntoView({ block: "nearest" }); }
    if (news.querySelector("[data-final]")) { blocked = true; dirty = false; form.inert = true; status(""); }
  }

  // --- Saving: one request at a time; what changes meanwhile is saved after it -------------------------------------------
  function save() {
    if (!dirty || busy || blocked || leaving) { return; }
    busy = true;
    dirty = false;
    status(said.saving);
    send(url, body()).then(answered, failed).then(function () { busy = false; if (dirty && !blocked) { later(PAUSE); } });
  }
  function answered(answer) {
    if (answer.redirected || (!answer.ok && answer.status !== 409)) { return failed(); }
    return answer.json().then(function (facts) {
      if (answer.status === 409) { blocked = true; dirty = true; status(said.unsaved); tell(facts.html); return; }
      base.value = facts.version;
      status(facts.said);
      try { sessionStorage.removeItem(kept); } catch (none) { /* the page works without */ }
      if (facts.html) { tell(facts.html); }
    }, failed);
  }
  // The line is down or the session is over: session.js gives back what is kept here after the log-in.
  function failed() {
    dirty = true;
    status(said.failed);
    var rows = [];
    sheet.rows.forEach(function (row) {
      Object.keys(row.radios).forEach(function (state) { rows.push([address, row.radios[state].name, state, state === row.state]); });
      rows.push([address, row.field.name, row.typed, null]);
    });
    try { sessionStorage.setItem(kept, JSON.stringify(rows)); } catch (full) { /* the page works without */ }
    window.setTimeout(save, AGAIN);
  }
  form.addEventListener("sheet:changed", function () { dirty = true; if (!busy && !blocked) { status(said.unsaved); } later(PAUSE); });
  if (form.hasAttribute("data-unsaved") || !document.getElementById("session-restored").hidden) { dirty = true; blocked = !!news.querySelector(".conflict"); later(PAUSE); }

  // --- Leaving: the last second is sent along; a page that waits for a choice asks --------------------------------------
  document.addEventListener("submit", function (event) { if (event.target === form) { leaving = true; window.clearTimeout(timer); } });
  function flush() {
    if (!dirty || blocked || leaving) { return; }
    dirty = !navigator.sendBeacon(url, body());
    try { sessionStorage.setItem(left, base.value); } catch (none) { /* the page works without */ }
  }
  window.addEventListener("beforeunload", function (event) { if (dirty && blocked && !leaving) { event.preventDefault(); } flush(); });
  window.addEventListener("pagehide", flush);
  window.addEventListener("pageshow", function (event) { if (event.persisted) { leaving = false; ask(); } });
  // What was sent on leaving may come after this page was asked for, on a slow line seconds after it: then the sheet is as old as it was.
  function lookForWhatWasSent() {
    var version = sessionStorage.getItem(left);
    sessionStorage.removeItem(left);
    if (version === base.value) { [300, 1500, 5000].forEach(function (pause) { window.setTimeout(ask, pause); }); }
  }
  try { lookForWhatWasSent(); } catch (none) { /* the page works without */ }

  // --- Coming back to the window: has somebody else been here? -----------------------------------------------------------
  function ask() {
    if (busy || blocked || leaving) { return; }
    window.fetch(url + "?" + new URLSearchParams({ base: base.value, page: key.value }), { credentials: "same-origin" }).then(function (answer) {
      if (answer.redirected || (!answer.ok && answer.status !== 409)) { return null; }
      return answer.json().then(function (facts) {
        if (facts.own && !dirty && !busy) { leaving = true; location.reload(); } else if (facts.html && !blocked) { tell(facts.html); }
      });
    }).catch(function () { /* the line is down: the next save says so */ });
  }
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { ask(); } });

  // --- The question before closing, asked of the server so that its answer is the truth ----------------------------------
  var dialog = document.getElementById("close-dialog"), button = form.querySelector("[data-closing-submit]");
  function wholePage() { form.requestSubmit(form.querySelector('[name="action"][value="check"]')); }
  button.addEventListener("click", function (event) {
    if (!dialog.showModal) { return; }
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") { return; }
    button.setAttribute("aria-busy", "true");
    send(address, body("confirm")).then(function (answer) {
      if (!answer.ok || answer.redirected) { wholePage(); return null; }
      return answer.text().then(function (html) {
        dialog.querySelector("[data-confirm-place]").innerHTML = html;
        dialog.showModal();
        dialog.querySelector("[data-close-now]").focus();
      });
    }).catch(wholePage).then(function () { button.removeAttribute("aria-busy"); });
  });
})();
