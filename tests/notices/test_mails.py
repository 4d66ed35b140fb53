"""Every kind of e-mail in both languages, as text and HTML: complete, short, with one button, and with an unsubscribe link
if it is optional.
"""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.conf import settings
from django.core import mail as django_mail
from django.test import Client

from accounts.models import User
from notices import outbox
from notices.enums import OPTIONAL
from notices.mail import LONGEST_SUBJECT, Mail, headers, rendered, written
from notices.models import Notice
from notices.registry import CATEGORIES, KINDS
from notices.samples import sample_mails
from signin.library_mail import of_the_library
from tests.factories import make_course, make_enrolment, make_user

LANGUAGES = ("zh-hant", "en")
# Features of the log-in library that are switched off here; their e-mails are never sent.
SWITCHED_OFF = {"account_already_exists", "email_confirmation_signup", "login_code", "password_reset_code"}
CJK = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")


class Reader(HTMLParser):
    """Links, headings, paragraphs and text of an e-mail."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")

    def handle_data(self, data: str) -> None:
        if data.strip() and self.tags[-1] != "style":
            self.words.append(data.strip())


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_well(kind: str, language: str) -> None:
    for mail in sample_mails(kind, language):
        text, html = rendered(mail)
        assert 4 <= len(mail.subject) <= LONGEST_SUBJECT and "\n" not in mail.subject, mail.subject
        assert "\n\n\n" not in text and "None" not in text and "{" not in text, text
        page = read(html)
        assert page.tags.count("h1") == 1 and not re.search(r"<p[^>]*>\s*</p>", html)
        assert page.links.count(mail.url) == 1 and f"{mail.url}\n" in text, "one act, in both forms"
        act = str(KINDS[kind].button)
        for whole in (text, html):
            assert settings.OPERATOR_CONTACT["phone"] in whole and act
        if language == "en":
            # The operator's name is Chinese in the default settings; nothing else is.
            words = " ".join(page.words).replace(settings.SITE_NAME, "") + mail.subject
            assert not CJK.search(words), words


@pytest.mark.parametrize("kind", KINDS)
def test_the_chinese_notice_is_chinese_and_says_the_act_in_its_own_words(kind: str) -> None:
    for mail in sample_mails(kind, "zh-hant"):
        text = rendered(mail)[0]
        assert CJK.search(mail.subject) and "您" in text
        assert not re.search(r"(?:\b[A-Za-z]{2,}\b[ ,.]+){3}", re.sub(r"https?://\S+", "", text)), text


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_greets_its_reader_twice(kind: str) -> None:
    for mail in sample_mails(kind, "zh-hant"):
        text = rendered(mail)[0]
        assert text.count("您好") == 1 if mail.name else text.count("您好") <= 1, text


def test_only_optional_notices_have_a_way_out() -> None:
    for category in CATEGORIES:
        kind = next(name for name, kind in KINDS.items() if kind.category == category)
        mail = Mail(
            kind, "a@b.example", "王", "en", "s", "b", "http://x.example", category, person_id=1, key="k"
        )
        said = headers(mail)
        assert (said.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click") == (category in OPTIONAL)
        assert (
            ("List-Unsubscribe" in said) == (category in OPTIONAL) == ("No more e-mail" in rendered(mail)[0])
        )
        assert said["Auto-Submitted"] == "auto-generated" and re.fullmatch(
            r"<notice\.[0-9a-f]{40}@[\w.-]+>", said["Message-ID"]
        )


def test_a_long_name_is_cut_and_the_end_of_the_subject_stays() -> None:
    subject, _ = written("light_red", {"unit": "國立" + "長" * 80 + "國民中學", "overdue": 5, "year": 115})
    assert len(subject) <= LONGEST_SUBJECT and "…" in subject and "課程登錄" in subject


@pytest.mark.django_db
def test_two_notices_about_one_course_are_in_one_thread_and_a_second_sending_has_the_same_id(
    mailoutbox: Any,
) -> None:
    course, person = make_course(), make_user(language="en")
    make_enrolment(course, person)
    for kind in ("course_changed", "course_withdrawn"):
        facts = {
            "course": course.title,
            "code": course.code,
            "starts_on": course.starts_on,
            "place": "x",
            "reason": "y",
        }
        outbox.write(
            [outbox.NewNotice(kind, person, f"course:{course.pk}:v1", course.starts_on, "/catalogue/", facts)]
        )
    assert outbox.drain() == {"sent": 2, "failed": 0}
    Notice.objects.update(mailed_at=None)
    outbox.drain()
    ids = [mail.extra_headers["Message-ID"] for mail in mailoutbox]
    assert ids[:2] == ids[2:] and len(set(ids)) == 2
    assert len({mail.extra_headers["References"] for mail in mailoutbox}) == 1
    assert "light" not in ids[0] and "course" not in ids[0] and "Date" in mailoutbox[0].message()


@pytest.mark.django_db
def test_a_mail_is_in_one_language_even_if_its_reader_chose_another_one_before_it_left(
    mailoutbox: Any,
) -> None:
    course, person = make_course(), make_user(language="zh-hant")
    facts = {"course": course.title, "code": course.code, "starts_on": course.starts_on, "reason": "停班"}
    outbox.write(
        [
            outbox.NewNotice(
                "course_withdrawn", person, f"course:{course.pk}:v1", course.starts_on, "/catalogue/", facts
            )
        ]
    )
    User.objects.filter(pk=person.pk).update(language="en")
    outbox.drain()
    [mail] = mailoutbox
    assert f"{person.name}您好" in mail.body and "Dear" not in mail.body and "聯絡資訊：" in mail.body


def test_every_mail_of_the_log_in_library_is_one_of_ours() -> None:
    folder = Path(allauth.__file__).parent / "templates"
    names = {
        path.name.removesuffix("_message.txt")
        for app in ("account", "mfa", "socialaccount")
        for path in (folder / app / "email").glob("*_message.txt")
        if not path.name.startswith("base_")
    }
    assert names - SWITCHED_OFF <= set(KINDS)
    assert not getattr(settings, "ACCOUNT_LOGIN_BY_CODE_ENABLED", False)
    assert not getattr(settings, "ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED", False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "subject"), [("zh-hant", "設定新密碼"), ("en", "Choose a new password")]
)
def test_the_reset_mail_is_in_the_persons_language_whatever_that_of_the_page(
    client: Client, mailoutbox: Any, language: str, subject: str
) -> None:
    person = make_user("林老師", language=language)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en" if language != "en" else "zh-hant"
    client.post("/accounts/password/reset/", {"email": person.email})
    [mail] = mailoutbox
    html = str(mail.alternatives[0][0])
    assert mail.subject == subject and "林老師" in mail.body and "/password/reset/key/" in html
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.django_db
def test_the_mail_about_an_unknown_account_names_nobody() -> None:
    mail = of_the_library("account/email/unknown_account", "nobody@school.example", {})
    assert "nobody@school.example" in mail.body and not User.objects.exists() and mail is not django_mail
