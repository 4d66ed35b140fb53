"""Who may use the routes of the demonstration."""

from kit.rights import NOBODY_YET, reads

# Only in DEBUG and on the demonstration; elsewhere 404.
RIGHTS = {"styleguide": reads(NOBODY_YET)}
