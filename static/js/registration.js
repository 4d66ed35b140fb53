// The registration form's rows: added and removed without a request, by keyboard too. Without JavaScript the same buttons send the form.
(function () {
  "use strict";

  function dress(root) {
    root.querySelectorAll("[data-without-script]").forEach(function (piece) { piece.hidden = true; });
    root.querySelectorAll("[data-formset-remove]").forEach(function (button) { button.hidden = false; });
  }

  // Each button says which row it removes.
  function name(holder) {
    visible(holder).forEach(function (row, index) {
      var place = row.querySelector("[data-row-name]");
      if (place) { place.textContent = " " + holder.dataset.rowName + " " + (index + 1); }
    });
  }

  function visible(holder) {
    return Array.prototype.filter.call(holder.querySelectorAll("[data-formset-row]"), function (row) { return !row.hidden; });
  }

  function changed(inside) {
    inside.closest("form").dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.querySelectorAll("template[data-formset-empty]").forEach(function (blank) { dress(blank.content); });
  document.querySelectorAll("[data-formset]").forEach(function (holder) { dress(holder); name(holder); });

  // app.js adds and hides the row; here its button is kept from sending the form, and the focus goes to where the person goes on.
  document.addEventListener("click", function (event) {
    var add = event.target.closest("[data-formset-add]");
    var remove = event.target.closest("[data-formset-remove]");
    if (add) {
      event.preventDefault();
      name(document.querySelector('[data-formset="' + add.dataset.formsetAdd + '"]'));
    }
    if (remove) {
      var holder = remove.closest("[data-formset]");
      name(holder);
      var last = visible(holder).pop();
      var next = last ? last.querySelector("[data-formset-remove]") : document.querySelector('[data-formset-add="' + holder.dataset.formset + '"]');
      next.focus();
      changed(holder);
    }
  });

  // A form that is on its way is not checked any more: the page that comes says it all.
  document.addEventListener("htmx:beforeRequest", function (event) {
    var form = event.target.closest("form[data-sent]");
    if (form) { event.preventDefault(); }
  });

  // The address of a new course names its page: the way back in the browser then leads to the draft that was saved from it.
  var key = document.querySelector("[data-form-key]");
  if (key) {
    var address = new URL(window.location.href);
    address.searchParams.set("form", key.value);
    window.history.replaceState(window.history.state, "", address);
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.id === "repeat_weeks") {
      event.preventDefault();
      document.querySelector('button[name="repeat"]').click();
    }
  });
})();
