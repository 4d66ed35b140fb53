"""Whether a hat finds the object of a route of courses or hours, for `accounts.other_hats`."""

from collections.abc import Mapping
from typing import Any

from accounts.acting import Actor
from accounts.queries.people import accounts_in_reach
from courses.models import Course
from courses.queries.campaigns import campaigns_of


def finds_course(by: Actor, arguments: Mapping[str, Any]) -> bool:
    return Course.objects.manageable_by(by).filter(code=arguments["code"]).exists()


def finds_account(by: Actor, arguments: Mapping[str, Any]) -> bool:
    return accounts_in_reach(by).filter(pk=arguments["pk"]).exists()


def finds_campaign(by: Actor, arguments: Mapping[str, Any]) -> bool:
    return campaigns_of(by).filter(pk=arguments["pk"]).exists()


FINDERS = {
    "courses:code": finds_course,
    "hours:code": finds_course,
    "courses:account": finds_account,
    "courses:campaign": finds_campaign,
    "courses:letter": finds_campaign,
}
