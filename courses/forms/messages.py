"""A message of the organiser to people of a course."""

from collections.abc import Mapping
from typing import cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from courses.enums import MessageTo
from kit.form_fields import TextField


class MessageForm(forms.Form):
    to = forms.ChoiceField(label=_("Recipients"), widget=forms.RadioSelect)
    subject = TextField(label=_("Subject"), max_length=60)
    text = TextField(label=_("Text"), max_length=2000, widget=forms.Textarea(attrs={"rows": 8}))

    def __init__(self, numbers: Mapping[str, int], chosen: int, data: QueryDict | None = None) -> None:
        """`numbers` are the people whom each choice reaches, `chosen` those ticked on the list."""
        super().__init__(data, initial={"to": MessageTo.CHOSEN if chosen else MessageTo.ADMITTED})
        offered: dict[str, int] = {MessageTo.CHOSEN: chosen} | dict(numbers)
        labels = dict(MessageTo.choices)
        choices = [(to, f"{labels[to]} ({number})") for to, number in offered.items() if number]
        cast(forms.ChoiceField, self.fields["to"]).choices = choices
        if len(choices) == 1:
            self.initial["to"] = choices[0][0]
        self.reaches_nobody = not choices
