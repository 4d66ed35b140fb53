"""The notice that a copy of one's own data is ready."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from kit import clock
from notices.enums import Category
from notices.registry import Context, NoticeKind, samples


def _sample_facts(language: str) -> Context:
    return {"until": datetime(2026, 12, 1, 10, 0, tzinfo=clock.TAIPEI)}


KINDS = {"own_data_ready": NoticeKind(Category.SECURITY, _("Take the copy"), samples(_sample_facts))}
