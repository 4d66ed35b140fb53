"""A search that is longer than its field says that it was cut; no list cuts it by itself."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import make_lead, make_operator

SENTENCE = "搜尋文字過長，僅以前 %d 個字元搜尋。"
LISTS = {
    "accounts:units": "q",
    "courses:operator_accounts": "q",
    "courses:county": "q",
    "accounts:record": "who",
}


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make_operator().user)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(("route", "field"), LISTS.items(), ids=LISTS)
def test_a_list_says_that_a_long_search_was_cut(operator: Client, route: str, field: str) -> None:
    longest = 60 if field == "who" else 100
    for length, is_said in ((longest, False), (longest + 1, True)):
        page = operator.get(reverse(route), {field: "王" * length}).content.decode()
        assert page.count(SENTENCE % longest) == is_said


@pytest.mark.django_db
def test_a_search_by_post_and_that_of_a_unit_say_it_too(operator: Client) -> None:
    sent = {"q": "王" * 101}
    assert SENTENCE % 100 in operator.post(reverse("accounts:people"), sent).content.decode()
    client = Client()
    client.force_login(make_lead().user)
    for route in ("courses:unit_courses", "accounts:staff"):
        assert SENTENCE % 100 in client.get(reverse(route), sent).content.decode()


def test_no_view_or_query_cuts_a_search_by_itself() -> None:
    """`kit.search_texts` cuts, and says it."""
    root = Path(settings.BASE_DIR)
    cut = re.compile(r"(GET|POST)\.get\([^)]*\)+\[:(60|100)\]|words\)?\[:100\]")
    files = [
        path
        for room in ("views", "queries")
        for path in root.glob(f"*/{room}/**/*.py")
        if ".venv" not in path.parts
    ]
    assert len(files) > 50
    assert not [str(path) for path in files if cut.search(path.read_text())]
