"""Each id is unique on a page: otherwise labels, links of errors and live regions lead to the wrong place."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.browser.pages import OTHERS
from tests.security.crawl import Answer
from tests.security.recording import Recording
from tests.security.world import ROLES

pytestmark = pytest.mark.django_db
ID = re.compile(r'<[a-z][^>]*?\sid="([^"]+)"')
TEMPLATE = re.compile(r"<template.*?</template>", re.DOTALL)
Recorded = Callable[[str], Recording]


def ids(page: Answer) -> Counter[str]:
    return Counter(ID.findall(TEMPLATE.sub("", page.body.decode())))


def twice(page: Answer) -> list[str]:
    return [f"{page.route}: {name}" for name, count in ids(page).items() if count > 1]


def pages(found: Recording) -> list[Answer]:
    """The pages of the recorded crawl that are ours and that the role may look at."""
    return [
        answer
        for answer in found.own()
        if answer.method == "GET" and answer.status == 200 and answer.is_html
        if not answer.route.startswith(OTHERS)
    ]


@pytest.mark.parametrize("role", ROLES)
def test_no_id_is_on_a_page_twice(role: str, recorded: Recorded) -> None:
    read = pages(recorded(role))
    found = [name for page in read for name in twice(page)]
    assert not found, "\n".join(found)
    assert sum(len(ids(page)) for page in read) > 50


def test_an_id_planted_a_second_time_is_found(recorded: Recorded) -> None:
    page = next(page for page in pages(recorded("teacher")) if page.route == "hours:me")
    again = replace(page, body=page.body.replace(b"</main>", b'<p id="main"></p><p id="main"></p></main>'))
    assert not twice(page) and twice(again) == ["hours:me: main"]
