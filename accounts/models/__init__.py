from accounts.models.account import BusinessAccount, Counter
from accounts.models.affiliation import Affiliation
from accounts.models.applications import AccountApplication, AccountReview, IdentityChange, JoinRequest, Proof
from accounts.models.day_off import DayOff
from accounts.models.guest import Guest
from accounts.models.listed import Level, Listed, Title
from accounts.models.place_offers import PlaceOffer
from accounts.models.proposals import PlaceProposal
from accounts.models.security import ApiToken, Device, FirstLoginLink, KeyCanary, PasswordMemory, Throttle
from accounts.models.support import SupportView
from accounts.models.unit import County, FormerCode, FormerName, Unit, UnitSuccessor
from accounts.models.unit_lists import UnitList, UnitListRow
from accounts.models.user import User

__all__ = [
    "AccountApplication",
    "AccountReview",
    "Affiliation",
    "ApiToken",
    "BusinessAccount",
    "Counter",
    "County",
    "DayOff",
    "Device",
    "FirstLoginLink",
    "FormerCode",
    "FormerName",
    "Guest",
    "KeyCanary",
    "IdentityChange",
    "JoinRequest",
    "Level",
    "Listed",
    "PasswordMemory",
    "PlaceOffer",
    "PlaceProposal",
    "Proof",
    "SupportView",
    "Throttle",
    "Title",
    "Unit",
    "UnitList",
    "UnitListRow",
    "UnitSuccessor",
    "User",
]
