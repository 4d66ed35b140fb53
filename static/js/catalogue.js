// The catalogue's enhancements; search, facets, calendar and saved searches all work without them.
(function () {
  "use strict";

  var wide = window.matchMedia("(min-width: 992px)");
  var facetsOpen = false;

  // While a Chinese input method composes, half-written sounds are not searched for.
  document.addEventListener("input", function (event) {
    if (event.isComposing && event.target.id === "id_q") { event.stopImmediatePropagation(); }
  }, true);
  document.addEventListener("compositionend", function (event) {
    if (event.target.id === "id_q") { event.target.dispatchEvent(new Event("input", { bubbles: true })); }
  });

  // Short addresses: questions without an answer are left out.
  document.addEventListener("htmx:configRequest", function (event) {
    if (event.target.id !== "search") { return; }
    var asked = event.detail.parameters;
    Object.keys(asked).forEach(function (name) { if (asked[name] === "") { delete asked[name]; } });
  });

  function showFacets() {
    var facets = document.querySelector("[data-facets]");
    if (facets) { facets.open = wide.matches || facetsOpen; }
  }
  document.addEventListener("toggle", function (event) {
    if (event.target.matches("[data-facets]") && !wide.matches) { facetsOpen = event.target.open; }
  }, true);
  document.addEventListener("htmx:afterSwap", showFacets);
  // The fields above the results follow a click on a chip or on "clear all".
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.target.id !== "results" || event.detail.requestConfig.elt.id === "search") { return; }
    var asked = new URLSearchParams(window.location.search);
    ["q", "unit", "first", "last"].forEach(function (name) {
      var field = document.getElementById("id_" + name);
      if (field) { field.value = asked.get(name) || ""; }
    });
  });
  wide.addEventListener("change", showFacets);
  showFacets();

  // The calendar by keyboard: arrows go to the next day that has courses in that direction.
  var steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  document.addEventListener("keydown", function (event) {
    var month = event.target.closest && event.target.closest("[data-month]");
    if (!month || event.altKey || event.ctrlKey || event.metaKey) { return; }
    if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      document.getElementById(event.key === "PageUp" ? "month-previous" : "month-next").click();
    } else if (steps[event.key] && event.target.dataset.day) {
      event.preventDefault();
      move(month, event.target, steps[event.key]);
    }
  });

  function move(month, from, step) {
    var start = Date.parse(from.dataset.day);
    var days = Array.prototype.map.call(month.querySelectorAll("[data-day]"), function (link) {
      return { link: link, away: (Date.parse(link.dataset.day) - start) / 86400000 * Math.sign(step) };
    }).filter(function (day) { return day.away >= Math.abs(step); });
    days.sort(function (a, b) { return a.away - b.away; });
    if (days.length) { days[0].link.focus(); }
  }
  // The focus stays in the calendar when a key turned the month, and on what narrowed the list down: on a phone that was folded away
  // for a moment. Where it is gone, as a chip that was taken away, the focus goes to the number of courses.
  document.addEventListener("htmx:afterSettle", function (event) {
    var elt = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (!elt || !elt.id) { return; }
    var again = document.getElementById(elt.id);
    if (elt.id.indexOf("month-") === 0 || document.activeElement === document.body) { focus(again || heading()); }
  });
  function heading() {
    var found = document.getElementById("found-heading");
    if (found) { found.tabIndex = -1; }
    return found;
  }
  function focus(element) {
    if (element) { element.focus({ preventScroll: true }); }
  }
})();
