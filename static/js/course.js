// Copying an address or the short link of a course; without this the text is there to be marked by hand.
(function () {
  "use strict";
  if (!navigator.clipboard) { return; }
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var label = button.querySelector("[data-copy-label]");
      var before = label.textContent;
      navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim()).then(function () {
        label.textContent = button.dataset.done;
        label.setAttribute("role", "status");
        window.setTimeout(function () { label.textContent = before; }, 2500);
      });
    });
  });
})();
