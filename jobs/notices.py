"""The notice of background work. It reaches the inbox alone: the person who started the work waits for it."""

from django.utils.translation import gettext_lazy as _

from notices.enums import Category
from notices.registry import Context, NoticeKind, samples


def _sample_facts(language: str) -> Context:
    return {"label": _("training records of the county"), "state": _("done"), "message": ""}


KINDS = {"job_done": NoticeKind(Category.DUTIES, _("Look at the result"), samples(_sample_facts))}
