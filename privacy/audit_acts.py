"""What acts about personal data are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "breach.listed": _("list of the people concerned by a breach made"),
    "own_data.requested": _("copy of the own data requested"),
    "own_data.taken": _("copy of the own data taken"),
    "retention.applied": _("data that outlived their time removed"),
}
