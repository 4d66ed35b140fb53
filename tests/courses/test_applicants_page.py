"""The list of applicants shows whom the handler decides about."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from courses.enums import Admission
from courses.enums import EnrolmentState as S
from tests.factories import make_account, make_course, make_enrolment, make_user

pytestmark = pytest.mark.django_db


def test_paper_and_files_carry_no_absence_light(client: Client) -> None:
    course = make_course(make_account(), admission=Admission.REVIEW)
    enrolment = make_enrolment(course, make_user("王小明", unit=course.unit), state=S.APPLIED)
    make_enrolment(course, state=S.ADMITTED, walk_in=True)
    enrolment.unit = course.unit
    enrolment.save(update_fields=["unit"])
    client.force_login(course.handler.user)
    url = reverse("courses:applicants", args=[course.code])
    page = client.get(url).content.decode()
    lights = re.findall(r'<td class="([^"]*)">\s*<span class="light', page)
    assert len(lights) == 2 and all("no-print" in cell for cell in lights)
    text = b"".join(client.get(url, {"download": "csv"})).decode()  # type: ignore[arg-type]  # a streamed file
    assert "王小明,教師" in text and "未參與" not in text and "燈" not in text and ",是," in text


def test_each_row_names_the_person_the_school_and_the_state(client: Client) -> None:
    """A template prints nothing for a name that it does not find: the cells would be empty without an error."""
    course = make_course(make_account(), admission=Admission.REVIEW)
    enrolment = make_enrolment(course, state=S.APPLIED)
    client.force_login(course.handler.user)
    page = client.get(reverse("courses:applicants", args=[course.code])).content.decode()
    row = re.search(r"<tbody>(.*?)</tbody>", page, re.S)
    assert row and f'<span class="whole-name">{enrolment.user.name}</span>' in row[1]
    assert f'value="{enrolment.pk}"' in row[1] and f'aria-label="{enrolment.user.name}"' in row[1]
    assert "待審" in row[1] and re.search(r"\d+年\d+月\d+日", row[1])
