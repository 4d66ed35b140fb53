"""The words of courses and enrolments, and which state may follow which."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CourseState(models.TextChoices):
    DRAFT = "draft", _("draft")
    REGISTERED = "registered", _("unclosed")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn in error")


class Phase(models.TextChoices):
    """The state of a course as pages show it; for a registered one, where it is in time (`courses.queries.phase`)."""

    DRAFT = "draft", _("draft")
    ENROLLING = "enrolling", _("enrolling")
    NOT_BEGUN = "not_begun", _("not begun")
    RUNNING = "running", _("in progress")
    POSTPONED = "postponed", _("postponed")
    HOURS_DUE = "hours_due", _("hours to be issued")
    OVERDUE = "overdue", _("overdue, not closed")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn in error")


COURSE_TRANSITIONS: dict[str, frozenset[str]] = {
    CourseState.DRAFT: frozenset({CourseState.REGISTERED}),
    CourseState.REGISTERED: frozenset({CourseState.CLOSED, CourseState.WITHDRAWN}),
    CourseState.CLOSED: frozenset(),
    CourseState.WITHDRAWN: frozenset(),
}
# States that none follows.
SETTLED = frozenset({CourseState.CLOSED, CourseState.WITHDRAWN})


class Admission(models.TextChoices):
    AUTOMATIC = "automatic", _("first come, first served")
    REVIEW = "review", _("reviewed by the organiser")


class OpenTo(models.TextChoices):
    """Who may enrol in a course, or take one of the places that a quota keeps, by the place of service."""

    ALL = "all", _("everybody")
    OWN_UNIT = "own_unit", _("the unit's own staff")
    UNITS = "units", _("staff of named units")
    COUNTIES = "counties", _("staff of named counties")
    INVITED = "invited", _("only whom the organiser puts on the list")


class AudienceObstacle(models.TextChoices):
    """Why a person is not among those who may enrol."""

    OWN_UNIT = "own_unit"
    UNITS = "units"
    COUNTIES = "counties"
    INVITED = "invited"
    STAGES = "stages"
    TITLES = "titles"


class Mode(models.TextChoices):
    ON_SITE = "on_site", _("on site")
    ONLINE = "online", _("on-line")
    HYBRID = "hybrid", _("on site and on-line")


class RequiredFact(models.TextChoices):
    """A fact that a registered course must publish (H0050014 §10): the form's field and its name."""

    TITLE = "title", _("course name")
    APPROVAL_NUMBER = "approval_number", _("approval number")
    SUMMARY = "summary", _("summary")
    AUDIENCE = "audience", _("target audience")
    MATERIALS = "materials", _("materials")
    METHOD = "method", _("teaching method")
    CONTACT_NAME = "contact_name", _("contact")
    CONTACT_PHONE = "contact_phone", _("contact's telephone")
    SESSIONS = "sessions", _("at least one session")
    INSTRUCTORS = "instructors", _("at least one instructor")
    STAGES = "stages", _("stages of the audience")
    PLACE = "place", _("place")
    MEETING_LINK = "meeting_link", _("meeting link")


class Payer(models.TextChoices):
    NOBODY = "nobody", _("free of charge")
    PARTICIPANT = "participant", _("paid by the participant")
    UNIT = "unit", _("paid by the participant's unit")


class HoursBy(models.TextChoices):
    """How a person's hours follow from the attendance of the sessions (`hours.queries.presence`)."""

    WHOLE = "whole", _("whole course")
    SESSION = "session", _("by session")
    HALF_DAY = "half_day", _("by half day")


class LeaveKind(models.TextChoices):
    """假別建議: the leave that the organiser recommends to the participants' own schools, which decide about it."""

    SUBSTITUTE = "substitute", _("official leave, with a substitute teacher")
    OWN_LESSONS = "own_lessons", _("official leave, own lessons rearranged")
    OUT_OF_HOURS = "out_of_hours", _("outside of working hours")
    NO_LEAVE = "no_leave", _("no leave")


class Travel(models.TextChoices):
    """差旅費由原服務單位支應: whether the participants' own units pay the travel expenses."""

    OWN_UNIT = "own_unit", _("paid by the participant's own unit")
    NOT_OWN_UNIT = "not_own_unit", _("not paid by the participant's own unit")


class Questionnaire(models.TextChoices):
    """意見調查 after the course: whether there is one, and whether one's own certificate waits for the answer."""

    VOLUNTARY = "voluntary", _("with a questionnaire, as people like")
    REQUIRED = "required", _("with a questionnaire that is answered before the certificate is made")


class EnrolmentState(models.TextChoices):
    APPLIED = "applied", _("under review")
    ADMITTED = "admitted", _("admitted")
    WAITLISTED = "waitlisted", _("on the waiting list")
    DECLINED = "declined", _("not admitted")
    CANCELLED = "cancelled", _("cancelled")
    ATTENDED = "attended", _("attended")
    ABSENT = "absent", _("absent")
    EXCUSED = "excused", _("excused")


class Participation(models.TextChoices):
    """As what a person is on the list of a course: 參加, 講師 or 工作人員. The hours of each are kept apart (docs/adr/0030)."""

    PARTICIPANT = "participant", _("participant")
    LECTURER = "lecturer", _("lecturer")
    STAFF = "staff", _("staff member")


# Those who take no place and have no outcome.
HELPERS = (Participation.LECTURER.value, Participation.STAFF.value)


class DeclineCause(models.TextChoices):
    """Why an enrolment ended as not admitted, where it was not the organiser's decision."""

    COURSE_OVER = "course_over", _("not admitted (the course is over)")


class QuestionKind(models.TextChoices):
    """What a reply to a question at enrolment is."""

    YES_NO = "yes_no", _("yes or no")
    CHOICE = "choice", _("a choice")
    TEXT = "text", _("a short text")


class AbsenceKind(models.TextChoices):
    """未能出席: why a person cannot come, as the organiser may know it."""

    OFFICIAL = "official", _("official leave")
    SICK = "sick", _("sick leave")
    PERSONAL = "personal", _("personal leave")
    OTHER = "other", _("other")


class PlannedAbsenceState(models.TextChoices):
    OPEN = "open", _("waiting for the organiser")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("not accepted")
    TAKEN_BACK = "taken_back", _("taken back")
    ENDED = "ended", _("ended with the place")


E_ = EnrolmentState
# States that hold one of the course's places (walk-ins hold none: they came when it was over).
SEATED = frozenset({E_.ADMITTED, E_.ATTENDED, E_.ABSENT, E_.EXCUSED})
# States of people who still want to come.
LIVE = frozenset({E_.APPLIED, E_.ADMITTED, E_.WAITLISTED})
OUTCOMES = frozenset({E_.ATTENDED, E_.ABSENT, E_.EXCUSED})
# Lecturers and staff have hours or none: they are never absent, as nobody expected them as participants.
HELPER_OUTCOMES = frozenset({E_.ATTENDED, E_.EXCUSED})
# States of people who have no place and wait for none.
NO_PLACE = frozenset({E_.CANCELLED, E_.DECLINED})
ENROLMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    E_.APPLIED: frozenset({E_.ADMITTED, E_.WAITLISTED, E_.DECLINED, E_.CANCELLED}),
    E_.WAITLISTED: frozenset({E_.ADMITTED, E_.DECLINED, E_.CANCELLED}),
    E_.ADMITTED: frozenset({E_.DECLINED, E_.CANCELLED, *OUTCOMES}),
    E_.DECLINED: frozenset({E_.ADMITTED}),
    E_.CANCELLED: frozenset({E_.APPLIED, E_.ADMITTED, E_.WAITLISTED}),
    E_.ATTENDED: frozenset({E_.ABSENT, E_.EXCUSED}),
    E_.ABSENT: frozenset({E_.ATTENDED, E_.EXCUSED}),
    E_.EXCUSED: frozenset({E_.ATTENDED, E_.ABSENT}),
}


class PublicChange(models.TextChoices):
    """What happened to a course that everybody may see."""

    PUBLISHED = "published", _("a course is published")
    CHANGED = "changed", _("a course is changed, postponed or withdrawn")
    CLOSED = "closed", _("a course is closed")


class WithdrawalReason(models.TextChoices):
    NOT_HELD = "not_held", _("the course was not held")
    REGISTERED_TWICE = "registered_twice", _("the course was registered twice")
    OTHER = "other", _("another reason")


class CourseFileKind(models.TextChoices):
    POSTER = "poster", _("poster")
    PLAN = "plan", _("implementation plan")
    MATERIAL = "material", _("course material")


class MaterialsFrom(models.TextChoices):
    """From when on the admitted may take materials."""

    ADMITTED = "admitted", _("as soon as a person is admitted")
    START = "start", _("from the first session on")
    END = "end", _("after the last session")


class MessageTo(models.TextChoices):
    """The people of a course whom a message reaches."""

    ADMITTED = "admitted", _("the admitted")
    WAITING = "waiting", _("those who wait or are under review")
    PRESENT = "present", _("those who attended")
    CHOSEN = "chosen", _("the chosen people")


class PostponementOutcome(models.TextChoices):
    """What became of a course that a suspension of work and classes postponed."""

    MOVED = "moved", _("new days chosen")
    NOT_HELD = "not_held", _("not held")
    TAKEN_BACK = "taken_back", _("held as planned")


class TransferState(models.TextChoices):
    PENDING = "pending", _("waiting for the operator")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("taken back")
    ENDED = "ended", _("ended with the course")


class TransferObstacle(models.TextChoices):
    """Why a course cannot move to an account; `number` in a sentence is that of the account."""

    NOT_UNCLOSED = "not_unclosed", _("it is not an unclosed course.")
    ALREADY_HELD = "already_held", _("the account already holds it.")
    OTHER_UNIT = "other_unit", _("the account %(number)s belongs to another unit.")
    NOT_ACTIVE = "not_active", _("the account %(number)s is not an active business account.")
    MOVED = "moved", _("another person became its handler meanwhile.")


class Colour(models.TextChoices):
    GREEN = "green", _("green")
    YELLOW = "yellow", _("yellow")
    RED = "red", _("red")


class LightCause(models.TextChoices):
    """What made a light change its colour. Another text, as of a set of test data, has no words."""

    JOB = "job", _("daily count")
    COMMAND = "command", _("count by command")
    CLOSING = "closing", _("course closed")
    REGISTER = "register", _("course registered")
    EDIT = "edit", _("course changed")
    WITHDRAWAL = "withdrawal", _("registered in error")
    TRANSFER = "transfer", _("course moved")
    MERGER = "merger", _("units merged or split")
    POLICY = "policy", _("policy changed")
    NEW_YEAR = "new_year", _("new year")


# A course for a stage is also one whose audience code holds that stage: 73 國中小 is for 30 and for 40, 75 全部 for all.
STAGE_COVERS: dict[str, frozenset[str]] = {
    "10": frozenset({"10", "71", "72", "75"}),
    "20": frozenset({"20", "71", "72", "75"}),
    "23": frozenset({"23", "71", "72", "75"}),
    "30": frozenset({"30", "72", "73", "75"}),
    "40": frozenset({"40", "73", "74", "75"}),
    "50": frozenset({"50", "74", "75"}),
    "60": frozenset({"60", "75"}),
}


def stages_covering(code: str) -> frozenset[str]:
    """The audience codes that a search for a stage finds."""
    return STAGE_COVERS.get(code, frozenset({code, "75"}))


class When(models.TextChoices):
    WEEK = "week", _("this week")
    MONTH = "month", _("this month")
    NEXT_MONTH = "next", _("next month")


class TimeOfDay(models.TextChoices):
    DAYTIME = "day", _("weekday, daytime")
    EVENING = "evening", _("weekday evening")
    WEEKEND = "weekend", _("weekend")


class Length(models.TextChoices):
    SHORT = "short", _("3 hours at most")
    MIDDLE = "middle", _("more than 3, up to 6 hours")
    LONG = "long", _("more than 6 hours")


class LetterSpeed(models.TextChoices):
    """速別 of an official letter, in the order of the form."""

    URGENT = "最速件", _("most urgent")
    FAST = "速件", _("urgent")
    PLAIN = "普通件", _("ordinary")


class LetterSecrecy(models.TextChoices):
    """密等; without one the label stays empty."""

    ABSOLUTE = "絕對機密", _("absolutely secret")
    HIGH = "極機密", _("top secret")
    SECRET = "機密", _("secret")
    CONFIDENTIAL = "密", _("confidential")


class LetterDirection(models.TextChoices):
    """To whom a letter is written, by rank: to units below, or also to others (平行)."""

    DOWN = "down", _("to units below")
    LEVEL = "level", _("also to units that are not below")


# 期望及目的語 by rank; the same words are found nowhere else in a letter.
CLOSING_PHRASES: dict[str, tuple[str, ...]] = {
    LetterDirection.DOWN: ("請查照", "請照辦", "請辦理見復"),
    LetterDirection.LEVEL: ("請查照", "請查照惠復"),
}
