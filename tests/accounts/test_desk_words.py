"""The desk: a model of ours has a name for many of it, so that no page puts an s behind Chinese words."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.factories import make_operator

pytestmark = pytest.mark.django_db


def test_no_chinese_name_of_many_ends_in_an_s() -> None:
    with override("zh-hant"):
        named = [
            str(model._meta.verbose_name_plural)
            for model in admin.site._registry
            if not str(model._meta.verbose_name).isascii()
        ]
    assert len(named) > 20 and [words for words in named if words.endswith("s")] == []


def test_the_desk_lists_people_without_an_s() -> None:
    client = Client()
    client.force_login(make_operator().user)
    page = client.get(reverse("admin:index")).content.decode()
    assert "人員</a>" in page.replace("\n", "") and "人員s" not in page
