"""Who may use the pages about personal data."""

from accounts.role_sets import OPERATORS
from kit.rights import EVERYBODY, MEMBERS, act, page, reads

RIGHTS = {
    "privacy:notice": reads(EVERYBODY),
    "privacy:accessibility": reads(EVERYBODY),
    "privacy:own_data": page(MEMBERS),
    "privacy:take_own_data": act(MEMBERS),
    "privacy:retention": reads(OPERATORS),
}
