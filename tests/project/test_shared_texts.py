"""What a person types and others read is searched for identity numbers, and is not lost when it is refused: no form, column or action is left out."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.db import models

from inservice.packages import PACKAGES
from kit.form_fields import NumberedTextField, PersonNameField, SeenField, TextField

ROOT = Path(__file__).parents[2]
NUMBER = "A123456789"

# A person is found or entered by a number: it is not stored as it was typed.
FOR_NUMBERS = {
    "accounts.forms.identity_numbers.NumbersForm.national_id",
    "accounts.forms.identity_numbers.NumbersForm.passport",
    "accounts.forms.staff.AddForm.who",
    "courses.forms.helpers.HelpersForm.lines",
    "courses.forms.participants.ParticipantsForm.lines",
    "hours.forms.corrections.ForgottenForm.person",
    "signin.forms.join_requests.JoinForm.national_id",
}
KEY_FORMS = ("AddKeyForm", "AuthenticateKeyForm", "LoginKeyForm", "ReauthenticateKeyForm")
# Fields of Django or allauth, which only their own person or nobody reads, or which have a form of their own.
OTHERS = {
    "accounts.forms.units.UnitForm.code",
    "accounts.forms.units.UnitForm.website",
    "signin.forms.passwords.ActivateAppForm.code",
    "signin.forms.passwords.CodeForm.code",
    "signin.forms.passwords.ConfirmingCodeForm.code",
    "signin.forms.security_keys.AddKeyForm.name",
    "signin.forms.security_keys.EditKeyForm.name",
    *(f"signin.forms.security_keys.{form}.credential" for form in KEY_FORMS),
}


def form_fields() -> Iterator[tuple[str, forms.CharField]]:
    for app in PACKAGES:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".forms" not in module.name:
                continue
            for name, form in vars(importlib.import_module(module.name)).items():
                if (
                    isinstance(form, type)
                    and issubclass(form, forms.BaseForm)
                    and form.__module__ == module.name
                ):
                    for field, made in getattr(form, "base_fields", {}).items():
                        if isinstance(made, forms.CharField) and not isinstance(
                            made, forms.EmailField | forms.URLField
                        ):
                            yield f"{module.name}.{name}.{field}", made


FIELDS = dict(form_fields())


def test_every_text_field_of_a_form_refuses_numbers_but_those_that_take_one() -> None:
    searched = {
        name for name, field in FIELDS.items() if isinstance(field, TextField) and field.refuses_numbers
    }
    searched |= {name for name, field in FIELDS.items() if isinstance(field, PersonNameField)}
    passwords = {name for name, field in FIELDS.items() if isinstance(field.widget, forms.PasswordInput)}
    filters = {name for name, field in FIELDS.items() if isinstance(field, SeenField)}
    assert set(FIELDS) - searched - passwords - filters == FOR_NUMBERS | OTHERS
    assert {name for name, field in FIELDS.items() if isinstance(field, NumberedTextField)} == FOR_NUMBERS
    assert len(searched) > 100


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in FOR_NUMBERS | OTHERS])
def test_the_field_refuses_a_number(name: str) -> None:
    field = FIELDS[name]
    if isinstance(field.widget, forms.PasswordInput | forms.HiddenInput):
        return
    with pytest.raises(forms.ValidationError):
        field.clean(NUMBER)


# Words of a person, with the form that searches them; where no form reads them, with the function that does.
WORDS = {
    "accounts.AccountApplication.reason": "accounts.forms.requests.ApplyForm.reason",
    "accounts.AccountApplication.refusal": "accounts.forms.requests.DecideForm.reason",
    "accounts.Affiliation.post": "accounts.forms.staff.FactsForm.post",
    "accounts.Affiliation.title": "accounts.forms.staff.FactsForm.title",
    "accounts.BusinessAccount.suspended_reason": "accounts.forms.requests.ReasonForm.reason",
    "accounts.DayOff.name": "accounts.forms.code_lists.DayOffForm.name",
    "accounts.Guest.organisation": "courses.forms.helpers.HelpersForm.guest_unit",
    "accounts.IdentityChange.new_name": "accounts.forms.requests.IdentityForm.new_name",
    "accounts.IdentityChange.reason": "accounts.forms.requests.IdentityForm.reason",
    "accounts.IdentityChange.refusal": "accounts.forms.requests.DecideForm.reason",
    "accounts.JoinRequest.name": "signin.forms.join_requests.JoinForm.name",
    "accounts.JoinRequest.reason": "signin.forms.join_requests.JoinForm.reason",
    "accounts.JoinRequest.refusal": "accounts.forms.requests.DecideForm.reason",
    "accounts.JoinRequest.title": "signin.forms.join_requests.JoinForm.title",
    "accounts.PlaceOffer.post": "accounts.forms.staff.PlaceForm.post",
    "accounts.PlaceOffer.title": "accounts.forms.staff.PlaceForm.title",
    "accounts.SupportView.reason": "accounts.forms.requests.ReasonForm.reason",
    "accounts.Title.name": "accounts.forms.code_lists.EntryForm.name",
    "accounts.Level.name": "accounts.forms.code_lists.EntryForm.name",
    "accounts.Unit.address": "accounts.forms.units.UnitForm.address",
    "accounts.Unit.contact_name": "accounts.forms.units.UnitForm.contact_name",
    "accounts.Unit.district": "accounts.forms.units.UnitForm.district",
    "accounts.Unit.name": "accounts.forms.units.UnitForm.name",
    "accounts.Unit.phone": "accounts.forms.units.UnitForm.phone",
    "accounts.User.name": "accounts.forms.staff.AddForm.name",
    "bulletin.Announcement.text": "bulletin.forms.published.AnnouncementForm.text",
    "bulletin.Download.description": "bulletin.forms.published.DownloadForm.description",
    "bulletin.Download.title": "bulletin.forms.published.DownloadForm.title",
    "bulletin.Download.version": "bulletin.forms.published.DownloadForm.version",
    "courses.Answer.value": "courses.actions.questions.write",
    "courses.AudienceGroup.name": "accounts.forms.code_lists.EntryForm.name",
    "courses.Campaign.text": "courses.forms.campaigns.CampaignForm.text",
    "courses.Campaign.title": "courses.forms.campaigns.CampaignForm.title",
    **{
        f"courses.CampaignLetter.{name}": f"courses.forms.letters.LetterForm.{name}"
        for name in [
            "issuer",
            "address",
            "officer",
            "phone",
            "fax",
            "mail",
            "number",
            "secret_until",
            "annexes",
            "subject",
            "items",
            "measures",
            "recipients",
            "copies",
        ]
    },
    **{
        f"courses.Course.{name}": f"courses.forms.course.CourseForm.{name}"
        for name in [
            "title",
            "approval_number",
            "basis_number",
            "summary",
            "outline",
            "audience",
            "materials",
            "method",
            "place",
            "bring",
            "contact_name",
            "contact_phone",
            "contact2_name",
            "contact2_phone",
        ]
    },
    "courses.Course.withdrawal_text": "courses.forms.withdrawal.WithdrawalForm.text",
    "courses.CourseMessage.subject": "courses.forms.messages.MessageForm.subject",
    "courses.CourseMessage.text": "courses.forms.messages.MessageForm.text",
    "courses.CourseNature.name": "accounts.forms.code_lists.EntryForm.name",
    "courses.Enrolment.note": "courses.actions.admissions.decline",
    "courses.Instructor.name": "courses.forms.course.InstructorForm.name",
    "courses.Instructor.organisation": "courses.forms.course.InstructorForm.organisation",
    "courses.Question.choices": "courses.forms.questions.QuestionForm.choices",
    "courses.Question.text": "courses.forms.questions.QuestionForm.text",
    "courses.SavedSearch.name": "courses.forms.saved.SavedSearchForm.name",
    "courses.Session.place": "courses.forms.course.SessionForm.place",
    "courses.Session.topic": "courses.forms.course.SessionForm.topic",
    "courses.Stage.name": "accounts.forms.code_lists.EntryForm.name",
    "courses.Suspension.name": "courses.forms.suspensions.SuspensionForm.name",
    "courses.Tag.name": "accounts.forms.code_lists.EntryForm.name",
    "courses.TransferRequest.reason": "courses.forms.oversight.TransferForm.reason",
    "courses.TransferRequest.refusal": "courses.actions.transfer_decisions.refuse",
    "courses.YearlyPolicy.reason": "courses.forms.oversight.PolicyForm.reason",
    "hours.HourCredit.reason": "hours.forms.corrections.CorrectionForm.reason",
    "hours.MissedSign.text": "hours.actions.missed_signs.report",
    "hours.Objection.answer": "hours.forms.corrections.AnswerForm.text",
    "hours.Objection.review_answer": "hours.forms.corrections.AnswerForm.text",
    "hours.Objection.review_text": "hours.forms.corrections.ReviewForm.text",
    "hours.Objection.text": "hours.forms.corrections.ObjectionForm.text",
    "hours.SurveyQuestion.text": "hours.forms.questionnaires.QuestionForm.text",
    "accounts.ApiToken.name": "signin.forms.api_keys.KeyForm.name",
    "webhooks.Webhook.purpose": "webhooks.forms.WebhookForm.purpose",
}
# What a program writes: keys, digests, kinds, codes and numbers with a form of their own, copies of other columns, addresses, sealed texts, and
# the record, the inbox and work, which mask what they are given, and the runs of backups.
BY_PROGRAM = re.compile(
    r"""(api|audit|backup|files|jobs|notices)\..*
    | .*\.(\w*(digest|hash|sealed|secret|token|device|fingerprint|code|kind|key|password|encoded|number|language|url|website|path|proof))
    | .*\.(sent_by|notified_by|last_error|stated_\w+|old_\w+|search_text|scope|query|cause|phrase|label|address|name_key|\w*mail|\w*_link)
    | accounts\.(User\.phone|County\.name|Counter\.name|KeyCanary\.name|FormerName\.name|Proof\.\w+|AccountReview\.half|UnitList\w*\.\w+)
    | accounts\.PlaceProposal\.\w+
    | hours\.(Certificate\.\w+|Closing\.content|ClosingDraft\.page)
    | webhooks\.Delivery\.\w+""",
    re.VERBOSE,
)


def text_columns() -> set[str]:
    found = set()
    for model in apps.get_models():
        if model.__module__.split(".")[0] in PACKAGES:
            for field in model._meta.get_fields():
                if isinstance(field, models.CharField | models.TextField) and not field.choices:
                    found.add(f"{model._meta.label}.{field.name}")
    return found


def test_every_column_with_words_of_a_person_is_searched() -> None:
    columns = text_columns()
    assert set(WORDS) <= columns
    assert {column for column in columns - set(WORDS) if not BY_PROGRAM.fullmatch(column)} == set()
    for column, where in WORDS.items():
        if where in FIELDS:
            assert where not in FOR_NUMBERS | OTHERS, column
            continue
        module, name = where.rsplit(".", 1)
        body = ast.get_source_segment(
            source := Path(ROOT, f"{module.replace('.', '/')}.py").read_text(), function(source, name)
        )
        assert re.search("require_(no_number|reason)", body or ""), column


def function(source: str, name: str) -> ast.FunctionDef:
    return next(
        node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name
    )


# Actions whose words come from an action or rule that has searched them: the reason of what ends with something else, and what they call first.
PASSED_ON = {
    "accounts.actions.appointments.end_with_place": "places.end_place and closing_people.close search it",
    "accounts.actions.identities.save": "people.correct_name and merging search it",
    "accounts.actions.moot_requests.end_offer": "ends with a person or unit",
    "accounts.actions.moot_requests.end_request": "ends with a person or unit",
    "accounts.actions.person_requests.settle": "closing_people.close searches it",
    "accounts.actions.place_endings.end_all": "places.end_place searches it",
    "accounts.actions.place_endings.follow": "places.end_place searches it",
    "accounts.actions.proposals.settle_person": "closing_people.close searches it",
    "accounts.actions.unit_requests.settle": "unit_life.close searches it",
    "courses.actions.enrolment_record.record_change": "admissions.decline searches it",
    "courses.actions.leavers.cancel_enrolments": "closing_people.close searches it",
    "courses.actions.unit_life.end_requests": "unit_life.close searches it",
    "signin.actions.join_requests.end_at_closed": "unit_life.close searches it",
}
SEARCHING = {
    "require_no_number",
    "require_reason",
    "require_operator",  # of people.py, with the reason
    "_refuse_unready",
    "move_courses",
    "_correct",
    "_add_person",
}


def actions_with_words() -> Iterator[tuple[str, set[str]]]:
    for app in PACKAGES:
        for path in sorted(Path(ROOT, app).glob("actions/*.py")):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    arguments = {
                        a.arg: a.annotation and ast.unparse(a.annotation) for a in node.args.kwonlyargs
                    }
                    if "by" in arguments and any(
                        arguments.get(name) == "str" for name in ("reason", "text", "note")
                    ):
                        calls = {
                            ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)
                        }
                        yield f"{app}.actions.{path.stem}.{node.name}", calls


def test_every_action_that_takes_words_searches_them() -> None:
    found = dict(actions_with_words())
    assert {name for name, calls in found.items() if not calls & SEARCHING} == set(PASSED_ON)
    assert len(found) > 40


# What a browser sends again by itself: a form of its own page with its bound form, or a page that is drawn again as it was.
DRAWN_AGAIN = {
    "allauth/elements/field.html",
    "hours/partials/closing_walk_ins.html",
    "hours/partials/correction_form.html",
}
# Codes, which are typed anew, and a page that shows codes.
CODES = {
    "hours/partials/attendance_own_code.html",
    "hours/partials/number_field.html",
    "hours/sign.html",
    "mfa/recovery_codes/index.html",
}
CONTROL = re.compile(r"<(?:textarea.*?</textarea>|input\b(?:[^>{]|\{[{%].*?[}%]\}|\{)*>)", re.DOTALL)


def test_every_hand_written_text_field_has_the_words_again_that_were_refused() -> None:
    lost = set()
    for path in sorted(Path(ROOT, "templates").rglob("*.html")):
        name = str(path.relative_to(ROOT / "templates"))
        for control in CONTROL.findall(path.read_text()):
            kind = re.search(r'type="(\w+)"', control)
            if control.startswith("<input") and kind and kind[1] != "text":
                continue
            if "value=" not in control and not re.search(r">\{[{%].*</textarea>", control, re.DOTALL):
                lost.add(name)
    assert lost <= DRAWN_AGAIN | CODES | {"hours/merge_find.html"}


def test_a_name_refuses_also_what_only_looks_like_a_number() -> None:
    assert TextField().clean("王小明 A123456788") == "王小明 A123456788", "its check digit is wrong"
    with pytest.raises(forms.ValidationError):
        PersonNameField().clean("王小明 A123456788")
