"""Who may use the routes of webhooks: leads for those of their unit, officers for the county's, the operator for all."""

from accounts.role_sets import APPLICATIONS, DECIDERS
from kit.rights import act, page, reads

RIGHTS = {
    "webhooks:list": page(DECIDERS),
    "webhooks:webhook": reads(APPLICATIONS),
    "webhooks:end": act(APPLICATIONS),
    "webhooks:resume": act(APPLICATIONS),
    "webhooks:take_over": act(APPLICATIONS),
    "webhooks:renew_secret": act(APPLICATIONS),
    "webhooks:replay": act(APPLICATIONS),
    "webhooks:test": act(APPLICATIONS),
}
