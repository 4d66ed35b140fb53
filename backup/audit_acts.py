"""What keeping the data safe is called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {"backup.drilled": _("restore drill"), "backup.made": _("backup")}
