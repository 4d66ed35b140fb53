// The second step of a log-in by a passkey or security key: connects the button of the page with the library's code.
(function () {
  "use strict";
  var button = document.getElementById("mfa_webauthn_authenticate");
  window.allauth.webauthn.forms.authenticateForm({ ids: { authenticate: button.id, credential: button.dataset.credential, data: "js_data" } });
})();
