"""Forms of the operator: policy, accounts, direct and pasted transfers."""

from typing import Any, cast

from django import forms
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import BusinessAccount, User
from accounts.queries.units import units_of_code
from courses.actions.policies import EDITABLE
from courses.forms.course import sane_day
from courses.models import Course, YearlyPolicy
from courses.queries.transfers import colleagues_of, unclosed_of
from kit.form_fields import DayField, DayInput, SeenField, TextField
from kit.previews import mark_of
from kit.sentence_parts import day_words, listed

GUESS = gettext_lazy("A guess: no letter or law says it. The operator may change it.")
LETTER = gettext_lazy("From the letter.")


class ReasonField(TextField):
    def __init__(self, **options: Any) -> None:
        super().__init__(label=gettext_lazy("Reason"), max_length=300, **options)


class PolicyForm(forms.ModelForm):
    """The settings of a year. `seen` is the mark of the values whose effect was shown: other values are shown theirs first."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = SeenField()
    reason = ReasonField()

    class Meta:
        model = YearlyPolicy
        fields = list(EDITABLE)
        field_classes = {"final_deadline": DayField}
        widgets = {"final_deadline": DayInput, "hour_step": forms.NumberInput(attrs={"step": "0.1"})}
        help_texts = {
            "unit_red_at": LETTER,
            "unit_yellow_at": GUESS,
            "closing_days": gettext_lazy(
                "A guess: no letter or law says it. Courses that are over keep a longer period that was announced."
            ),
            "final_deadline": gettext_lazy("Empty: 31 March of the next year (letter)."),
            "count_earlier_years": gettext_lazy("The letter is about the running year only."),
            "cancel_days_before": gettext_lazy(
                "A guess: no letter or law says it. Registered courses keep a later day that they announced."
            ),
            "hour_step": gettext_lazy(
                "A guess: no letter or law says it. Registered courses keep a smaller step that they were announced with."
            ),
            "hours_a_day": gettext_lazy("Warned of when a course is registered."),
            "remind_hour": gettext_lazy("From 7 to 19. On working days only."),
            "day_before_hour": gettext_lazy("From 7 to 19. Never postponed."),
            "first_warning_days": gettext_lazy("On a day off it is sent on the working day before."),
            "last_warning_days": gettext_lazy("On a day off it is sent on the working day before."),
            "escalation_days": gettext_lazy("On a day off it is sent on the next working day."),
            "doubt_remind_days": gettext_lazy("On a day off it is sent on the working day before."),
            "doubt_answer_days": gettext_lazy("Afterwards it goes to the unit lead."),
            "decision_days": gettext_lazy("To the applicants and the handler."),
            "late_minutes": gettext_lazy(
                "A guess: no letter or law says it. Who came later or left earlier is shown as a question at closing."
            ),
            "half_signed_counts": GUESS,
            "hours_a_week": gettext_lazy("Warned of when a course is registered and when hours are issued."),
        }

    def _post_clean(self) -> None:
        """Checked as the version that the action will write."""
        if not self.errors:
            super()._post_clean()  # type: ignore[misc]  # Django calls it, the stubs leave it out

    def values(self) -> dict[str, Any]:
        """Return the settings, for the action."""
        return {name: self.cleaned_data[name] for name in EDITABLE}

    def mark(self) -> str:
        """Return a mark of the settings and the version they replace."""
        facts = [f"{name}={value}" for name, value in self.values().items()]
        return mark_of("policy", [self.instance.year, self.cleaned_data["version"], *facts])

    @property
    def is_seen(self) -> bool:
        return constant_time_compare(self.cleaned_data["seen"], self.mark())


class AccountForm(forms.Form):
    """A new appointment: an own number for one person at one unit."""

    email = forms.EmailField(label=gettext_lazy("The person's e-mail"), max_length=200)
    unit = TextField(label=gettext_lazy("Unit code"), max_length=6)
    level = TextField(
        label=gettext_lazy("Level (where two units share the code)"), max_length=30, required=False
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    valid_from = DayField(label=gettext_lazy("From"), validators=[sane_day])
    valid_until = DayField(
        label=gettext_lazy("Last day (empty: open)"),
        required=False,
        validators=[sane_day],
    )

    def clean_email(self) -> User:
        person = User.objects.filter(email__iexact=self.cleaned_data["email"]).first()
        if person is None:
            raise forms.ValidationError(_("Nobody has this e-mail. Import the person first."))
        return person

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "unit" in data:
            self._find_unit(data)
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            sentence = _("The last day must not lie before the first day (%s).") % day_words(first)
            self.add_error("valid_until", sentence)
        return data

    def _find_unit(self, data: dict[str, Any]) -> None:
        units = units_of_code(data["unit"], data.get("level", ""))
        if not units:
            self.add_error("unit", _("There is no unit of this code."))
        elif len(units) > 1:
            levels = listed(str(u.get_level_display()) for u in units)
            self.add_error("level", _("Several units have this code. Write one of: %s") % levels)
        else:
            data["unit"] = units[0]


class EndForm(forms.Form):
    last_day = DayField(
        label=gettext_lazy("Last day (empty: ended from today)"),
        required=False,
        validators=[sane_day],
    )
    reason = ReasonField()


def account_by_number(number: str) -> BusinessAccount:
    account = (
        BusinessAccount.objects.filter(number=number.strip().upper()).select_related("user", "unit").first()
    )
    if account is None:
        raise forms.ValidationError(_("There is no business account of this number."))
    return account


class DirectForm(forms.Form):
    """All unclosed courses of one account to another."""

    from_account = TextField(label=gettext_lazy("From account (number)"), max_length=12)
    to_account = TextField(label=gettext_lazy("To account (number)"), max_length=12)
    reason = ReasonField()

    def clean_from_account(self) -> BusinessAccount:
        return account_by_number(self.cleaned_data["from_account"])

    def clean_to_account(self) -> BusinessAccount:
        return account_by_number(self.cleaned_data["to_account"])


class PasteForm(forms.Form):
    """The table of the letter: 代碼, 名稱, 新任姓名, 新任帳號."""

    table = TextField(
        label=gettext_lazy("Table"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "font-monospace"}),
        help_text=gettext_lazy(
            "One course a line: code, name, new handler's name, new handler's account. Tabs, commas or | between."
        ),
    )
    reason = ReasonField()


class TransferForm(forms.Form):
    reason = ReasonField(help_text=gettext_lazy("For example: the former handler has left; I take over."))


class OfferForm(forms.Form):
    """Unclosed courses of an account to a colleague of the unit."""

    courses = forms.ModelMultipleChoiceField(
        Course.objects.none(), label=gettext_lazy("Courses"), widget=forms.CheckboxSelectMultiple
    )
    to_account = forms.ModelChoiceField(
        BusinessAccount.objects.none(),
        label=gettext_lazy("To the colleague"),
        empty_label=gettext_lazy("Please choose"),
    )
    reason = ReasonField(help_text=gettext_lazy("For example: change of duty on 1 August."))

    def __init__(self, account: BusinessAccount, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows, colleagues = unclosed_of(account), colleagues_of(account)
        cast(forms.ModelMultipleChoiceField, self.fields["courses"]).queryset = rows
        self.fields["courses"].initial = [course.pk for course in rows]
        cast(forms.ModelChoiceField, self.fields["to_account"]).queryset = colleagues
