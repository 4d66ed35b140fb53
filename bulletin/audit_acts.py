"""What the acts of announcements and files to download are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "announcement.change": _("announcement changed"),
    "announcement.end": _("announcement taken back"),
    "announcement.publish": _("announcement published"),
    "download.change": _("file to download changed"),
    "download.publish": _("file to download published"),
    "download.remove": _("file to download taken back"),
}
