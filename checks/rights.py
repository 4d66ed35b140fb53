"""Who may look at the state of the system."""

from accounts.role_sets import OPERATORS
from kit.rights import act, reads

RIGHTS = {"checks:system": reads(OPERATORS), "checks:trial_mail": act(OPERATORS)}
