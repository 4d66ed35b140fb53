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


class DamagedPicture(FileRefused):
    sentence = _(
        "The picture cannot be read: it is damaged. Open it in a program for pictures and save it anew."
    )


class PictureTooLarge(FileRefused):
    sentence = _("The picture has more than %(most)s million points. Reduce it, then send it again.")


class ActivePdf(FileRefused):
    sentence = _(
        "The PDF holds scripts, actions or attached files, which are not taken. Print it to a new PDF and send that one."
    )


class ProtectedPdf(FileRefused):
    sentence = _(
        "The PDF is protected, so its content cannot be checked. Save it without protection and send that one."
    )


class NoRoom(FileRefused):
    sentence = _("There is no room for the file at the moment. Nothing was saved; please tell the operator.")
    status = 503
