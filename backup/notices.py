"""The notice of keeping the data safe."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from backup.drill_reminder import KIND
from notices.enums import Category, Timing
from notices.registry import Context, NoticeKind


def _sample_states(language: str) -> Sequence[Context]:
    return [{"last": date(2026, 9, 24)}, {"last": None}]


KINDS = {KIND: NoticeKind(Category.DUTIES, _("State of the system"), _sample_states, timing=Timing.WORKDAY)}
