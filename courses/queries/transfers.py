"""Whether a course may move, and what the operator sees of a request or of a pasted table."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import UNIT_ROLES
from accounts.models import BusinessAccount
from courses.enums import CourseState, TransferState
from courses.models import Course, TransferRequest
from kit.texts import fold


def why_not(course: Course, to: BusinessAccount) -> str:
    """The sentence why a course cannot move to an account; empty when it can."""
    if not course.is_transferable:
        return _("it is not an unclosed course.")
    if course.handler_id == to.pk:
        return _("the account already holds it.")
    if course.unit_id != to.unit_id:
        return _("the account %(number)s belongs to another unit.") % {"number": to.number}
    if to.role not in UNIT_ROLES or not to.is_active():
        return _("the account %(number)s is not an active business account.") % {"number": to.number}
    return ""


def transferable_to(account: BusinessAccount) -> QuerySet[Course]:
    """Unclosed courses of colleagues at the account's unit, and drafts of those whose account has ended, without a pending request."""
    pending = TransferRequest.objects.filter(state=TransferState.PENDING).values("course_id")
    return (
        Course.objects.transferable()
        .of_unit(account.unit_id)
        .exclude(handler=account)
        .exclude(state=CourseState.DRAFT, handler__in=BusinessAccount.objects.active())
        .exclude(pk__in=pending)
        .select_related("handler__user")
        .order_by("handler__number", F("ends_on").asc(nulls_last=True), "id")
    )


def queue() -> QuerySet[TransferRequest]:
    """What waits for the operator, oldest first."""
    related = TransferRequest.objects.select_related(
        "course__unit__county",
        "course__handler__user",
        "from_account__user",
        "to_account__user",
        "requested_by",
    )
    return related.filter(state=TransferState.PENDING).order_by("requested_at", "id")


def flags(row: TransferRequest) -> list[str]:
    """What does not match between the four stated items and what the system knows; the operator decides."""
    found = []
    if row.stated_code != row.course.code:
        found.append(_("the code does not match"))
    if fold(row.stated_title) != fold(row.course.title):
        found.append(_("the course name does not match"))
    if fold(row.stated_name) != fold(row.to_account.user.name):
        found.append(_("the new handler's name does not match the account"))
    if row.stated_account != row.to_account.number:
        found.append(_("the account number does not match"))
    if row.course.handler_id != row.from_account_id:
        found.append(_("the course has another handler now"))
    if sentence := why_not(row.course, row.to_account):
        found.append(sentence)
    return found


@dataclass
class PastedRow:
    """One line of a pasted table (代碼, 名稱, 新任姓名, 新任帳號) and what would happen with it."""

    line: int
    cells: list[str]
    course: Course | None = None
    account: BusinessAccount | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


HEADINGS = {"代碼", "課程代碼", "研習課程代碼"}
MAX_PASTED = 500


def read_pasted(text: str) -> list[PastedRow]:
    """The rows of a table pasted from an e-mail, tabs or commas or bars between the cells, with or without its heading; each with
    its course, account and problems. Two queries, however many rows."""
    rows = []
    for number, raw in enumerate(text.splitlines(), 1):
        cells = _cells(raw)
        if cells and cells[0] not in HEADINGS:
            rows.append(PastedRow(number, cells))
    _resolve(rows)
    return rows


def _cells(raw: str) -> list[str]:
    for separator in ("\t", "|", ",", "，"):
        if separator in raw:
            return [c.strip() for c in raw.strip(" |").split(separator)]
    return raw.split()


def _resolve(rows: Sequence[PastedRow]) -> None:
    codes = [r.cells[0] for r in rows]
    numbers = [r.cells[-1] for r in rows]
    courses = {
        c.code: c for c in Course.objects.filter(code__in=codes).select_related("unit", "handler__user")
    }
    accounts = {
        a.number: a for a in BusinessAccount.objects.filter(number__in=numbers).select_related("user", "unit")
    }
    seen: set[str] = set()
    for row in rows:
        if len(row.cells) != 4:
            row.problems.append(
                _("four cells are needed: code, name, new handler's name, new handler's account")
            )
            continue
        code, title, name, number = row.cells
        row.course, row.account = courses.get(code), accounts.get(number)
        row.problems = list(_problems(row, title, name)) + (
            [_("this code stands twice in the table")] if code in seen else []
        )
        seen.add(code)


def _problems(row: PastedRow, title: str, name: str) -> Sequence[str]:
    found = []
    if row.course is None:
        found.append(_("there is no course of this code"))
    elif fold(row.course.title) != fold(title):
        found.append(_("the course of this code is named “%(title)s”") % {"title": row.course.title})
    if row.account is None:
        found.append(_("there is no business account of this number"))
    elif fold(row.account.user.name) != fold(name):
        found.append(_("this account belongs to %(name)s") % {"name": row.account.user.name})
    if row.course and row.account and (sentence := why_not(row.course, row.account)):
        found.append(sentence)
    return found


def unclosed_of(account: BusinessAccount) -> QuerySet[Course]:
    """What an account would leave behind: its unclosed courses and its drafts."""
    rows = Course.objects.transferable().filter(Q(handler=account))
    return rows.order_by(F("ends_on").asc(nulls_last=True), "id")


def colleagues_of(account: BusinessAccount) -> QuerySet[BusinessAccount]:
    """Accounts in force at the same unit that could take courses over."""
    rows = BusinessAccount.objects.active().filter(unit_id=account.unit_id, role__in=UNIT_ROLES)
    return rows.exclude(pk=account.pk).select_related("user").order_by("number")
