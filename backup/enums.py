"""What is recorded about keeping the data safe."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunKind(models.TextChoices):
    BACKUP = "backup", _("backup")
    DRILL = "drill", _("restore drill")
