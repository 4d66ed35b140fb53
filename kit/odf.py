"""What every ODF file (CNS 15251) begins with, be it a text or a table: the type, which is not packed, and the list of its parts."""

import zipfile
from collections.abc import Iterable

XML = '<?xml version="1.0" encoding="UTF-8"?>'
VERSION = 'office:version="1.3"'
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
# The name spaces that texts and tables share.
NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def begin(archive: zipfile.ZipFile, media_type: str, parts: Iterable[str]) -> None:
    """Write the type and the manifest, which names the `parts` to come. A `ZipInfo` has no moment of its own: the same file is made twice."""
    # Readers find the type in the first member, which is not compressed.
    archive.writestr(zipfile.ZipInfo("mimetype"), media_type)
    files = "".join(
        f'<manifest:file-entry manifest:full-path="{part}" manifest:media-type="text/xml"/>' for part in parts
    )
    manifest = (
        f'{XML}<manifest:manifest xmlns:manifest="{_MANIFEST}" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{media_type}"/>'
        f"{files}</manifest:manifest>"
    )
    archive.writestr(zipfile.ZipInfo("META-INF/manifest.xml"), manifest, zipfile.ZIP_DEFLATED)
