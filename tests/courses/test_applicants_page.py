"""The list of applicants shows whom the handler decides about."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from courses.enums import Admission
from courses.enums import EnrolmentState as S
from tests.factories import make_account, make_course, make_enrolment

pytestmark = pytest.mark.django_db


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
