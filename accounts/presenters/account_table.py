"""The list of business accounts as a table."""

from collections.abc import Iterable, Iterator
from datetime import date

from accounts.models import BusinessAccount
from kit import clock

ACCOUNTS = ["業務帳號", "姓名", "角色", "單位代碼", "單位名稱", "起日", "迄日", "狀態"]


def account_rows(rows: Iterable[BusinessAccount]) -> Iterator[list[object]]:
    """The cells under ACCOUNTS; days Gregorian."""
    for row in rows:
        yield [
            row.number,
            row.user.name,
            row.get_role_display(),
            row.unit.code,
            row.unit.name,
            _day(row.valid_from),
            _day(clock.day_of(row.ended_at) if row.ended_at else row.valid_until),
            str(row.state().label),
        ]


def _day(value: date | None) -> str:
    return f"{value:%Y/%m/%d}" if value else ""
