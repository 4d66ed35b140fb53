"""The notices of webhooks."""

from django.utils.translation import gettext_lazy as _

from notices.enums import Category
from notices.registry import Context, NoticeKind, samples


def sample_facts(language: str) -> Context:
    is_chinese = language.startswith("zh")
    return {
        "address": "https://school.example/hooks",
        "purpose": "校務系統" if is_chinese else "School administration",
        "error": "HTTP 500",
        "waiting": 12,
        "account": "134526-002",
        "name": "林志明" if is_chinese else "Lin Chih-ming",
        "unit": "縣立南州國中" if is_chinese else "Nanzhou Junior High School",
    }


KINDS = {
    "webhook_paused": NoticeKind(Category.DUTIES, _("Look at the webhook"), samples(sample_facts)),
    "webhook_left": NoticeKind(
        Category.DUTIES,
        _("Look at the webhook"),
        samples(sample_facts, {"may_take_over": True}, {"may_take_over": False}),
    ),
}
