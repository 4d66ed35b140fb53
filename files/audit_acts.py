"""What the acts of stored files are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {"file.delete": _("file deleted")}
