"""The staff list in words, for the page and for files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Affiliation, PlaceOffer, Unit
from accounts.queries.staff import accounts_at, facts_of
from kit import clock
from kit.masking import masked_name

STAFF = [
    "姓名",
    "職稱",
    "職務",
    "校內排序",
    "起日",
    "迄日",
    "代理",
    "兼任",
    "其他任職單位數",
    "業務帳號角色",
    "電子郵件",
    "最近登入",
    "兩步驟驗證",
]
AT_ONCE = 500


@dataclass(frozen=True)
class StaffRow:
    """A person of the list. `second_step`: None where no business account needs it."""

    place: Affiliation
    roles: list[str]
    elsewhere: int
    second_step: bool | None

    @property
    def last_login(self) -> date | None:
        moment = self.place.user.last_login
        return clock.day_of(moment) if moment else None


def staff_rows(unit: Unit, places: Iterable[Affiliation]) -> list[StaffRow]:
    """Return the rows of a page, with one query for the accounts of its people."""
    places = list(places)
    held = accounts_at(unit, [place.user_id for place in places])
    return [_row(place, [str(a.get_role_display()) for a in held.get(place.user_id, [])]) for place in places]


def _row(place: Affiliation, roles: list[str]) -> StaffRow:
    facts = facts_of(place)
    return StaffRow(place, roles, facts.elsewhere, facts.has_second_step if facts.holds else None)


def staff_lines(unit: Unit, places: Iterable[Affiliation]) -> Iterator[list[object]]:
    """The cells under STAFF, in Chinese as the headings are; days Gregorian."""
    with override("zh-hant"):
        rows = staff_rows(unit, places)
    for row in rows:
        place = row.place
        yield [
            place.user.name,
            place.title,
            place.post,
            "" if place.order is None else place.order,
            _day(place.since),
            _day(place.until),
            "是" if place.is_substitute else "",
            "是" if place.is_concurrent else "",
            row.elsewhere,
            "、".join(row.roles),
            place.user.email,
            _day(row.last_login),
            "" if row.second_step is None else "是" if row.second_step else "否",
        ]


def _day(value: date | None) -> str:
    return f"{value:%Y/%m/%d}" if value else ""


def offered_name(offer: PlaceOffer) -> str:
    """The name of a person who has not accepted yet, masked."""
    return masked_name(offer.user.name)


def said_of(added: PlaceOffer | Affiliation) -> str:
    """Return what is said after a person was added."""
    if isinstance(added, PlaceOffer):
        words = {"name": offered_name(added)}
        return _("%(name)s is known and has been asked. The name appears when the person accepts.") % words
    return _("%(name)s is entered and gets an invitation by e-mail.") % {"name": added.user.name}
