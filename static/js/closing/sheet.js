// The closing page's sheet: who is marked how, live totals, undo and redo. Nothing here walks over all rows when one changes.
// Without scripts the form still checks, saves and closes on the server. No inline code, no eval.
window.Sheet = (function () {
  "use strict";
  var form = document.getElementById("closing");
  if (!form) { return null; }
  var words = JSON.parse(document.getElementById("closing-words").textContent);
  var full = Math.round(Number(words.full) * 10), step = Math.round(Number(words.step) * 10);
  var sums = { all: 0, attended: 0, absent: 0, excused: 0, hours: 0, helpers: 0, odd: 0, wrong: 0 };
  var listeners = [], past = [], future = [], painting = false, byElement = new WeakMap();

  // --- Reading --------------------------------------------------------------------------------------------------------
  // Hours in tenths, full-width digits welcome; NaN for what the server would refuse.
  function tenths(typed) {
    var text = typed.normalize("NFKC").trim(), value = /^\d{1,4}(\.\d+)?$/.test(text) ? Number(text) * 10 : NaN;
    return Number.isInteger(value) && value >= step && value <= full && value % step === 0 ? value : NaN;
  }
  function parts(row) {
    var hours = row.state === "attended" ? tenths(row.typed) : 0;
    var wrong = row.state === "attended" && isNaN(hours);
    var odd = row.state !== "attended" || hours !== full || row.special;
    return { hours: wrong ? 0 : hours, wrong: wrong ? 1 : 0, odd: odd ? 1 : 0 };
  }
  function count(row, sign) {
    var now = parts(row);
    sums.all += sign; sums.odd += sign * now.odd; sums.wrong += sign * now.wrong;
    // Lecturers and staff are no participants: their hours are a sum of their own.
    if (row.helper) { sums.helpers += sign * now.hours; return; }
    sums[row.state] += sign; sums.hours += sign * now.hours;
  }
  function read(element) {
    var row = { element: element, field: element.querySelector("[data-hours]"), radios: {}, special: element.hasAttribute("data-new") || element.hasAttribute("data-walk-in") };
    element.querySelectorAll("input[type=radio]").forEach(function (radio) { row.radios[radio.value] = radio; if (radio.checked) { row.state = radio.value; } });
    row.helper = element.hasAttribute("data-helper");
    row.state = row.state || "attended";
    row.typed = row.field.value;
    row.number = row.field.name.slice("hours_".length);
    row.token = (element.querySelector("[name=walk_in_token]") || { value: "" }).value;
    row.name = element.querySelector("[data-name]").textContent;
    row.find = (row.name + " " + element.querySelector("[data-unit]").textContent).normalize("NFKC").toLowerCase();
    row.unit = element.querySelector("[data-unit]").textContent;
    byElement.set(element, row);
    count(row, 1);
    dress(row);
    return row;
  }

  // --- Showing --------------------------------------------------------------------------------------------------------
  function dress(row) {
    var wrong = parts(row).wrong === 1;
    if (row.element.dataset.state !== row.state) { row.element.dataset.state = row.state; }
    if (row.field.readOnly !== (row.state !== "attended")) { row.field.readOnly = row.state !== "attended"; }
    if (wrong !== (row.field.getAttribute("aria-invalid") === "true")) {
      row.field.classList.toggle("is-invalid", wrong);
      if (wrong) { row.field.setAttribute("aria-invalid", "true"); } else { row.field.removeAttribute("aria-invalid"); }
    }
  }
  // The sentence at the row comes when the field is left, not while the number is being written.
  function judge(row) {
    var place = row.element.querySelector(".field-errors"), wrong = parts(row).wrong === 1;
    if (wrong && !place) {
      place = document.createElement("span");
      place.className = "field-errors";
      place.id = row.field.id.replace("hours_", "error_");
      row.field.after(place);
    }
    if (place) { place.textContent = wrong ? words.bounds : ""; place.hidden = !wrong; }
    if (wrong) { row.field.setAttribute("aria-describedby", place.id); } else { row.field.removeAttribute("aria-describedby"); }
  }
  var totals = {};
  form.querySelectorAll("[data-total]").forEach(function (place) { totals[place.dataset.total] = place; });
  function paint() {
    painting = false;
    Object.keys(totals).forEach(function (name) {
      var text = String(name === "hours" || name === "helpers" ? sums[name] / 10 : sums[name]);
      if (totals[name].textContent !== text) { totals[name].textContent = text; }
    });
    listeners.forEach(function (listener) { listener(sums); });
  }
  function repaint() { if (!painting) { painting = true; window.requestAnimationFrame(paint); } }

  // --- Changing: every change goes through here, and so can be undone --------------------------------------------------
  function put(row, state, typed) {
    count(row, -1);
    row.state = state; row.typed = typed;
    if (row.radios[state]) { row.radios[state].checked = true; }
    if (row.field.value !== typed) { row.field.value = typed; }
    count(row, 1);
    dress(row);
    repaint();
  }
  // changes: [{row, state, typed}]; `typing` joins with the keystrokes before it in the same field.
  function change(changes, typing) {
    var done = changes.filter(function (c) {
      c.state = c.row.radios[c.state] ? c.state : c.row.state;
      c.typed = c.typed === undefined ? c.row.typed : c.typed;
      return c.state !== c.row.state || c.typed !== c.row.typed;
    }).map(function (c) { return { row: c.row, from: [c.row.state, c.row.typed], to: [c.state, c.typed] }; });
    if (!done.length) { return 0; }
    done.forEach(function (d) { put(d.row, d.to[0], d.to[1]); });
    var last = past[past.length - 1];
    if (typing && last && last.typing && last.items[0].row === done[0].row) { last.items[0].to = done[0].to; } else { past.push({ items: done, typing: !!typing }); }
    if (past.length > 300) { past.shift(); }
    future = [];
    if (!typing) { done.forEach(function (d) { judge(d.row); }); }
    changed();
    return done.length;
  }
  function changed() { form.dispatchEvent(new CustomEvent("sheet:changed")); }
  function travel(from, to, side, sentence) {
    var entry = from.pop();
    if (!entry) { return null; }
    entry.items.forEach(function (item) { put(item.row, item[side][0], item[side][1]); judge(item.row); });
    entry.typing = false;
    to.push(entry);
    changed();
    repaint();
    say(fill(sentence, { what: entry.items.length === 1 ? told(entry.items[0].row) : fill(words.said.many, { count: entry.items.length }) }));
    return entry.items[0].row;
  }

  // --- Saying ---------------------------------------------------------------------------------------------------------
  var said = document.getElementById("said");
  function say(text) { said.textContent = text; }
  function fill(sentence, values) { return sentence.replace(/%\((\w+)\)s/g, function (_, name) { return values[name]; }); }
  function told(row) {
    var kind = row.state === "attended" && row.typed !== words.full ? "hours" : "marked";
    return fill(words.said[kind], { name: row.name, state: words.states[row.state], hours: row.typed });
  }

  var rows = Array.prototype.map.call(form.querySelectorAll("[data-row]"), read);

  // --- Sending: one field holds the whole sheet, so that a course of thousands is no form of ten thousand fields ---------
  var people = form.querySelector("[data-people]"), packs = "FormDataEvent" in window, pressed = null;
  function packed() {
    var marks = {}, walked = [];
    rows.forEach(function (row) {
      if (row.token) { walked.push([row.token, row.typed]); } else { marks[row.number] = [row.state, row.typed]; }
    });
    return JSON.stringify({ marks: marks, walk_ins: walked });
  }
  // For a request beside the page. The rows are taken out afterwards: disabling them for it would take the focus from the person at work.
  function data() {
    var all = new FormData(form), sent = new FormData(), rowed = new Set();
    if (!packs) { return all; }
    Array.prototype.forEach.call(people.elements, function (field) { rowed.add(field.name); });
    all.forEach(function (value, name) { if (!rowed.has(name)) { sent.append(name, value); } });
    sent.set("sheet", packed());
    return sent;
  }
  // When the form itself is sent: a disabled fieldset is left out; `formdata` comes right after and opens it again.
  window.addEventListener("submit", function (event) {
    if (event.target !== form || event.defaultPrevented || !packs) { return; }
    pressed = event.submitter && people.contains(event.submitter) ? event.submitter : null;
    people.disabled = true;
  });
  form.addEventListener("formdata", function (event) {
    if (!people.disabled) { return; }
    people.disabled = false;
    event.formData.set("sheet", packed());
    if (pressed) { event.formData.set(pressed.name, pressed.value); }
    pressed = null;
  });

  form.addEventListener("input", function (event) {
    var row = event.target.matches("[data-hours]") && of(event.target);
    if (row) { change([{ row: row, state: row.state, typed: event.target.value }], true); }
  });
  form.addEventListener("change", function (event) {
    var row = of(event.target);
    if (!row) { return; }
    if (event.target.type === "radio") { change([{ row: row, state: event.target.value }]); } else { judge(row); }
    say(told(row));
  });
  function of(element) { var found = element.closest("[data-row]"); return found && byElement.get(found); }

  repaint();
  return {
    form: form, words: words, rows: rows, sums: sums, of: of, change: change, say: say, fill: fill, told: told, tenths: tenths, data: data,
    undo: function () { return travel(past, future, "from", words.said.undone); },
    redo: function () { return travel(future, past, "to", words.said.redone); },
    can: function () { return { undo: past.length > 0, redo: future.length > 0 }; },
    onPaint: function (listener) { listeners.push(listener); repaint(); }
  };
})();
