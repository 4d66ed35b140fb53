// After a scan the sign is sent by itself; without this script the person presses the button. The own code is shown anew each minute.
(function () {
  "use strict";
  var scanned = document.querySelector("[data-scanned]");
  if (scanned) { scanned.requestSubmit(scanned.querySelector("button")); return; }
  document.querySelectorAll("details[data-own]").forEach(function (box) {
    var key = "own-code-open";
    if (sessionStorage.getItem(key)) { box.open = true; }
    box.addEventListener("toggle", function () {
      if (box.open) { sessionStorage.setItem(key, "1"); } else { sessionStorage.removeItem(key); }
    });
  });
  window.setInterval(function () {
    var typed = Array.prototype.some.call(document.querySelectorAll("input:not([type=hidden])"), function (f) { return f.value; });
    if (document.querySelector("details[data-own][open]") && !typed && document.visibilityState === "visible") { window.location.reload(); }
  }, 50000);
})();
