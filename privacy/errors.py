"""Why an act about personal data is refused."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class CopyGone(Refusal):
    sentence = _("There is no copy to take: it is kept for seven days. Please request another one.")
    status = 404
