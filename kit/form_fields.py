"""The text, day and time fields of every form: they take what people of Taiwan type, tidied before any check."""

import re
import unicodedata
from contextlib import suppress
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kit.clock import ROC_OFFSET
from kit.masking import holds_number
from kit.texts import refuse_controls, tidy, tidy_line, without_blanks
from kit.typed_texts import NumberInText, require_no_number

NAME_WITH_NUMBER = _("An identity number does not belong to a name: many people read it.")


class TextField(forms.CharField):
    """A text as it is stored (`kit.texts.tidy`): several lines under a text area, one line otherwise.

    Characters that cannot be stored are refused with a sentence; invisible ones are dropped. Others read what is typed, in a list, a notice
    or a file, so an identity number in it is refused, with its place; `NumberedTextField` is for fields that take one.
    """

    refuses_numbers = True

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not isinstance(text, str):
            return text
        refuse_controls(text)
        kept = tidy(text) if isinstance(self.widget, forms.Textarea) else tidy_line(text)
        return kept or self.empty_value

    def validate(self, value: Any) -> None:
        super().validate(value)
        if self.refuses_numbers and isinstance(value, str):
            try:
                require_no_number(value)
            except NumberInText as refusal:
                raise ValidationError(refusal.message, code="number") from None


class NumberedTextField(TextField):
    """A text that may hold an identity number: it finds or enters a person, and is not stored as it was typed."""

    refuses_numbers = False


class PersonNameField(TextField):
    """The name of a person: a name is read by many, so a number beside it is refused."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if holds_number(value or ""):
            raise ValidationError(NAME_WITH_NUMBER, code="number")


class SeenField(TextField):
    """The mark of what the page showed (`kit.previews.mark_of`), in a hidden field: what another person changed since is not overwritten."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, required=False, max_length=64)


# 115年9月29日, 115/9/29, 115-9-29, 115.9.29, 1150929; a year of four digits is Gregorian. A year of two digits needs its 年: in 26/1/2 it
# could be the ROC year 26 or 2026.
_DAY = re.compile(
    r"(?:民國)?(\d{2,4})年(\d{1,2})月(\d{1,2})日?|(?:民國)?(\d{3,4})[年/.\-](\d{1,2})[月/.\-](\d{1,2})日?|(\d{3})(\d{2})(\d{2})"
)


# Days are shown in ROC years, which begin with 1912; what lies outside is a slip of the keyboard.
EARLIEST, LATEST = 1912, 2100


def check_year(day: date) -> None:
    """Validator of every day that is typed or read from a file."""
    if not EARLIEST <= day.year <= LATEST:
        raise ValidationError(_("Please check the year."), code="year")


class DayInput(forms.DateInput):
    """The browser's own calendar; a script shows the day in ROC years beside it."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day, Gregorian or in ROC years: 2026-09-29, 2026/9/29, 115年9月29日, 115/9/29, 1150929."""

    widget = DayInput
    default_validators = [check_year]
    default_error_messages = {"invalid": _("Please write the day as 2026-08-01 or 115/8/1.")}
    # The same in every language of the person: Django's English forms would read 11/05/06 as the month, the day and a year of two digits.
    input_formats = ("%Y-%m-%d",)

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str) and value.strip().startswith("00"):
            # 26 typed into the browser's calendar: the ROC year 26 or 2026.
            raise ValidationError(_("Please write the whole year: 115 or 2026."), code="invalid")
        return (_written_day(value) if isinstance(value, str) else None) or super().to_python(value)


def _written_day(text: str) -> date | None:
    """Return the day that a text names in one of the usual forms, or None."""
    found = _DAY.fullmatch(without_blanks(text))
    if not found:
        return None
    year, month, day = (part for part in found.groups() if part)
    if not int(year):
        return None
    # The browser's calendar sends 0115-09-29 for a person who typed 115 as the year.
    is_roc = len(year) < 4 or year.startswith("0")
    with suppress(ValueError):
        return date(int(year) + (ROC_OFFSET if is_roc else 0), int(month), int(day))
    return None


class ClockField(forms.TimeField):
    """A wall-clock time at which something starts: 24:00 is refused with a sentence of its own."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(**{"widget": widget, **options})

    def to_python(self, value: Any) -> time | None:
        text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value
        return self.midnight() if text in ("24:00", "24:00:00") else super().to_python(text)

    def midnight(self) -> time:
        """Return what 24:00 means here."""
        raise ValidationError(_("Nothing starts at 24:00. Write 00:00 and the next day."), code="midnight")


class EndClockField(ClockField):
    """A wall-clock time at which something ends: 24:00 and 00:00 are the end of the day."""

    def midnight(self) -> time:
        return time(0)
