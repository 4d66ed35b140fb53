"""Every page whose form shows errors: its role, its URL, and how to send it empty or wrong.

The closing page, which shows them without a reload, is tests/browser/test_closing.py.
"""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from tests.security.world import World

MAIN_FORM = "main form.panel[method=post]"
# The target of an error's link, its text, and whether the field is marked as invalid.
FIELDS = """() => [...document.querySelectorAll('[role=alert] a[href^="#"]')].map(link => { const at = document.getElementById(link.hash.slice(1));
  return { link: link.getAttribute('href'), invalid: Boolean(at && at.getAttribute('aria-invalid') === 'true'),
    described: ((at && at.getAttribute('aria-describedby')) || '').split(' ').map(id => document.getElementById(id)).filter(Boolean).map(e => e.textContent.trim()).join(' '),
    told: link.parentElement.textContent.replace(link.textContent + ':', '').trim() }; })"""

PAST_THE_BROWSER = """form => { form.noValidate = true; const box = form.closest('details'); if (box) { box.open = true; }
  form.querySelectorAll('[type=number], [type=date], [type=email]').forEach(field => { field.type = 'text'; }); }"""


@dataclass(frozen=True)
class Mistake:
    """`thing`: the kind of object of the world the page is about; `form`: which form is sent (none: the address itself is wrong); `fill`: what is written into it."""

    role: str
    route: str
    thing: str = ""
    form: str = MAIN_FORM
    button: str = "button[type=submit]"
    fill: dict[str, str] = field(default_factory=dict)
    query: str = ""

    def __str__(self) -> str:
        return f"{self.role} {self.route} {self.form if self.form != MAIN_FORM else ''}{self.query}"

    def path(self, world: World) -> str:
        if self.thing == "person":
            part = [world.people["teacher"].pk]
        elif self.thing:
            part = [getattr(world.things[self.thing]["own"], "code" if self.thing in COURSES else "pk")]
        else:
            part = []
        return reverse(self.route, args=part) + self.query

    def make(self, page: Any, site: str, world: World) -> None:
        """Open the page and send the form, past the browser's own checks."""
        page.goto(site + self.path(world))
        if not self.form:
            return
        form = page.locator(self.form).first
        form.evaluate(PAST_THE_BROWSER)
        for name, value in self.fill.items():
            form.locator(f"[name='{name}']").first.fill(value)
        button = form.locator(self.button).last
        asked = button.evaluate("b => Boolean(b.dataset.confirm || b.form.dataset.confirm)")
        with page.expect_navigation():
            button.click()
            if asked:
                page.click("#confirm[open] [data-yes]")


COURSES = {"course", "closed", "draft", "open"}
MISTAKES = [
    Mistake("visitor", "account_login"),
    Mistake("visitor", "account_login", fill={"login": "nobody@demo.example", "password": "wrong"}),
    Mistake("visitor", "account_reset_password"),
    Mistake("visitor", "courses:catalogue", form="", query="?first=2026-13-45"),
    Mistake("teacher", "account_change_password"),
    Mistake("teacher", "accounts:change_identity", fill={"new_name": "", "new_email": "no mail"}),
    Mistake("teacher", "accounts:apply", fill={"unit": "0", "starts_on": ""}),
    Mistake("teacher", "signin:security", form="form[action$='/keys/new/']"),
    Mistake("teacher", "mfa_activate_totp", fill={"code": "1"}),
    Mistake("handler", "courses:withdraw", "course"),
    Mistake("handler", "courses:edit", "draft", form="#course-form", query="?step=all",
            fill={"title": "", "hours": "x", "contact_mail": "no mail", "capacity": "-1"}),
    Mistake("handler", "courses:files", "course", form="form[enctype]"),
    Mistake("handler", "hours:correct", "closed", form="table form", fill={"hours": "99"}),
    Mistake("handler", "hours:correct", "closed", form="form.panel", fill={"person": "nobody", "hours": "x"}),
    Mistake("handler", "courses:account", "account", form="form[action$='/end/']"),
    Mistake("handler", "courses:account", "account", form="form[action$='/offer/']"),
    Mistake("operator", "courses:campaign_new", fill={"deadline": "2020-01-01", "before": "x"}),
    Mistake("county", "courses:letter", "campaign", form="form.panel", fill={"subject": "請依限辦理，請查照", "annexes": "如文"}),
    Mistake("operator", "courses:policy", fill={"unit_red_at": "-3", "hour_step": "x"}),
    Mistake("operator", "courses:operator_appoint", fill={"email": "nobody@x.example", "unit": "0"}),
    Mistake("operator", "courses:transfer_direct"),
    Mistake("operator", "courses:transfer_paste"),
    Mistake("operator", "accounts:import_units"),
    Mistake("operator", "accounts:import_people"),
    Mistake("operator", "accounts:person", "person", form="form[action$='/national-id/']"),
]  # fmt: skip
