from accounts.models.account import BusinessAccount, Counter
from accounts.models.unit import County, Unit
from accounts.models.user import Affiliation, User

__all__ = ["Affiliation", "BusinessAccount", "Counter", "County", "Unit", "User"]
