"""The fonts cut to the characters of some documents: fpdf2 parses a font for each file, which takes 0.3 s for a whole one."""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kit.pdf.glyphs import FILES, FOLDER, runs

CutFonts = Mapping[str, Path]


@contextmanager
def cut_for(texts: Iterable[tuple[str, bool]]) -> Iterator[CutFonts]:
    """Cut each font that drawable texts need, given as text and whether it is bold. The files are gone afterwards. Raise NoGlyph."""
    needed: dict[str, set[str]] = defaultdict(set)
    for text, bold in set(texts):
        for font, piece in runs(text, bold):
            needed[font].update(piece)
    with tempfile.TemporaryDirectory(prefix="inservice-fonts-") as folder:
        yield {font: _cut(font, needed[font], Path(folder)) for font in FILES if font in needed}


def _cut(font: str, characters: set[str], folder: Path) -> Path:
    # Not imported above: a web process that makes no PDF saves some 50 MB.
    from fontTools import subset, ttLib

    options = subset.Options(notdef_outline=True, hinting=False, layout_features=[])
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "DSIG"]
    with ttLib.TTFont(FOLDER / FILES[font], lazy=True, recalcTimestamp=False) as whole:
        cutter = subset.Subsetter(options)
        cutter.populate(text="".join(sorted(characters)))
        cutter.subset(whole)
        path = folder / FILES[font]
        whole.save(path)
    return path
