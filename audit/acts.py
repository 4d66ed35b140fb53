"""What the acts of the record are called on its pages. Each app registers its own from `<app>/audit_acts.py`."""

from collections.abc import Mapping

from django.utils.functional import Promise

from kit.registry import Registry

Text = str | Promise

ACTS: Registry[Text] = Registry("act of the record")
# The acts among them that belong to the chain of log-in and security, which is kept for a shorter time.
SECURITY: Registry[Text] = Registry("security act of the record")
# Reasons that are chosen from a list and stored as a code; text that the person adds follows after a blank.
REASONS: Registry[Text] = Registry("reason of the record")


def register(
    acts: Mapping[str, Text],
    *,
    security: Mapping[str, Text] | None = None,
    reasons: Mapping[str, Text] | None = None,
) -> None:
    """Register an app's acts, those of them that concern security, and the reasons that its lists of choices store."""
    ACTS.register(acts)
    ACTS.register(security or {})
    SECURITY.register(security or {})
    REASONS.register(reasons or {})
