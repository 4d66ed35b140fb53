"""Chinese names in the order of their strokes (筆畫), by a key that any database can sort.

Neither SQLite nor every PostgreSQL has a collation for strokes. `order.txt` holds the Han characters of the blocks U+3400–4DBF and
U+4E00–9FFF in the order `zh-Hant-u-co-stroke` of the CLDR (by strokes, then radical), as ICU 78.2 sorts them:
`[...characters].sort(new Intl.Collator("zh-Hant-u-co-stroke").compare)`. Its licence is beside it.
"""

import unicodedata
from functools import cache
from pathlib import Path

# So many characters of a name are in the key, each as five digits; names that agree in all of them are sorted by the name itself.
CHARACTERS = 12
KEY_LENGTH = 5 * CHARACTERS


def stroke_key(name: str) -> str:
    """Return the key of a name: Han characters by strokes, after them all others by their code."""
    text = unicodedata.normalize("NFKC", name).upper().replace(" ", "")
    return "".join(map(_digits, text[:CHARACTERS]))


def _digits(character: str) -> str:
    place = _places().get(character)
    return f"1{min(ord(character), 0xFFFF):04x}" if place is None else f"0{place:04x}"


@cache
def _places() -> dict[str, int]:
    text = (Path(__file__).parent / "order.txt").read_text(encoding="utf-8")
    return {character: place for place, character in enumerate(text.replace("\n", ""))}
