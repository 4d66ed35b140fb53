// Warns before the session ends and keeps what was typed, in this tab only, until the person is back. No inline code, no eval.
(function () {
  "use strict";
  var box = document.getElementById("session-warning");
  var person = document.body.dataset.person;
  var prefix = "typed:";

  function key() { return prefix + person + ":" + location.pathname; }
  function forms() { return document.querySelectorAll("main form[method='post']:not([data-no-keep])"); }
  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (f) {
      return f.name && f.name !== "csrfmiddlewaretoken" && ["password", "file", "hidden", "submit", "button"].indexOf(f.type) < 0;
    });
  }
  // Not `form.action`: a button of that name stands before it.
  function target(form) { return form.getAttribute("action") || location.pathname; }
  function keep() {
    var kept = [];
    forms().forEach(function (form) {
      fields(form).forEach(function (f) { kept.push([target(form), f.name, f.value, f.type === "checkbox" || f.type === "radio" ? f.checked : null]); });
    });
    try { sessionStorage.setItem(key(), JSON.stringify(kept)); } catch (full) { /* the page works without */ }
  }
  function give() {
    var text = sessionStorage.getItem(key());
    if (!text) { return; }
    sessionStorage.removeItem(key());
    var seen = {}, named = new Map();
    forms().forEach(function (form) {
      fields(form).forEach(function (f) {
        var place = target(form) + " " + f.name;
        named.set(place, (named.get(place) || []).concat(f));
      });
    });
    JSON.parse(text).forEach(function (row) {
      (named.get(row[0] + " " + row[1]) || []).forEach(function (f) {
        if (row[3] !== null) { if (f.value === row[2]) { f.checked = row[3]; } return; }
        var n = seen[f.name] || 0;
        if (f.value === f.defaultValue || n === 0) { f.value = row[2]; seen[f.name] = n + 1; }
      });
    });
    var told = document.getElementById("session-restored");
    if (told) { told.hidden = false; }
  }
  // Logging out on purpose, or another person at this computer, clears what was kept.
  function clear(allButOwn) {
    for (var i = sessionStorage.length - 1; i >= 0; i -= 1) {
      var name = sessionStorage.key(i);
      if (name.indexOf(prefix) === 0 && !(allButOwn && name.indexOf(prefix + person + ":") === 0)) { sessionStorage.removeItem(name); }
    }
  }
  document.addEventListener("submit", function (event) {
    if (event.target.matches("[data-logout]")) { clear(false); }
  });
  if (!box || !person) { return; }
  clear(true);
  give();

  var ends = Date.now() + parseInt(box.dataset.seconds, 10) * 1000;
  var ahead = Math.min(120, parseInt(box.dataset.seconds, 10) / 3) * 1000;
  function show() {
    var left = Math.max(0, Math.round((ends - Date.now()) / 1000));
    box.hidden = left * 1000 > ahead;
    if (!box.hidden) { box.querySelector("[data-left]").textContent = Math.floor(left / 60) + ":" + ("0" + (left % 60)).slice(-2); }
    if (left <= 0) { keep(); box.querySelector("[data-stay]").hidden = true; box.querySelector("[data-again]").hidden = false; }
  }
  function ask(method) {
    var token = document.querySelector("[name=csrfmiddlewaretoken]");
    return fetch(box.dataset.url, { method: method, headers: token ? { "X-CSRFToken": token.value } : {}, credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (facts) { ends = Date.now() + facts.left * 1000; show(); })
      .catch(function () { /* off line: the clock goes on */ });
  }
  box.querySelector("[data-stay]").addEventListener("click", function () { ask("POST"); });
  // Other tabs may have gone on meanwhile: ask before warning.
  var asked = false;
  window.setInterval(function () {
    if (ends - Date.now() <= ahead && !asked) { asked = true; keep(); ask("GET").then(function () { asked = ends - Date.now() <= ahead; }); }
    show();
  }, 1000);
})();
