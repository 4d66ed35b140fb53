"""Who may use the routes of background work: its owner."""

from kit.rights import MEMBERS, OWNER, act, page

RIGHTS = {
    "jobs:mine": page(MEMBERS),
    "jobs:job": page(OWNER),
    "jobs:progress": page(OWNER, unattended=True),
    "jobs:cancel": act(OWNER),
    "jobs:result": page(OWNER),
    "jobs:refused": page(OWNER),
}
