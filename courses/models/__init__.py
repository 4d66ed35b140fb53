from courses.models.audience import AudienceTarget, Quota
from courses.models.campaign import Campaign, CampaignUnit
from courses.models.course import Course, Instructor, Session
from courses.models.course_file import CourseFile
from courses.models.enrolment import Enrolment
from courses.models.feed import FeedAddress
from courses.models.helper import CourseHelper
from courses.models.letter import CampaignLetter
from courses.models.light import LightChange, UnitLight
from courses.models.message import CourseMessage
from courses.models.planned_absence import PlannedAbsence
from courses.models.policy import YearlyPolicy
from courses.models.question import Answer, Question
from courses.models.reference import AudienceGroup, CourseNature, Stage, Tag
from courses.models.saved import SavedSearch
from courses.models.suspension import Postponement, Suspension
from courses.models.transfer import TransferRequest
from courses.models.watch import EnrolmentWatch

__all__ = [
    "Answer",
    "AudienceGroup",
    "AudienceTarget",
    "Campaign",
    "CampaignLetter",
    "CampaignUnit",
    "Course",
    "CourseFile",
    "CourseHelper",
    "CourseMessage",
    "CourseNature",
    "Enrolment",
    "EnrolmentWatch",
    "FeedAddress",
    "Instructor",
    "LightChange",
    "PlannedAbsence",
    "Postponement",
    "Question",
    "Quota",
    "SavedSearch",
    "Session",
    "Stage",
    "Suspension",
    "Tag",
    "TransferRequest",
    "UnitLight",
    "YearlyPolicy",
]
