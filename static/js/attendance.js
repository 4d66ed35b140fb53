// The organiser's list of a session: signs by hand without leaving the page, kept on this device while there is no network.
// Without this script every button is an ordinary form. No inline code, no eval (Content-Security-Policy).
(function () {
  "use strict";
  var form = document.getElementById("signs");
  var find = document.querySelector("[data-find]");
  var said = document.getElementById("said");
  var words = JSON.parse(document.getElementById("attendance-words").textContent);
  var box = document.querySelector("[data-kept]");
  var drop = document.querySelector("[data-kept-drop]");
  var timer = null;

  if (find) {
    find.addEventListener("input", filter);
    find.form.addEventListener("submit", function (event) { event.preventDefault(); filter(); });
    document.body.addEventListener("htmx:afterSettle", function () { if (find.value) { filter(); } });
  }
  function filter() {
    var wanted = find.value.trim().toLowerCase(), shown = 0;
    document.querySelectorAll("[data-person]").forEach(function (row) {
      var text = row.querySelector("[data-name]").textContent + " " + row.querySelector("[data-unit]").textContent;
      row.hidden = text.toLowerCase().indexOf(wanted) < 0;
      if (!row.hidden) { shown += 1; }
    });
    var nobody = document.querySelector("[data-nobody]");
    if (nobody) { nobody.hidden = shown > 0; }
  }
  if (!form) { return; }

  // What is kept is a number and a time for each sign, never a name; it is erased as soon as the site has it.
  var key = "signs:" + form.dataset.signs;
  function kept() {
    try { return JSON.parse(localStorage.getItem(key)) || []; } catch (broken) { return []; }
  }
  function keep(marks) {
    if (marks.length) { localStorage.setItem(key, JSON.stringify(marks)); } else { localStorage.removeItem(key); }
    if (box) {
      box.hidden = !marks.length;
      box.querySelector("[data-kept-said]").textContent = words.kept.replace("%(n)s", marks.length);
      drop.hidden = true;
    }
    window.clearTimeout(timer);
    if (marks.length) { timer = window.setTimeout(send, 5000); }
  }
  function post(name, value) {
    var body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append(name, value);
    return fetch(form.getAttribute("action"), { method: "POST", body: body, headers: { Accept: "application/json" }, credentials: "same-origin" });
  }
  function tell(text, isWrong) {
    said.textContent = text;
    if (isWrong && box) { box.hidden = false; box.querySelector("[data-kept-said]").textContent = text; }
  }
  function done(response) {
    if (response.redirected || (response.headers.get("Content-Type") || "").indexOf("json") < 0) { throw new Error("away"); }
    return response.json().then(function (answer) {
      tell(answer.said, !response.ok);
      document.body.dispatchEvent(new CustomEvent("signed"));
      return answer;
    });
  }
  function send() {
    var marks = kept();
    if (!marks.length) { return; }
    post("marks", JSON.stringify(marks)).then(function (response) {
      // Refused (the course was closed meanwhile): the sentence is shown, and the marks stay until the organiser erases them.
      return done(response).then(function (answer) {
        if (!response.ok) { drop.hidden = false; return; }
        // The marks are erased; for whom it was too late is shown.
        keep(kept().slice(marks.length));
        if (answer.left_out) { tell(answer.said, true); }
      });
    }).catch(function () { timer = window.setTimeout(send, 5000); });
  }

  form.addEventListener("submit", function (event) {
    var button = event.submitter;
    if (!button || !button.name) { return; }
    event.preventDefault();
    event.stopPropagation();
    button.disabled = true;
    var at = Math.floor(Date.now() / 1000);
    post(button.name, button.value).then(done).catch(function () {
      button.disabled = false;
      if (button.name !== "sign") { tell(words.offline, true); return; }
      var person = button.closest("[data-person]");
      button.disabled = true;
      if (person) { person.dataset.came = ""; }
      keep(kept().concat([[button.value, at]]));
    }).then(function () { if (button.isConnected && button.name !== "sign") { button.disabled = false; } });
  }, true);
  window.addEventListener("online", send);
  if (drop) { drop.addEventListener("click", function () { keep([]); }); }
  keep(kept());
  send();
})();
