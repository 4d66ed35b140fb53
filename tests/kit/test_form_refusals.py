"""A refusal is shown at its field, by one helper."""

from pathlib import Path

import pytest
from django import forms
from django.conf import settings

from kit.errors import Refusal
from kit.form_refusals import add_refusal, by_field


class Sized(forms.Form):
    size = forms.IntegerField(required=False)


class TooLarge(Refusal):
    sentence = "Too large."
    field = "size"


@pytest.mark.parametrize(
    ("refusal", "called", "place"),
    [
        (TooLarge(), None, "size"),
        (TooLarge(field="other"), None, "__all__"),
        (TooLarge(field="places"), {"places": "size"}, "size"),
        (TooLarge(field=""), None, "__all__"),
    ],
)
def test_a_refusal_is_shown_at_its_field_or_above_the_form(
    refusal: Refusal, called: dict[str, str] | None, place: str
) -> None:
    form = Sized({})
    assert form.is_valid()
    add_refusal(form, refusal, called=called)
    assert form.errors == {place: ["Too large."]}


def test_a_refusal_beside_no_form_is_shown_at_its_field_or_at_the_first() -> None:
    assert by_field(TooLarge(), ["size", "places"], "places") == {"size": "Too large."}
    for refusal in (TooLarge(field="other"), TooLarge(field="")):
        assert by_field(refusal, ["size", "places"], "places") == {"places": "Too large."}


def test_no_view_does_it_by_hand() -> None:
    root = Path(settings.BASE_DIR)
    views = [*root.glob("*/views.py"), *root.glob("*/views/*.py"), *root.glob("*/forms/*.py")]
    assert len(views) > 100
    by_hand = [path.name for path in views if "refusal.field if" in path.read_text(encoding="utf-8")]
    assert not by_hand
