// The organiser reads a teacher's own code by the camera, one person after the other. The picture never leaves this device.
// Without the script, a camera or a browser that reads codes, the eight digits are typed. No inline code, no eval (Content-Security-Policy).
(function () {
  "use strict";
  var form = document.querySelector(".own-code"), start = document.querySelector("[data-scan-start]");
  var panel = document.querySelector("[data-scan]");
  if (!form || !panel || !("BarcodeDetector" in window) || !navigator.mediaDevices) { return; }
  var words = JSON.parse(document.getElementById("attendance-words").textContent);
  var video = panel.querySelector("video"), kind = panel.querySelector("select"), said = panel.querySelector("[data-scan-said]");
  var detector = null, stream = null, timer = null, last = "", sending = false;

  window.BarcodeDetector.getSupportedFormats().then(function (formats) {
    start.hidden = formats.indexOf("qr_code") < 0;
  }).catch(function () { start.hidden = true; });

  function stop() {
    window.clearTimeout(timer);
    if (stream) { stream.getTracks().forEach(function (track) { track.stop(); }); }
    stream = null;
    panel.hidden = true;
    start.focus();
  }
  function look() {
    timer = window.setTimeout(look, 300);
    if (sending || video.readyState < 2) { return; }
    detector.detect(video).then(function (found) {
      var code = found.length ? found[0].rawValue.trim() : "";
      // One code is one sign, however long the phone is held before the camera.
      if (stream && /^\d{8}$/.test(code) && code + kind.value !== last) { last = code + kind.value; send(code); }
    }).catch(function () { /* A picture that cannot be read: the next one follows. */ });
  }
  function send(code) {
    var body = new FormData();
    sending = true;
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("own_code", code);
    body.append("kind", kind.value);
    fetch(form.getAttribute("action"), { method: "POST", body: body, headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (response) { return response.json(); })
      .then(function (answer) {
        said.textContent = answer.said;
        document.body.dispatchEvent(new CustomEvent("signed"));
      })
      .catch(function () { said.textContent = words.offline; last = ""; })
      .then(function () { sending = false; });
  }

  start.addEventListener("click", function () {
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(function (opened) {
      stream = opened;
      detector = detector || new window.BarcodeDetector({ formats: ["qr_code"] });
      last = "";
      said.textContent = words.hold;
      video.srcObject = stream;
      panel.hidden = false;
      video.play();
      kind.focus();
      look();
    }).catch(function () { document.getElementById("said").textContent = words.camera; form.elements.own_code.focus(); });
  });
  panel.querySelector("[data-scan-stop]").addEventListener("click", stop);
  window.addEventListener("pagehide", function () { if (stream) { stop(); } });
})();
