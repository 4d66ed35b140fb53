from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import BusinessAccount
from courses.models import Course
from courses.queries.second_handlers import candidates


class AccountField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for its type checker only
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user.name} ({obj.number})"


class SecondHandlerForm(forms.Form):
    """協辦: a colleague with a business account in force, or nobody."""

    account = AccountField(
        label=_("Second handler"),
        queryset=BusinessAccount.objects.none(),
        required=False,
        empty_label=_("nobody"),
        help_text=_("“Nobody” ends the duty. The person named and the one replaced are notified."),
    )

    def __init__(self, course: Course, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"account": course.co_handler_id})
        cast(AccountField, self.fields["account"]).queryset = candidates(course)
