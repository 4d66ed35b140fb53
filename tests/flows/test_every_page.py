"""Every page of every hat opens on the demonstration, with a bounded number of queries."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount, User
from courses.models import Course
from demo import events
from hours.models import Certificate

pytestmark = pytest.mark.django_db
MOST_QUERIES = 22
HATS = ("teacher", "handler", "lead", "county", "operator", "family")
INLINE = re.compile(r"\sstyle=|<script(?![^>]*(src=|application/json))|\son[a-z]+=")


def logged_in(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def pages_of(hat: str) -> list[str]:
    course = Course.objects.get(title="資通安全與個資保護研習")
    closed = Course.objects.get(title="閱讀理解策略教學")
    codes = {"code": course.code}
    common = [
        reverse("courses:catalogue"),
        reverse("courses:public", kwargs=codes),
        reverse("notices:inbox"),
        reverse("jobs:mine"),
        "/help/",
    ]
    account = BusinessAccount.objects.get(user__email="handler@demo.example")
    own = {
        "teacher": [
            reverse("hours:me"), reverse("hours:my_record"), reverse("hours:my_figure", args=["topics", "svg"]), reverse("courses:public", args=[closed.code]),
        ],
        "handler": [
            reverse("courses:unit_home"),
            reverse("courses:unit_figures"),
            reverse("courses:unit_figure", args=["light", "svg"]),
            reverse("courses:unit_courses"),
            reverse("courses:unit_courses") + "?state=registered&q=性別&page=9",
            reverse("courses:register"),
            *[reverse(f"courses:{name}", kwargs=codes) for name in ("detail", "edit", "withdraw", "applicants")],
            reverse("hours:close", kwargs=codes),
            reverse("courses:transfers"),
            reverse("hours:objections"),
        ],
        "lead": [reverse("hours:unit_records"), *[f"/unit/records/download.{fmt}" for fmt in ("csv", "xlsx", "ods")]],
        "county": [
            reverse("courses:county"),
            reverse("courses:county") + "?colour=red&q=南州",
            reverse("courses:county_export"),
            reverse("courses:county_figures"),
            reverse("courses:county_figure", args=["reds", "ods"]),
            reverse("hours:county_records"),
            reverse("hours:county_records_download", args=["csv"]),
            reverse("courses:year_end") + "?year=115",
            reverse("courses:county_unit", args=[course.unit_id]),
            reverse("accounts:units") + "?missing=lead&q=南州",
            reverse("accounts:unit_new"),
            reverse("accounts:unit_edit", args=[course.unit_id]),
            reverse("accounts:unit_code", args=[course.unit_id]),
            reverse("courses:close_unit", args=[course.unit_id]),
            reverse("courses:dissolve_unit", args=[course.unit_id]),
            reverse("courses:dissolve_unit", args=[course.unit_id]) + f"?to={course.unit_id + 1}",
        ],
        "operator": [
            *[
                reverse(f"courses:{name}")
                for name in (
                    "operator", "operator_accounts", "operator_appoint", "policy", "transfer_queue",
                    "transfer_direct", "transfer_paste", "operator_withdrawn", "county", "year_end",
                )
            ],
            reverse("courses:account", args=[account.pk]),
            reverse("accounts:undelivered_mail"),
            reverse("checks:system"),
            reverse("accounts:unit_lists"),
            reverse("accounts:units"),
            reverse("accounts:unit_new"),
            reverse("accounts:import_units"),
            reverse("accounts:import_people"),
        ],
        "family": [reverse("hours:receipt", args=[closed.code]), reverse("hours:correct", args=[closed.code])],
    }  # fmt: skip
    return [*common, *own[hat]]


def test_every_page_of_every_hat_opens(django_assert_max_num_queries: Any) -> None:
    """One test for everybody: the demonstration takes longer to build than their pages."""
    events.load()
    a_visitor_and_each_hat_open_what_is_theirs_and_nothing_else()
    each_hat_opens_its_pages(django_assert_max_num_queries)


def each_hat_opens_its_pages(most_queries: Any) -> None:
    for hat in HATS:
        client = logged_in(f"{hat}@demo.example")
        for language in ("zh-hant", "en"):
            User.objects.filter(email=f"{hat}@demo.example").update(language=language)
            for page in pages_of(hat):
                with most_queries(MOST_QUERIES, info=f"{hat}: {page}"):
                    answer = client.get(page)
                assert answer.status_code == 200, (hat, language, page)
                body = answer.getvalue().decode(errors="replace") if "html" in answer["Content-Type"] else ""
                assert not INLINE.search(body), (hat, language, page)


def a_visitor_and_each_hat_open_what_is_theirs_and_nothing_else() -> None:
    visitor = Client()
    assert visitor.get("/", follow=True).redirect_chain[-1][0] == "/catalogue/"
    course = Course.objects.get(title="AI 融入教學實作工作坊")
    assert "3" in visitor.get(reverse("courses:public", args=[course.code])).content.decode()
    tokens = Certificate.objects.values_list("token", flat=True)
    pages = [visitor.get(reverse("hours:verify"), {"code": token}).content.decode() for token in tokens]
    for words in ("此證明有效", "時數已更正", "此證明已撤銷"):
        assert sum(words in page for page in pages) == 1, words
    for page in ("/me/", "/unit/", "/county/", "/operator/", "/notices/"):
        assert visitor.get(page).url.startswith("/accounts/login/")
    homes = {"teacher": "/me/", "handler": "/unit/", "county": "/county/", "operator": "/operator/"}
    for hat, home in homes.items():
        assert logged_in(f"{hat}@demo.example").get("/").url == home
    for hat, page in (
        ("teacher", "/unit/"),
        ("handler", "/county/"),
        ("county", "/operator/"),
        ("handler", "/unit/records/"),
    ):
        assert logged_in(f"{hat}@demo.example").get(page).status_code == 403, (hat, page)
