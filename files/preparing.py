"""What is kept of files that strangers may open: pictures drawn anew, PDF without anything that acts."""

from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile

from files.errors import ActivePdf, DamagedPicture, PictureTooLarge, ProtectedPdf
from kit import pdf_content, pictures
from kit.file_types import PDF, PICTURES


def harmless(content_type: str, file: "File[Any]") -> "File[Any]":
    """Return the file without what could act, and without what is hidden in it.

    Raise ActivePdf, ProtectedPdf, DamagedPicture, PictureTooLarge.
    """
    if content_type == PDF:
        if pdf_content.is_protected(file):
            raise ProtectedPdf
        if pdf_content.is_active(file):
            raise ActivePdf
    if content_type in PICTURES:
        return ContentFile(_redrawn(content_type, file))
    return file


def _redrawn(content_type: str, file: "File[Any]") -> bytes:
    try:
        return pictures.redrawn(file, content_type)
    except pictures.PictureTooLarge:
        raise PictureTooLarge(most=pictures.MOST_POINTS // 1_000_000) from None
    except pictures.UnreadablePicture:
        raise DamagedPicture from None
