// The projector's page: fills the screen, and keeps it awake. No inline code, no eval (Content-Security-Policy).
(function () {
  "use strict";
  var button = document.querySelector("[data-full-screen]");
  var place = document.getElementById("projector");
  if (!button || !place || !place.requestFullscreen) { return; }
  button.hidden = false;
  button.addEventListener("click", function () {
    place.requestFullscreen();
    if (navigator.wakeLock) { navigator.wakeLock.request("screen").catch(function () { /* the screen may sleep */ }); }
  });
})();
