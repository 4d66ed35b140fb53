"""The menu of hats, which shares the HTML of its shapes, is what the template alone would give, and switches the hat."""

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.presenters.hats import HAT, LINKS, HatShape, hat_menu
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_hat_is_printed_as_its_template_alone_gives_it(language: str) -> None:
    with override(language):
        for is_current in (True, False, True):
            shape, texts = HatShape(is_current), {"value": "7", "label": "<b>國中</b> & 'x'", "token": "t"}
            assert HAT.print(shape, texts) == HAT.render(shape, texts)
        assert LINKS.print(None, {}) == LINKS.render(None, {})


def test_the_menu_marks_the_hat_that_is_on() -> None:
    person = make_user()
    accounts = [make_account(user=person), make_account(user=person)]
    accounts[0].unit.name = "<b>國中</b>"
    for current in (*accounts, None):
        menu = hat_menu(accounts, current, "token")
        on = menu.split('aria-current="true"')[0].rpartition('name="account" value="')[2].partition('"')[0]
        assert on == (str(current.pk) if current else "") and menu.count("aria-current") == 1
        assert menu.count("&lt;b&gt;國中&lt;/b&gt;") == 1 and "<b>" not in menu
        assert menu.count('name="csrfmiddlewaretoken" value="token"') == 3


def test_a_hat_is_put_on_from_the_menu() -> None:
    person = make_user()
    first, second = make_account(user=person), make_account(user=person)
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    page = client.get("/unit/").content.decode()
    assert f"✓ {first.unit.name}" in page
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    client.post("/hat/", {"account": second.pk, "csrfmiddlewaretoken": token})
    assert f"✓ {second.unit.name}" in client.get("/unit/").content.decode()
