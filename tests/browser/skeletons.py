"""What a browser makes a page of: its elements and words, without numbers, addresses and names of fields.

Two pages with the same skeleton look the same and are judged the same by axe, so that the second one need not be opened.
"""

import re
from hashlib import md5
from html.parser import HTMLParser

KEPT = {"class", "role", "type", "lang", "hidden", "style", "placeholder"}
KEYS = re.compile(r"[0-9a-f]{12,}")
NUMBERS = re.compile(r"\d")


class Skeleton(HTMLParser):
    """The page in two pieces, the content of `main` and the frame around it: many roles see the same content in another frame."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: dict[str, list[str]] = {"main": [], "frame": []}
        self._inside = "frame"
        self.feed(html)
        self.close()

    @property
    def hashes(self) -> set[str]:
        return {md5(" ".join([name, *words]).encode()).hexdigest() for name, words in self.pieces.items()}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main":
            self._inside = "main"
        said = [
            f"{name}={value if name in KEPT else bool(value)}"
            for name, value in sorted(attrs, key=lambda one: one[0])
        ]
        self._add(" ".join(["<" + tag, *said]))

    def handle_endtag(self, tag: str) -> None:
        self._add("/" + tag)
        if tag == "main":
            self._inside = "frame"

    def handle_data(self, data: str) -> None:
        self._add(data.strip())

    def _add(self, word: str) -> None:
        # As many digits: they are as wide.
        self.pieces[self._inside].append(NUMBERS.sub("0", KEYS.sub("key", word)))


def of_page(html: str) -> set[str]:
    """Return the two hashes of a page: of its content and of the frame around it."""
    return Skeleton(re.sub(r"<title>.*?</title>", "", html, count=1, flags=re.DOTALL)).hashes
