"""研習紀錄: what a unit's teachers earned in a ROC year, in the columns of the national export (domain.md §5)."""

from collections.abc import Iterator

from django.db.models import F, Min, OuterRef, QuerySet, Subquery, Sum

from accounts.models import Affiliation
from accounts.queries.names import masked_account, numbered
from courses.enums import CourseState
from courses.models import Enrolment
from kit.tables import Cell

HEADER = ["教師姓名", "課程代碼", "研習課程名稱", "主辦單位", "課程結束時間", "實核時數/學分數", "核准文號"]


# A county has people of one name at one school: the masked account tells them apart without a national ID.
COUNTY_HEADER = ["服務單位代碼", "服務單位", *HEADER, "帳號（遮蔽）"]


def records(unit_id: int, year: int) -> QuerySet[Enrolment]:
    """Enrolments with hours that count, of people who serve at the unit today, in the school's administrative order."""
    serves = _serving().filter(unit_id=unit_id)
    rank = (
        serves.filter(user_id=OuterRef("user_id"))
        .order_by()
        .values("user_id")
        .annotate(r=Min("rank"))
        .values("r")
    )
    rows = _credited(year, serves).annotate(rank=Subquery(rank))
    return rows.order_by(
        F("rank").asc(nulls_last=True), "user__name", "user_id", "course__ends_on", "course_id"
    )


def county_records(county_id: int, year: int) -> QuerySet[Enrolment]:
    """The same of everybody who serves at a unit of the county today, each once, by the first of their units there."""
    serves = _serving().filter(unit__county_id=county_id)
    home = serves.filter(user_id=OuterRef("user_id")).order_by("rank", "id")
    rows = _credited(year, serves).annotate(
        home_code=Subquery(home.values("unit__code")[:1]), home_name=Subquery(home.values("unit__name")[:1])
    )
    return rows.order_by("home_code", "home_name", "user__name", "user_id", "course__ends_on", "course_id")


def _serving() -> QuerySet[Affiliation]:
    return Affiliation.objects.in_force()


def _credited(year: int, serves: QuerySet[Affiliation]) -> QuerySet[Enrolment]:
    rows = Enrolment.objects.filter(
        course__state=CourseState.CLOSED, course__year=year, user_id__in=serves.order_by().values("user_id")
    )
    return rows.annotate(net=Sum("credits__hours")).filter(net__gt=0).select_related("user", "course__unit")


def county_rows(rows: QuerySet[Enrolment]) -> Iterator[list[Cell]]:
    """The cells under COUNTY_HEADER, of rows in the order of `county_records`: a person's rows follow each other."""
    place: tuple[str, str, str] = ("", "", "")
    accounts: dict[int, str] = {}
    for row in rows.iterator(chunk_size=2000):
        here = (row.home_code, row.home_name, row.user.name)  # type: ignore[attr-defined]  # annotated by county_records
        if here != place:
            place, accounts = here, {}
        if row.user_id not in accounts:
            accounts[row.user_id] = numbered(masked_account(row.user), accounts.values())
        yield [*here[:2], *cells(row), accounts[row.user_id]]


def export_rows(rows: QuerySet[Enrolment]) -> Iterator[list[Cell]]:
    """The cells under HEADER."""
    for row in rows.iterator(chunk_size=2000):
        yield cells(row)


def cells(row: Enrolment) -> list[Cell]:
    """Hours are a number, bare in every format; days Gregorian YYYY/MM/DD: other people's tools read this."""
    course = row.course
    return [
        row.user.name,
        course.code,
        course.title,
        course.unit.name,
        f"{course.ends_on:%Y/%m/%d}",
        row.net,  # type: ignore[attr-defined]
        course.approval_number,
    ]
