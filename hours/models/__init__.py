from hours.models.attendance import Attendance
from hours.models.certificate import Certificate
from hours.models.closing import Closing
from hours.models.credit import HourCredit
from hours.models.draft import ClosingDraft
from hours.models.look_up import LookUpDay
from hours.models.missed_sign import MissedSign
from hours.models.objection import Objection
from hours.models.sheet import Mark, Sheet, WalkIn
from hours.models.survey import Survey, SurveyAnswered, SurveyQuestion

__all__ = [
    "Attendance",
    "Certificate",
    "Closing",
    "ClosingDraft",
    "HourCredit",
    "LookUpDay",
    "Mark",
    "MissedSign",
    "Objection",
    "Sheet",
    "Survey",
    "SurveyAnswered",
    "SurveyQuestion",
    "WalkIn",
]
