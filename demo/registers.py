"""The registers of the demonstration in every state: units that closed, merged, were split and got another code; a person who
retired, a proposal, a yearly list, a support view.
"""

from datetime import date, timedelta

from accounts.acting import Actor
from accounts.actions import closing_people, proposals, unit_codes, unit_lists
from accounts.enums import CloseReason, ListGroup, ProposalSource, UnitKind, UnitLevel
from accounts.models import Affiliation, Unit, UnitListRow
from courses.actions import unit_life
from courses.queries.unit_life import left_at
from demo.people import DemoPeople, actor, without_log_in
from demo.staff import SCHOOL
from signin.actions import support

# Invented schools, in no other part of the demonstration.
NAMES = {
    "13Z601": "縣立示範國小",
    "13Z602": "縣立示範國小山腳分校",
    "13Z603": "縣立示範國小海邊分校",
    "13Z604": "縣立示範實驗國小",
    "13Z606": "縣立示範國小聯合分校",
}


def fill_registers(cast: DemoPeople, today: date) -> None:
    by = actor(cast.operator)
    county = cast.units[SCHOOL].county
    school, closed, merged, recoded, parted = (
        Unit.objects.create(
            code=code, name=name, level=UnitLevel.ELEMENTARY, kind=UnitKind.SCHOOL, county=county
        )
        for code, name in NAMES.items()
    )
    _close(closed, school, today - timedelta(120), by)
    _merge(merged, school, today - timedelta(1), by)
    _split(parted, [school, recoded], today - timedelta(1), by)
    unit_codes.recode(
        unit=recoded, code="13Z605", level=recoded.level, reason="改制為公辦公營實驗學校", by=by
    )
    _retire(school, by)
    _propose(cast, today)
    _compare(cast, by)
    view = support.begin(by=by, person=cast.handler.user, reason="來電詢問結案步驟", hat=cast.handler)
    support.end(view=view, by=by)


def _close(unit: Unit, successor: Unit, last_day: date, by: Actor) -> None:
    unit_life.close(unit=unit, last_day=last_day, successor=successor, reason="學生數不足停辦", by=by)


def _merge(unit: Unit, successor: Unit, last_day: date, by: Actor) -> None:
    """Merge a unit with one teacher, who goes on at the successor."""
    teacher = without_log_in("merged@demo.example", "卓雅婷")
    Affiliation.objects.create(user=teacher, unit=unit, title="教師")
    seen = unit_life.mark(unit, left_at(unit), {}, successor)
    unit_life.dissolve(
        unit=unit,
        successors=[successor],
        steps={},
        last_day=last_day,
        reason="裁併",
        seen=seen,
        by=by,
        people_to=successor,
    )


def _split(unit: Unit, successors: list[Unit], last_day: date, by: Actor) -> None:
    seen = unit_life.mark(unit, left_at(unit), {}, None)
    unit_life.dissolve(
        unit=unit,
        successors=successors,
        steps={},
        last_day=last_day,
        reason="分別併入兩校",
        seen=seen,
        by=by,
    )


def _retire(unit: Unit, by: Actor) -> None:
    """Close a person who has left the service: the place ends, the record is kept."""
    teacher = without_log_in("retired@demo.example", "蘇清文")
    Affiliation.objects.create(user=teacher, unit=unit, title="教師")
    closing_people.close(person=teacher, because=CloseReason.RETIRED, by=by, reason="屆齡退休")


def _propose(cast: DemoPeople, today: date) -> None:
    """A colleague of the school has been added elsewhere: has the colleague left?"""
    places = Affiliation.objects.serving().filter(unit=cast.units[SCHOOL], user__in=cast.teachers)
    place = places.filter(is_concurrent=False).select_related("user", "unit").order_by("-pk").first()
    if place:
        proposals.propose_ends([(place, today - timedelta(1))], source=ProposalSource.MOVE, by=None)


def _compare(cast: DemoPeople, by: Actor) -> None:
    """A yearly list of which one difference is accepted, one is left and one waits."""
    units = [cast.units["134709"], cast.units["134710"]]
    rows = [
        UnitListRow(
            group=ListGroup.CHANGED,
            unit=unit,
            code=unit.code,
            name=unit.name,
            facts={"code": unit.code, "level": unit.level, "phone": phone, "county": unit.county_name},
            changes={"phone": ["", phone]},
        )
        for unit, phone in zip(units, ("08-8642100", "08-8642101"), strict=True)
    ]
    gone = cast.units["134651"]
    rows.append(UnitListRow(group=ListGroup.MISSING, unit=gone, code=gone.code, name=gone.name))
    made = unit_lists.save(name="115學年度國民小學名錄.csv", rows=rows, unchanged=5, by=by)
    first, second, _waits = made.rows.order_by("pk").values_list("pk", flat=True)
    unit_lists.accept(unit_list=made, row_ids=[first], by=by)
    unit_lists.leave(unit_list=made, row_ids=[second], by=by)
