"""National IDs and passports are two numbers of a person: two columns of a file, two fields, each found by its hash."""

from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.apps import apps
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts import identity
from accounts.imports.people import import_people
from accounts.models import User
from audit import log
from audit.models import AuditEvent
from courses.models.typed import read_typed
from courses.queries.people import found_by
from hours.forms.corrections import ForgottenForm
from signin import education
from tests.factories import make_account, make_course, make_key, make_operator, make_unit, make_user

pytestmark = pytest.mark.django_db
HEADING = "姓名,身分證字號,護照號碼,電子郵件,學校代碼,職稱,角色\n"
PASSPORT = "K12345678"


def file(tmp_path: Path, *rows: str, heading: str = HEADING) -> str:
    path = tmp_path / "people.csv"
    path.write_text(heading + "".join(f"{row}\n" for row in rows))
    return str(path)


def holder_of_passport(number: str = PASSPORT, **fields: Any) -> User:
    person = make_user(**fields)
    person.set_passport(number)
    person.save(update_fields=User.NUMBER_FIELDS)
    return person


# --- Forms ------------------------------------------------------------------------------------------------------------
SLIPS = [
    "A12345678",
    "A1234567890",
    "A12345678O",
    "A123456788",
    "AI23456789",
    "123456789",
    "A123456789 (代課老師)",
    "K1234567",
]


@pytest.mark.parametrize("slip", SLIPS)
def test_the_id_column_refuses_a_slip_by_line_and_column_and_shows_it_masked(
    tmp_path: Path, slip: str
) -> None:
    make_unit("134526")
    report = import_people(file(tmp_path, f"王一,{slip},,a@x.example,134526,教師,"))
    assert [(row.line, row.column) for row in report.refused] == [
        (2, "身分證字號")
    ] and not User.objects.exists()
    told = report.refused[0].value + report.refused[0].reason
    assert slip not in told and "A1234567" not in told and "****" in told


@pytest.mark.parametrize(
    "wrong", ["A123456789", "A123456788", "12345", "K12345678901234", "ABCDEFG", "FA12345689"]
)
def test_the_passport_column_refuses_national_ids_and_what_is_no_number(tmp_path: Path, wrong: str) -> None:
    make_unit("134526")
    report = import_people(file(tmp_path, f"王一,,{wrong},a@x.example,134526,教師,"))
    assert [(row.line, row.column) for row in report.refused] == [(2, "護照號碼")]
    assert not any(char.isdigit() for char in wrong) or wrong not in report.refused[0].value


def test_a_row_without_either_number_is_refused(tmp_path: Path) -> None:
    make_unit("134526")
    report = import_people(file(tmp_path, "王一,,,a@x.example,134526,教師,"))
    assert report.refused[0].column == "身分證字號" and "護照號碼" in report.refused[0].reason


def test_a_person_may_have_both_numbers_and_is_matched_by_either(tmp_path: Path) -> None:
    unit = make_unit("134526")
    other = make_unit("134527")
    both = f"王一,A123456789,{PASSPORT.lower()},a@x.example,{unit.code},教師,"
    assert import_people(file(tmp_path, both)).created == 1
    person = User.objects.get(email="a@x.example")
    assert (person.national_id, person.passport, person.passport_masked) == (
        "A123456789",
        PASSPORT,
        "K1234****",
    )
    assert PASSPORT not in person.passport_sealed
    again = import_people(file(tmp_path, f"王一,,{PASSPORT},a@x.example,{other.code},教師,"))
    assert again.changed == 1 and person.affiliations.count() == 2 and User.objects.count() == 1


def test_a_renewed_passport_replaces_the_former_number(tmp_path: Path) -> None:
    make_unit("134526")
    import_people(file(tmp_path, f"王一,A123456789,{PASSPORT},a@x.example,134526,教師,"))
    assert import_people(file(tmp_path, "王一,A123456789,L7654321,a@x.example,134526,教師,")).changed == 1
    assert User.objects.get().passport == "L7654321"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f"王一,B123456780,{PASSPORT},c@x.example,134526,教師,", "護照號碼"),
        (f"王一,A123456789,{PASSPORT},a@x.example,134526,教師,", "護照號碼"),
        ("王二,,L7654321,b@x.example,134526,教師,", "護照號碼"),
    ],
    ids=["passport of a person with another ID", "two people", "another passport under this e-mail"],
)
def test_numbers_that_name_two_people_are_refused(tmp_path: Path, row: str, column: str) -> None:
    make_unit("134526")
    first = make_user("王一", email="a@x.example")
    first.set_national_id("A123456789")
    first.save()
    second = holder_of_passport(name="王二", email="b@x.example")
    if "B123456780" in row:
        second.set_national_id("A800000014")
        second.save()
    assert [r.column for r in import_people(file(tmp_path, row)).refused] == [column]


def test_a_passport_is_given_to_one_person_only() -> None:
    holder_of_passport()
    with pytest.raises(IntegrityError):
        holder_of_passport()


# --- What was stored before -------------------------------------------------------------------------------------------
def test_the_migration_moves_passports_and_leaves_national_ids() -> None:
    migration = import_module("accounts.migrations.0007_passports_of_their_own")
    national, foreign, without = make_user(), make_user(), make_user()
    national.set_national_id("A123456789")
    foreign.set_national_id(PASSPORT)  # as imports stored it until then
    for person in (national, foreign):
        person.save(update_fields=User.NUMBER_FIELDS)
    migration.forwards(apps, None)
    for person in (national, foreign, without):
        person.refresh_from_db()
    assert (national.national_id, national.passport) == ("A123456789", "")
    assert (foreign.national_id, foreign.passport, foreign.id_hash) == ("", PASSPORT, None)
    assert found_by([read_typed(PASSPORT)], 0) == [foreign]
    migration.backwards(apps, None)
    foreign.refresh_from_db()
    assert (foreign.national_id, foreign.passport_hash) == (PASSPORT, None)


# --- Look-ups ---------------------------------------------------------------------------------------------------------
def test_the_operator_and_the_closing_sheet_find_the_holder_of_a_passport(client: Client) -> None:
    person = holder_of_passport(name="林護照")
    assert found_by([read_typed(" k1234-5678 "), read_typed("林護照 K12345678")], 0) == [person, person]
    client.force_login(make_operator().user)
    page = client.post(reverse("accounts:people"), {"q": "k12345678"}).content.decode()
    assert person.name in page and "K1234****" in page and "12345678" not in page
    assert person.name not in client.post(reverse("accounts:people"), {"q": "K1234567"}).content.decode()
    page = client.get(reverse("accounts:person", args=[person.pk])).content.decode()
    assert "K1234****" in page and PASSPORT not in page


def test_an_education_log_in_finds_the_person_by_the_number_that_was_claimed() -> None:
    person = holder_of_passport()
    issuer = {"national_id_claim": "id"}
    assert education.match({"id": PASSPORT}, issuer) == person
    assert (
        education.match({"id": "A123456789"}, issuer) is None
        and education.match({"id": "無"}, issuer) is None
    )


@pytest.mark.parametrize(
    "typed",
    ["A12345678", "A1234567890", "A123456788", "A123456789", PASSPORT, "300123456", "Ａ１２３４５６７８９"],
)
def test_a_number_nobody_has_is_echoed_masked_on_the_closing_page_and_by_the_api(typed: str) -> None:
    handler = make_account()
    course = make_course(handler, ago=2)
    client = Client()
    client.force_login(handler.user)
    page = client.post(reverse("hours:close", args=[course.code]), {"action": "add", "walk_in": typed})
    assert typed not in page.content.decode() and "****" in page.content.decode()
    answer = Client().post(
        reverse("api:close", args=[course.code]),
        {"request_key": "k", "marks": [], "walk_ins": [{"person": typed, "hours": "1"}]},
        content_type="application/json",
        headers={"Authorization": f"Token {make_key(handler.user)}"},
    )
    assert answer.status_code >= 400 and typed not in answer.content.decode()


def test_the_api_repeats_no_number_that_is_in_a_wrong_field() -> None:
    handler = make_account()
    answer = Client().post(
        reverse("api:close", args=[make_course(handler, ago=2).code]),
        {"request_key": "k", "marks": [{"enrolment": 1, "state": "A123456789", "hours": "1"}]},
        content_type="application/json",
        headers={"Authorization": f"Token {make_key(handler.user)}"},
    )
    assert answer.status_code == 400 and "A123456789" not in answer.content.decode()
    assert "A12345****" in answer.content.decode()


def test_the_corrections_page_gives_a_number_back_masked() -> None:
    course = make_course(ago=2)
    form = ForgottenForm(
        {"person": "王一 A123456789", "hours": "1", "reason": ""}, course=course, step=Decimal("0.5")
    )
    assert (
        not form.is_valid()
        and "A123456789" not in str(form["person"])
        and "A12345****" in str(form["person"])
    )


@pytest.mark.parametrize("typed", ["nobody@x.example", "134526-001"])
def test_a_mistyped_mailbox_or_account_is_shown_for_the_clerk_to_see_the_slip(typed: str) -> None:
    assert read_typed(typed).shown == typed


def education_log_in(**userinfo: str) -> SocialLogin:
    account = SocialAccount(
        provider="ptc", uid="1", extra_data={"id_token": {"sub": "1"}, "userinfo": userinfo}
    )
    return SocialLogin(account=account, user=User())


def test_an_education_log_in_leaves_no_number_in_its_stored_claims(settings: Any, rf: Any) -> None:
    settings.OIDC_ISSUERS_BY_ID = {"ptc": {"id": "ptc", "national_id_claim": "personid"}}
    person = make_user()
    person.set_national_id("A123456789")
    person.save()
    told = education_log_in(
        personid="a123456789", name="王A123456789", email="a@x.example", note="x_A123456789"
    )
    education.SocialAccountAdapter().populate_user(rf.get("/"), told, {"email": "a@x.example"})
    kept = told.account.extra_data["userinfo"]
    assert "123456789" not in str(kept) and kept["email"] == "a@x.example"
    assert education.match(kept, settings.OIDC_ISSUERS_BY_ID["ptc"]) == person


def test_the_migration_hides_numbers_among_stored_claims(settings: Any) -> None:
    settings.OIDC_ISSUERS_BY_ID = {"ptc": {"id": "ptc", "national_id_claim": "personid"}}
    row = education_log_in(personid="A123456789", note="身分證A123456789號").account
    row.user = make_user()
    row.save()
    for _again in range(2):
        import_module("accounts.migrations.0011_claims_without_numbers").hide(apps, None)
        row.refresh_from_db()
        assert "123456789" not in str(row.extra_data)
        kept = row.extra_data["userinfo"]["personid"]
        assert kept == {"hash": identity.fingerprint("A123456789"), "shown": "A12345****"}


# --- Nothing is kept in clear -----------------------------------------------------------------------------------------
def test_the_record_keeps_no_number_that_was_typed_into_a_reason_or_a_path() -> None:
    person = make_user()
    details = {"parts": {"code": "x_A123456789"}, "list": ["身分證A123456789"], "name": "A123456789"}
    log.record("refused.not_found", person, by=None, reason="證號A123456789有誤", after=details)
    event = AuditEvent.objects.get()
    assert "A123456789" not in f"{event.reason} {event.after} {event.object_label}"
    assert event.reason == "證號A12345****有誤" and event.after["list"] == ["身分證A12345****"]


def test_a_stored_number_is_sealed_and_found_by_its_hash_alone() -> None:
    assert identity.hash_of_typed("a 123456789") == identity.fingerprint("A123456789")
    assert identity.hash_of_typed("k-1234 5678") == identity.fingerprint(PASSPORT)
    assert not identity.hash_of_typed("王小明") and not identity.hash_of_typed("A123456788123")
