"""What the acts of background work are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "job.cancel": _("background work cancelled"),
    "job.download": _("file of background work downloaded"),
    "job.start": _("background work started"),
    "list.export": _("list downloaded"),
}
