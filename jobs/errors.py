"""Why an act about a job is refused."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class JobOver(Refusal):
    sentence = _("This work has already ended.")


class AlreadySaved(Refusal):
    sentence = _("Everything has just been saved; it can no longer be cancelled.")


class FileGone(Refusal):
    sentence = _("There is no file to take any more: files are kept for 24 hours.")
    status = 404


class OtherHat(Refusal):
    sentence = _(
        "This was started with the business account %(number)s. Put on its hat to take or use the files."
    )
    status = 403


class HatGone(Refusal):
    sentence = _("The business account that started this is no longer in force.")
    status = 403
