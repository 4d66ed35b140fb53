"""What a person sees when something goes wrong: a sentence in both languages, the request's id, and nothing of the inside."""

import logging
import re
from typing import Any

import pytest
from django.conf import settings as live
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kit.rights import RIGHTS
from tests.factories import PASSWORD, make_user
from tests.security import faulty_urls
from tests.security.crawl import Markup
from tests.security.faulty_urls import SECRET
from tests.security.test_headers import faults

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.security.faulty_urls")]
SENTENCES = {
    400: ("這個要求無法處理", "could not be understood"),
    403: ("您沒有這一頁的權限", "You may not open this page"),
    404: ("找不到這一頁", "There is no such page"),
    413: ("一次送出的資料太多", "Too much was sent at once"),
    500: ("系統發生問題", "Something went wrong on our side"),
}


def proper(answer: Any, status: int, sentences: tuple[str, str] | None = None) -> str:
    """The page's text, when it is as a fault's page has to be."""
    text = str(answer.content.decode())
    assert answer.status_code == status and "html" in answer["Content-Type"]
    assert all(sentence in text for sentence in sentences or SENTENCES[status])
    assert answer["X-Request-ID"] in text and not faults(answer)
    page = Markup(text)
    assert not page.inline and not page.hosts and "/static/css/app.css" in text
    for word in ("Traceback", "RuntimeError", "SECRET", "A123456789", "/srv/", "django", str(live.BASE_DIR)):
        assert word not in text, word
    return text


@pytest.fixture(autouse=True)
def rows_of_the_faulty_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RIGHTS, "_rows", {**RIGHTS, **faulty_urls.RIGHTS})


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("language", ["zh-hant", "en"])
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_each_fault_has_its_own_page_in_both_languages(browser: Client, status: int, language: str) -> None:
    browser.cookies[live.LANGUAGE_COOKIE_NAME] = language
    proper(browser.get(f"/faulty/{status}/"), status)
    browser.force_login(make_user())
    proper(browser.get(f"/faulty/{status}/"), status)


def test_the_fault_that_the_page_hides_is_in_the_log_under_the_same_id(browser: Client, caplog: Any) -> None:
    with caplog.at_level(logging.ERROR, "django.request"):
        answer = browser.get("/faulty/500/")
    assert answer["X-Request-ID"] and SECRET in "".join(r.exc_text or str(r.exc_info) for r in caplog.records)


def test_a_fault_page_is_shown_when_the_database_does_not(browser: Client, monkeypatch: Any) -> None:
    browser.force_login(make_user())
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", lambda *a, **k: 1 / 0)
    proper(browser.get("/me/"), 500)


def test_the_chosen_theme_holds_on_it_too(browser: Client) -> None:
    browser.cookies[live.THEME_COOKIE] = "dark"
    assert 'data-bs-theme="dark"' in proper(browser.get("/faulty/404/"), 404)


def test_a_host_that_is_not_ours_is_not_understood(browser: Client) -> None:
    proper(browser.get("/catalogue/", headers={"host": "evil.example"}), 400)


@pytest.mark.parametrize("path", ["/nothing/", "/catalogue/0000000/", "/help/shots/nothing.png", "/%00/"])
def test_unknown_addresses(browser: Client, path: str) -> None:
    proper(browser.get(path), 404)


def test_too_many_fields_too_much_text_and_too_many_files_are_said_to_be_too_much(
    browser: Client, settings: Any
) -> None:
    assert browser.post("/faulty/takes/", {f"f{n}": n for n in range(6000)}).content == b"6000"
    proper(browser.post("/faulty/takes/", {f"f{n}": n for n in range(6001)}), 413)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    proper(browser.post("/faulty/takes/", {"text": "x" * 1001}), 413)
    files = {f"f{n}": SimpleUploadedFile(f"{n}.pdf", b"x") for n in range(101)}
    proper(browser.post("/faulty/takes/", files), 413)


# --- Forms without a proof of origin ---------------------------------------------------------------------------------
NOT_SENT = ("剛才的資料沒有送出", "Nothing was sent")


def refused(client: Client, referer: str = "", **extra: Any) -> str:
    headers = {"referer": referer} if referer else {}
    return proper(
        client.post(reverse("account_login"), {"login": "x", "password": "y"}, headers=headers, **extra),
        403,
        NOT_SENT,
    )


def test_a_form_without_proof_of_origin_is_not_taken_and_says_how_to_go_on() -> None:
    client = Client(enforce_csrf_checks=True)
    assert 'href="/me/"' in refused(client, "http://testserver/me/")
    assert refused(client).count("<a ") == 1


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_never_leads_off_the_site(away: str) -> None:
    text = refused(Client(enforce_csrf_checks=True), away)
    assert "evil" not in text and "javascript" not in text


def test_a_form_of_another_site_logs_nobody_in() -> None:
    client, user = Client(enforce_csrf_checks=True), make_user()
    page = client.get(reverse("account_login")).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)  # type: ignore[union-attr]
    form = {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    proper(
        client.post(reverse("account_login"), form, headers={"origin": "https://evil.example"}), 403, NOT_SENT
    )
    assert client.get("/me/").status_code == 302
    client.post(reverse("account_login"), form, headers={"origin": "http://testserver"})
    assert client.get("/me/").status_code == 200
