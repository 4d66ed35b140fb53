"""Why a file of a course is not taken."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class FilesOfWithdrawn(Refusal):
    sentence = _("A course that was withdrawn takes no files.")


class TooMuchForOneCourse(Refusal):
    sentence = _(
        "All files of a course together may have %(most)s MB; %(left)s MB are left. Remove a file, or send a smaller one."
    )
    field = "file"
    status = 400


class FileGone(Refusal):
    sentence = _("This file was deleted or replaced meanwhile.")
    status = 404
