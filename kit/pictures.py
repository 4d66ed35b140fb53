"""Pictures that people send, drawn anew: what is kept has the pixels and nothing else of the file that was sent.

Position and camera (EXIF), comments, what follows the end of the picture and what only claims to be one do not survive it.
"""

import io
import struct
from typing import IO

from PIL import Image, ImageOps

from kit.file_types import JPEG, PNG

# More points than any camera of a school takes; a small file can name billions, which would fill the memory.
MOST_POINTS = 50_000_000
# Longer sides are reduced to it: A4 at 300 dots an inch.
LONGEST_SIDE = 3508
_FORMATS = {PNG: "PNG", JPEG: "JPEG"}
# What Pillow raises for files that are damaged or made to harm.
_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    EOFError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class UnreadablePicture(Exception):
    """Damaged, or no picture at all."""


class PictureTooLarge(UnreadablePicture):
    """More points than `MOST_POINTS`."""


def redrawn(file: IO[bytes], content_type: str) -> bytes:
    """Return a picture of that type anew, upright and at most `LONGEST_SIDE` long. Raise UnreadablePicture, PictureTooLarge."""
    file.seek(0)
    try:
        # Only the announced format: its decoder is the only one that reads the file.
        with Image.open(file, formats=[_FORMATS[content_type]]) as picture:
            if picture.width * picture.height > MOST_POINTS:
                raise PictureTooLarge
            return _written(ImageOps.exif_transpose(picture), _FORMATS[content_type])
    except _DAMAGED as error:
        if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
            raise PictureTooLarge from None
        raise UnreadablePicture from None
    finally:
        file.seek(0)


def _written(picture: Image.Image, form: str) -> bytes:
    plain = picture.convert("RGB" if form == "JPEG" else "RGBA")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    out = io.BytesIO()
    bare.save(out, form, **({"quality": 88} if form == "JPEG" else {}))
    return out.getvalue()
