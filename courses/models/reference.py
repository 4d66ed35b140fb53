"""Lists that courses choose from. They are data, which the operator keeps; entries are offered while they are valid."""

from django.db import models

from accounts.models import Listed


class Stage(Listed):
    """學習階段 codes of the partner interface: 30 國中, 40 國小, 75 全部 …"""


class AudienceGroup(Listed):
    """對象身分: 校長, 主任, 一般教師 …"""


class Tag(Listed):
    """屬性標籤: decides what a course counts for (安全教育, 基本救命術 …)."""


class CourseNature(Listed):
    """課程性質: a code tree, stage → administration or teaching → field → subject."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.path or self.name
