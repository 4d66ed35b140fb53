"""The form of a new key for programs."""

from django import forms
from django.utils.translation import gettext_lazy

from kit.form_fields import TextField


class KeyForm(forms.Form):
    name = TextField(label=gettext_lazy("What the key is for"), max_length=60)
    for_business = forms.BooleanField(
        label=gettext_lazy("It may act through my business accounts"), required=False
    )
