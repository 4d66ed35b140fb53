"""研習證明: what it says, who may make it, what its check shows after a correction, and that none can be found without its code."""

import io
from decimal import Decimal
from typing import Any

import pypdf
import pytest
import python_calamine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import merging
from accounts.models import Affiliation, Guest, User
from accounts.models.guest import address_of_nobody
from audit.models import AuditEvent
from courses.enums import EnrolmentState
from courses.errors import NotTheHandler
from courses.models import Course
from hours.actions import certificates, corrections
from hours.errors import NothingToCertify
from hours.models import Certificate
from hours.presenters import certificates as words
from hours.queries.certificates import own_certificates, verified, worth_of
from jobs import runner
from jobs.models import Job
from kit import clock
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db


def closed_course(*names: str, absent: int = 0, **fields: Any) -> Course:
    """A closed course of people who attended, the last `absent` of them absent."""
    course = make_course(ago=5, **fields)
    rows = []
    for name in names:
        unit = make_unit(name="屏東縣立萬新國民中學")
        person = make_user(name=name)
        Affiliation.objects.create(user=person, unit=unit, title="教師")
        rows.append(make_enrolment(course, person))
        rows[-1].unit = unit
        rows[-1].save(update_fields=["unit"])
    close(course, absent=tuple(rows[len(rows) - absent :]))
    course.refresh_from_db()
    return course


def text_of(content: bytes) -> str:
    """Return the text without its line breaks; the extractor puts a NUL before characters beyond the basic plane."""
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace("\x00", "")


def client_of(user: Any = None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def checked(code: str) -> str:
    return client_of().get(reverse("hours:verify"), {"code": code}).content.decode()


def test_a_certificate_says_who_when_what_and_how_many_hours() -> None:
    course = closed_course("𠮷野㛢", approval_number="屏府教字第1150000001號")
    [made] = certificates.certify(course=course, by=acting(course.handler))
    flat = text_of(words.drawn([made], course, "x").made(clock.now()))
    assert "茲證明　屏東縣立萬新國民中學　教師　𠮷野㛢　於中華民國115年11月19日參加" in flat
    assert f"「{course.title}」（課程代碼{course.code}），研習時數共計3小時，特此證明。" in flat
    for part in ("研習證明", f"字號：{course.code}-0001", "核准文號：屏府教字第1150000001號", f"辦理單位：{course.unit.name}", "校長", "中華民國115年11月24日", words.code_words(made.token)):  # fmt: skip
        assert part in flat
    assert "第1頁" not in flat


def test_many_days_are_named_as_first_and_last() -> None:
    days = [clock.to_roc(clock.today().replace(day=n)) for n in range(1, 7)]
    assert days[0] == "115年11月1日"
    found = [clock.today().replace(day=n) for n in range(1, 7)]
    assert words.words_of_days(found[:2]) == "115年11月1日、115年11月2日"
    assert words.words_of_days(found) == "115年11月1日至115年11月6日（共6日）"


def test_the_same_certificate_is_handed_out_again_and_numbers_go_on() -> None:
    course = closed_course("王小明", "李大同")
    by = acting(course.handler)
    first, second = course.enrolments.order_by("pk")
    [made] = certificates.certify(course=course, by=by, enrolment_ids=[second.pk])
    everybody = certificates.certify(course=course, by=by)
    assert {found.serial for found in everybody} == {1, 2} and made in everybody
    assert certificates.certify_own(course=course, by=acting_as(first.user)).serial == 2
    assert AuditEvent.objects.filter(action="certificate.issue").count() == 2


def acting_as(user: Any) -> Actor:
    return Actor(user)


def test_a_certificate_shows_whether_it_is_valid_corrected_or_revoked() -> None:
    course = closed_course("李小明")
    by, row = acting(course.handler), course.enrolments.get()
    [old] = certificates.certify(course=course, by=by)
    page = checked(words.code_words(old.token).lower())
    assert "此證明有效" in page and "李○明" in page and "李小明" not in page and course.code in page
    assert "證明字號" in page and "研習日期" in page and "帳號號碼" not in page and "天數" not in page
    corrections.correct(
        enrolment=row, by=by, state=EnrolmentState.ATTENDED, hours=Decimal("2"), reason="早退"
    )
    found = verified(old.token)
    assert found and (found.state, found.hours) == ("corrected", Decimal("2"))
    assert "時數已更正" in checked(old.token)
    [new] = certificates.certify(course=course, by=by)
    assert new.token != old.token and new.serial == 2 and "此證明有效" in checked(new.token)
    corrections.correct(enrolment=row, by=by, state=EnrolmentState.ABSENT, hours=Decimal(0), reason="未到")
    for token in (old.token, new.token):
        assert "此證明已撤銷" in checked(token)
    with pytest.raises(NothingToCertify):
        certificates.certify(course=course, by=by)


def test_nobody_absent_and_no_course_that_is_open_is_certified() -> None:
    course = closed_course("王小明", "林缺席", absent=1)
    by = acting(course.handler)
    assert [found.name for found in certificates.certify(course=course, by=by)] == ["王小明"]
    absent = course.enrolments.get(user__name="林缺席")
    with pytest.raises(NothingToCertify):
        certificates.certify(course=course, by=by, enrolment_ids=[absent.pk])
    with pytest.raises(NothingToCertify):
        certificates.certify_own(course=course, by=acting_as(absent.user))
    still_open = make_course(ago=5)
    make_enrolment(still_open)
    with pytest.raises(NothingToCertify):
        certificates.certify(course=still_open, by=acting(still_open.handler))


def test_only_those_in_charge_certify_others() -> None:
    course = closed_course("王小明")
    with pytest.raises(NotTheHandler):
        certificates.certify(course=course, by=acting(make_account(course.unit)))
    colleague = client_of(make_account(course.unit).user)
    assert colleague.post(reverse("hours:certificates", args=[course.code])).status_code == 302
    assert not Job.objects.exists() and not Certificate.objects.exists()
    assert (
        client_of(make_account().user).get(reverse("hours:certificates", args=[course.code])).status_code
        == 404
    )


def test_a_guest_gets_a_certificate_with_the_own_unit() -> None:
    course = make_course(ago=5)
    guest = make_user(name="陳講者", email=address_of_nobody())
    Guest.objects.create(person=guest, unit=course.unit, organisation="屏東大學", entered_at=clock.now())
    row = make_enrolment(course, guest)
    row.unit = None
    row.save(update_fields=["unit"])
    close(course)
    [made] = certificates.certify(course=course, by=acting(course.handler))
    assert (made.name, made.unit_name) == ("陳講者", "屏東大學")
    page = client_of(course.handler.user).get(reverse("hours:certificates", args=[course.code]))
    assert "屏東大學" in page.content.decode()


def test_the_page_makes_one_file_or_all_in_the_background() -> None:
    course = closed_course("王小明", "李大同")
    client, address = client_of(course.handler.user), reverse("hours:certificates", args=[course.code])
    assert "王小明" in client.get(address).content.decode()
    one = client.post(address, {"enrolment": course.enrolments.order_by("pk")[0].pk})
    assert one["Content-Type"] == "application/pdf" and "王小明" in text_of(one.content)
    answer = client.post(address)
    job = Job.objects.get()
    assert answer.url == reverse("jobs:job", args=[job.pk])
    runner.run(job.pk)
    content = b"".join(client.get(reverse("jobs:result", args=[job.pk])).streaming_content)  # type: ignore[arg-type]
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) == 2 and "李大同" in text_of(content)


def test_a_person_takes_the_own_certificate_and_nobody_elses() -> None:
    course = closed_course("王小明")
    address = reverse("hours:my_certificate", args=[course.code])
    mine = client_of(course.enrolments.get().user).post(address)
    assert "王小明" in text_of(mine.content) and "no-store" in mine["Cache-Control"]
    assert client_of(make_user()).post(address).status_code == 404


def test_nothing_but_the_whole_code_opens_a_certificate() -> None:
    course = closed_course("王小明")
    [made] = certificates.certify(course=course, by=acting(course.handler))
    assert len(made.token) == 28 and len({Certificate(serial=1).token for _n in range(50)}) == 50
    for guess in (made.token[:-1], made.token + "A", made.number, str(made.pk), "%", "1", "' OR 1=1"):
        assert "查無此查驗碼" in checked(guess), guess
    assert "查無" not in checked("")


def test_codes_that_do_not_exist_are_limited_and_real_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hours.views.certificates.MOST_UNKNOWN", 3)
    course = closed_course("王小明")
    [made] = certificates.certify(course=course, by=acting(course.handler))
    for _n in range(6):
        assert "此證明有效" in checked(made.token)
    for _n in range(3):
        checked("NONE")
    answer = client_of().get(reverse("hours:verify"), {"code": "NONE"})
    assert answer.status_code == 429 and "次數過多" in answer.content.decode()


def test_the_queries_do_not_grow_with_the_people() -> None:
    found = []
    for names in (["王小明"], ["王小明"] * 8):
        course = closed_course(*names)
        with CaptureQueriesContext(connection) as queries:
            certificates.certify(course=course, by=acting(course.handler))
        found.append(len(queries))
    assert found[0] == found[1]


def test_the_record_of_several_years_names_each_years_school() -> None:
    course = closed_course("王小明")
    row = course.enrolments.get()
    later = make_course(ago=3)
    second = make_enrolment(later, row.user)
    second.unit = make_unit(name="屏東縣立潮州國民中學")
    second.save(update_fields=["unit"])
    close(later, key="other")
    client = client_of(row.user)
    assert "hours/years.pdf" in client.get(reverse("hours:my_record")).content.decode()
    for years in ({"first": "114", "last": "115"}, {"first": "115", "last": "114"}):
        text = text_of(client.get(reverse("hours:my_years", args=["pdf"]), years).content).replace(" ", "")
        for part in ("114至115年度", "萬新國民中學", "潮州國民中學", "合計：6小時", "人事核章", course.code):
            assert part in text
    sheet = client.get(reverse("hours:my_years", args=["ods"]), {"first": "114", "last": "115"})
    rows = (
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheet.content))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert rows[0] == words.RECORD and [line[5] for line in rows[1:]] == [3, 3]
    assert client.get(reverse("hours:my_years", args=["doc"])).status_code == 404
    nothing = text_of(
        client.get(reverse("hours:my_years", args=["pdf"]), {"first": "113", "last": "114"}).content
    )
    assert course.code not in nothing


def test_a_certificate_of_a_merged_record_has_the_name_of_the_person() -> None:
    course = closed_course("王曉明")
    row, person = course.enrolments.get(), make_user(name="王小明")
    merging.merge(person=person, second=row.user, by=acting(make_operator()), reason="同一人")
    assert certificates.certify_own(course=course, by=acting_as(person)).name == "王小明"
    [same] = certificates.certify(course=course, by=acting(course.handler))
    assert same.name == "王小明" and Certificate.objects.count() == 1


def test_a_person_whose_name_is_corrected_gets_a_certificate_of_the_new_one() -> None:
    """The paper that was handed out stays valid: it says the same of the same hours."""
    course = closed_course("王曉明")
    person = course.enrolments.get().user
    [old] = certificates.certify(course=course, by=acting(course.handler))
    person.name = "王小明"
    person.save()
    new = certificates.certify_own(course=course, by=acting_as(person))
    assert (new.name, new.serial, new.token == old.token) == ("王小明", 2, False)
    assert certificates.certify_own(course=course, by=acting_as(person)) == new
    assert [same.pk for same in certificates.certify(course=course, by=acting(course.handler))] == [new.pk]
    assert all(f"{verified(one.token).state}" == "valid" for one in (old, new))  # type: ignore[union-attr]


def test_a_certificate_in_the_name_of_another_person_is_revoked_when_the_merge_is_undone() -> None:
    course = closed_course("王曉明")
    second, person, by = course.enrolments.get().user, make_user(name="王小明"), acting(make_operator())
    merging.merge(person=person, second=second, by=by, reason="同一人")
    [wrong] = certificates.certify(course=course, by=acting(course.handler))
    assert "此證明有效" in checked(wrong.token)
    merging.undo(person=User.objects.get(pk=second.pk), by=by, reason="兩個人")
    found = verified(wrong.token)
    assert found and (found.state, found.hours) == ("revoked", 0) and "此證明已撤銷" in checked(wrong.token)
    [own] = certificates.certify(course=course, by=acting(course.handler))
    assert (own.name, own.pk == wrong.pk) == ("王曉明", False) and "此證明有效" in checked(own.token)
    assert not own_certificates(person.pk)
    assert {worth_of(row) for row in own_certificates(second.pk)} == {"revoked", "valid"}
    User.objects.filter(pk=second.pk).update(name="王曉鳴")
    assert "此證明已撤銷" in checked(wrong.token) and "此證明有效" in checked(own.token)
