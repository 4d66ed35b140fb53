from hours.models.closing import Closing
from hours.models.credit import HourCredit
from hours.models.draft import ClosingDraft, Filled
from hours.models.look_up import LookUpDay
from hours.models.objection import Objection

__all__ = ["Closing", "ClosingDraft", "Filled", "HourCredit", "LookUpDay", "Objection"]
