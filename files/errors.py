"""Why a file is not taken."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class FileRefused(Refusal):
    sentence = _("The file is not taken.")
    field = "file"
    status = 400


class FileEmpty(FileRefused):
    sentence = _("The file is empty.")


class FileTooLarge(FileRefused):
    sentence = _("The file is larger than %(most)s MB.")


class WrongFileType(FileRefused):
    sentence = _(
        "The file's content is none of these types: %(types)s. Its name does not matter; macros are not taken."
    )
