from django import forms
from django.utils.translation import gettext_lazy as _

from courses.enums import WithdrawalReason
from kit.form_fields import TextField


class WithdrawalForm(forms.Form):
    """課程登錄錯誤: a typed reason; "another reason" needs words."""

    reason = forms.ChoiceField(label=_("Reason"), choices=WithdrawalReason.choices, widget=forms.RadioSelect)
    text = TextField(
        label=_("Explanation"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed for “another reason”."),
    )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        is_other = data.get("reason") == WithdrawalReason.OTHER
        if is_other and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Please explain the other reason."))
        return data
