"""No list of choices begins with a row of dashes: the empty choice has a label."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.db.models.fields import BLANK_CHOICE_DASH

DASHES = BLANK_CHOICE_DASH[0][1]


def form_classes() -> Iterator[type[forms.BaseForm]]:
    root = Path(settings.BASE_DIR)
    for path in root.glob("*/forms/**/*.py"):
        module = import_module(
            ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        )
        for thing in vars(module).values():
            if (
                isinstance(thing, type)
                and issubclass(thing, forms.BaseForm)
                and hasattr(thing, "base_fields")
            ):
                yield thing


def empty_choices(form: Any) -> Iterator[str]:
    for name, field in form.fields.items():
        if isinstance(field.widget, forms.Select) and not isinstance(field.widget, forms.RadioSelect):
            # A form that chooses its rows when it is made declares none.
            if isinstance(field, forms.ModelChoiceField):
                yield f"{name}: {field.empty_label}"
            else:
                yield from (f"{name}: {label}" for value, label in field.choices if str(value) == "")


def test_the_empty_choice_of_every_form_is_said_in_words(db: None) -> None:
    classes = set(form_classes())
    named: list[str] = []
    for kind in classes:
        try:
            form = kind()
        except (TypeError, KeyError):
            # A form that needs an object takes what it declares.
            form = type("Declared", (), {"fields": kind.base_fields})()
        named += empty_choices(form)
    assert len(classes) > 10 and named and not [row for row in named if DASHES in row]
