"""How long announcements are kept once nobody reads them."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bulletin.models import Announcement
from kit import clock
from kit.retention import Rows, Rule, delete


def _over(day: date) -> Rows:
    return Announcement.objects.filter(Q(ended_at__lt=clock.at_taipei(day)) | Q(last_day__lt=day))


RETENTION = {
    "announcements": Rule(
        _("announcements, and who has closed them"),
        _("since their end"),
        _("are deleted"),
        2 * 366,
        _over,
        delete,
    ),
}
