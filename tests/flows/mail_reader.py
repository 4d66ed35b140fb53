"""A person who knows of the system only what is in the mailbox: opens the links of a mail, logs in, presses the buttons of the pages."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import PASSWORD


@dataclass
class PageForm:
    """What a browser without scripts would send: the fields as they are, the boxes to tick, and the buttons with name, value and address."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    boxes: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class PageForms(HTMLParser):
    """The forms of a page, also their fields that are elsewhere (`form="…"`)."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.forms: dict[str, PageForm] = {}
        self._open = self._select = ""
        text = page.content.decode()
        # Of fields that come before their form.
        for name in re.findall(r'<form\b[^>]*?\bid="([^"]+)"', text):
            self.forms[name] = PageForm("")
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = given.get("id") or f"form{len(self.forms)}"
            if given.get("method") == "post":
                self.forms.setdefault(self._open, PageForm("")).action = given.get("action", "")
        form = self.forms.get(given.get("form") or self._open)
        if form is None:
            return
        if tag == "option" and self._select and ("selected" in given or not form.fields.get(self._select)):
            form.fields[self._select] = [given.get("value", "")]
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "button":
            form.buttons.append((name, value, given.get("formaction", "")))
        elif given.get("type") == "checkbox" and "checked" not in given:
            form.boxes.setdefault(name, []).append(value or "on")
        elif tag in ("input", "textarea") and name and (given.get("type") != "radio" or "checked" in given):
            form.fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = ""
        if tag == "select":
            self._select = ""


class MailReader:
    """One person at a browser without scripts. `page` is the last page, `path` its address."""

    def __init__(self, person: User, password: str = PASSWORD) -> None:
        self.person, self.password, self.client = person, password, Client()
        self.page = HttpResponse()
        self._read: tuple[HttpResponse, Collection[PageForm]] | None = None
        self.path = ""

    def links_of(self, mail: Any) -> list[str]:
        """Return the addresses of this site in the text of a mail, each once."""
        return list(dict.fromkeys(re.findall(rf"{re.escape(settings.SITE_URL)}(/\S*)", mail.body)))

    def links_of_page(self, end: str) -> list[str]:
        """Return the addresses of this site in the links of the page that end like this, each once."""
        return list(dict.fromkeys(re.findall(rf'href="(/[^"]*{end})"', self.page.content.decode())))

    def go(self, path: str) -> None:
        """Open an address, by way of the log-in and of another of the own hats where they come first."""
        self._get(path)
        if urlsplit(self.path).path == reverse(settings.LOGIN_URL):
            self.press("login", login=self.person.email, password=self.password)
        if self.page.context and "other_hats" in self.page.context:
            self._put_on(str(self.page.context["other_hats"][0].pk))

    def _put_on(self, account: str) -> None:
        """Press the button of the page that leads on under a hat; the menu of hats has another one."""
        for form in self._forms():
            if form.fields.get("account") == [account] and form.fields.get("next", [""]) != [""]:
                self._arrive(self.client.post(form.action, form.fields, follow=True))
                return
        raise AssertionError(f"{self.path} offers no hat")

    def press(
        self, what: str, value: str | None = None, tick: str = "", most: int | None = None, **typed: str
    ) -> None:
        """Send the form that has such a button, or such a field; `tick`: with all boxes of this name ticked, or the first `most`."""
        for form in self._forms():
            buttons = [one for one in form.buttons if one[0] == what and value in (None, one[1])]
            if buttons or (what in form.fields and value is None):
                sent: dict[str, Any] = form.fields | {name: [text] for name, text in typed.items()}
                sent |= {name: [text] for name, text, _action in buttons[:1]}
                sent |= {tick: form.boxes[tick][:most]} if tick else {}
                action = next((one[2] for one in buttons if one[2]), form.action)
                self._arrive(self.client.post(action or self.path, sent, follow=True))
                return
        raise AssertionError(f"{self.path} has no {what} {value}")

    def offers(self, what: str, value: str | None = None) -> bool:
        """Return whether the page has such a button."""
        buttons = [one for form in self._forms() for one in form.buttons]
        return any(one[0] == what and value in (None, one[1]) for one in buttons)

    def _forms(self) -> Collection[PageForm]:
        """Return the forms of the last page, which is read once however often they are looked at."""
        if self._read is None or self._read[0] is not self.page:
            self._read = self.page, PageForms(self.page).forms.values()
        return self._read[1]

    def _get(self, path: str) -> None:
        self.path = path
        self._arrive(self.client.get(path, follow=True))

    def _arrive(self, page: Any) -> None:
        if page.redirect_chain:
            self.path = page.redirect_chain[-1][0]
        self.page = page
        assert page.status_code in (200, 403), (self.path, page.status_code)
