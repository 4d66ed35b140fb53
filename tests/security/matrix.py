"""Every route of the site and its address as each role, about an object in each relation."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.urls import URLResolver, get_resolver, reverse

from accounts.enums import Role
from kit.rights import Audience, Reach, right_of
from tests.security.world import RELATIONS, World

# Which object a route is about. What is not named here and takes a `code` is about a course that is over and not closed.
KINDS = {
    "courses:public": "open", "courses:short": "open", "courses:short_qr": "open", "courses:poster": "open", "courses:file": "course_file", "courses:remove_file": "course_file", "courses:enrol": "open", "courses:accept": "open", "courses:cancel": "open", "api:course": "open", "api:course_files": "open", "api:enrol": "open",
    "courses:cannot_come": "open", "courses:come_after_all": "open", "courses:decide_absence": "absence", "api:decide_absence": "absence", "api:cannot_come": "open", "api:come_after_all": "open",
    "api:accept": "open", "api:cancel": "open", "courses:edit": "draft", "courses:confirm_registration": "draft", "courses:discard": "draft",
    "hours:receipt": "closed", "hours:evidence": "closed", "courses:admit": "open", "hours:correct": "closed", "hours:certificates": "closed", "hours:my_certificate": "closed", "hours:questionnaire": "closed", "hours:object": "closed", "courses:county_unit": "unit", "accounts:unit_edit": "unit", "accounts:unit_list": "unit_list", "accounts:decide_unit_list": "unit_list", "courses:close_unit": "unit", "courses:reopen_unit": "unit", "courses:dissolve_unit": "unit", "accounts:unit_code": "unit",
    "courses:account": "account", "courses:end_account": "account", "courses:offer_courses": "account",
    "accounts:suspend": "account", "accounts:resume": "account", "courses:take_back_transfer": "transfer",
    "hours:answer_objection": "objection", "api:answer_objection": "objection", "hours:county_answer": "county_objection",
    "hours:review_objection": "my_objection", "api:review_objection": "my_objection", "api:object": "closed", "api:course_questionnaire": "closed", "accounts:decide_application": "application", "accounts:decide_change": "change",
    "signin:decide_join": "join", "accounts:staff_of": "unit", "accounts:staff_add": "unit", "accounts:place": "place",
    "accounts:end_place": "place", "signin:invite_again": "place", "accounts:take_back_offer": "offer",
    "accounts:answer_offer": "my_offer",
    "accounts:decide_proposal": "proposal",
    "accounts:paper": "proof", "accounts:person": "person", "accounts:reveal": "person",
    "accounts:correct_numbers": "person", "accounts:correct_name": "person", "accounts:close_person": "person",
    "accounts:reopen_person": "person", "hours:merge": "person", "hours:part": "person",
    "accounts:admit_guest": "person",
    "signin:reset_second_factor": "person", "signin:begin_support": "person", "notices:open": "notice", "notices:read": "notice",
    "signin:end_session": "session", "signin:forget_device": "device", "signin:end_key": "key",
    "accounts:take_back_application": "my_application", "accounts:take_back_change": "my_change",
    "notices:unsubscribe": "way_out",
    "courses:feed": "calendar", "courses:end_feed": "feed",
    "jobs:job": "job", "jobs:progress": "job", "jobs:cancel": "job", "jobs:result": "job", "jobs:refused": "job",
    "accounts:carry_out": "job", "accounts:roster_carry_out": "job",
    "courses:remove_search": "search", "courses:watch_search": "search", "courses:watch": "open", "accounts:take_back_day_off": "day_off",
    "bulletin:download": "public_download", "bulletin:dismiss": "announcement",
    "bulletin:edit_download": "download", "bulletin:remove_download": "download",
    "bulletin:edit_announcement": "announcement", "bulletin:end_announcement": "announcement",
    "courses:campaign": "campaign", "courses:campaign_edit": "campaign", "courses:campaign_begin": "campaign",
    "courses:suspension": "suspension", "courses:suspension_take_back": "suspension", "courses:suspension_go_on": "suspension",
    "courses:campaign_go_on": "campaign", "courses:campaign_end": "campaign", "courses:campaign_discard": "campaign",
    "webhooks:webhook": "webhook", "webhooks:end": "webhook", "webhooks:resume": "webhook", "webhooks:test": "webhook",
    "webhooks:renew_secret": "webhook", "webhooks:replay": "webhook", "webhooks:take_over": "webhook",
    "courses:letter": "campaign", "courses:letter_copy": "campaign", "courses:letter_archive": "campaign",
}  # fmt: skip
ROLE_NAMES = {"lead": Role.UNIT_LEAD, "county": Role.COUNTY_OFFICER}
PERSONAL = {
    "job",
    "search",
    "feed",
    "notice",
    "session",
    "device",
    "key",
    "my_application",
    "my_change",
    "my_offer",
    "my_objection",
}
FIXED = {
    "accounts:list": {"slug": "tags"},
    "accounts:list_add": {"slug": "tags"},
    "accounts:list_import": {"slug": "tags"},
    "accounts:list_entry": {"slug": "tags", "pk": 1},
    "accounts:list_delete": {"slug": "tags", "pk": 1},
    "old_api": {"rest": "courses/"},
    "account_confirm_email": {"key": "x"},
    "signin:open_link": {"key": "x"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
    "openid_connect_login": {"provider_id": "none"},
    "openid_connect_callback": {"provider_id": "none"},
    "handbook:page": {"slug": "closing"},
    "handbook:shot": {"name": "catalogue"},
    "hours:scan": {"token": "x"},
    "hours:screen": {"token": "x"},
    "hours:unit_records_download": {"fmt": "csv"},
    "styleguide_mail_one": {"kind": "admitted", "language": "en", "form": "html"},
    "hours:county_records_download": {"fmt": "csv"},
    "courses:unit_figure": {"name": "light", "fmt": "csv"},
    "courses:letter_copy": {"fmt": "pdf"},
    "courses:county_figure": {"name": "reds", "fmt": "svg"},
    "hours:my_years": {"fmt": "ods"},
    "hours:my_figure": {"name": "topics", "fmt": "svg"},
    "mfa_edit_webauthn": {"pk": 1},
    "mfa_remove_webauthn": {"pk": 1},
}


def reach(audience: Audience | None, role: str) -> Reach | None:
    """How far the table lets a role of these tests reach; None where it may not use the route."""
    return audience.reach(ROLE_NAMES.get(role, role)) if audience else None


def is_guarded(route: str, role: str, method: str) -> bool:
    """Whether the guard refuses the role with this method, whichever object the route is about (accounts/route_guard.py)."""
    right, role = right_of(route), ROLE_NAMES.get(role, role)
    return right is not None and not right.asks_itself and not right.admits(role, method)


@cache
def routes() -> dict[str, list[str]]:
    """Return every named route with the names of its parts; the unnamed ones only redirect or return 404 and are left to
    Django.
    """
    return dict(_walk(get_resolver().url_patterns))


def _walk(patterns: Any, space: str = "") -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(
                pattern.url_patterns, space + (f"{pattern.namespace}:" if pattern.namespace else "")
            )
        elif pattern.name:
            yield space + pattern.name, list(pattern.pattern.regex.groupindex)


def kind_of(name: str, parts: list[str]) -> str | None:
    """The kind of object a route is about; None for a route about none."""
    if not parts or name.startswith("admin:"):
        return None
    return KINDS.get(name) or ("course" if parts == ["code"] and name not in FIXED else None)


def relations_of(kind: str | None) -> tuple[str, ...]:
    if kind is None:
        return ("none",)
    return ("own", "other", "none") if kind in PERSONAL else RELATIONS


def address(world: World, name: str, parts: list[str], role: str, relation: str) -> str:
    kind = kind_of(name, parts)
    if name.startswith("admin:"):
        filler = {"app_label": "accounts", "object_id": "1", "content_type_id": 1, "url": "x"}
        return reverse(name, kwargs={part: filler[part] for part in parts})
    if kind is None:
        return reverse(name, kwargs=FIXED.get(name, {}))
    part, *_ = [one for one in parts if one not in FIXED.get(name, {})]
    value = "9999999" if part == "code" else 9999999
    if relation != "none":
        value = getattr(_thing(world, kind, role, relation), part)
    return reverse(name, kwargs={part: value} | FIXED.get(name, {}))


def _thing(world: World, kind: str, role: str, relation: str) -> Any:
    if kind in PERSONAL:
        return world.things[kind][role if relation == "own" and role != "visitor" else "stranger"]
    if kind == "account" and relation == "own" and role in world.accounts:
        return world.accounts[role]
    if kind == "person":
        return world.things["account"][relation].user
    return world.things[kind][relation]
