"""No id stands twice on a page: labels, links of errors and live regions would lead to the wrong place."""

import re
from collections import Counter

import pytest

from tests.browser import pages
from tests.security.world import ROLES

pytestmark = pytest.mark.django_db
ID = re.compile(r'<[a-z][^>]*?\sid="([^"]+)"')
TEMPLATE = re.compile(r"<template.*?</template>", re.DOTALL)


@pytest.mark.parametrize("role", ROLES)
def test_no_id_stands_twice(role: str) -> None:
    world = pages.full()
    client, twice, seen = world.client(role), [], 0
    for route, path in pages.looks(world, role):
        html = TEMPLATE.sub("", client.get(path).content.decode())
        ids = Counter(ID.findall(html))
        twice += [f"{route}: {name}" for name, count in ids.items() if count > 1]
        seen += len(ids)
    assert seen > 50
    assert not twice, "\n".join(twice)
