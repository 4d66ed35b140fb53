"""What is printed: a name stays on one line, on the screen of a phone it may break."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import close, make_course, make_enrolment, make_lead

pytestmark = pytest.mark.django_db


def test_names_do_not_break_across_lines_in_print() -> None:
    sheet = (Path(settings.BASE_DIR) / "static/css/app.css").read_text()
    printed = sheet.partition("@media print {")[2].partition("\n}")[0]
    assert ".whole-name { white-space: nowrap; }" in printed
    course = make_course(make_lead(), ago=1)
    row = make_enrolment(course)
    close(course)
    client = Client()
    name = f'<span class="whole-name">{row.user.name}</span>'
    client.force_login(course.handler.user)
    for path in (reverse("hours:receipt", args=[course.code]), reverse("hours:unit_records")):
        assert name in client.get(path).content.decode(), path
    client.force_login(row.user)
    assert name in client.get(reverse("hours:my_record")).content.decode()
