"""Lines of Chinese text (禁則處理): no line begins with a closing mark or ends with an opening one; numbers and Latin words stay whole."""

import re
from collections.abc import Callable

# Marks that may not begin a line, and those that may not end one.
CLOSING = "、，。．；：？！）」』】〉》〕］｝”’…─～·‧・％%,.;:?!)]}"
OPENING = "（「『【〈《〔［｛“‘([{"
# A Latin word or a number with its signs, blanks behind it included; else one character.
_PIECE = re.compile(r"[0-9A-Za-z\u00c0-\u024f@#&+\-_/.,:'’]+\s*|\s+|.", re.DOTALL)
# A text that is nothing but a name with middle dots: it is broken between its parts.
_NAME = re.compile(r"[^\W\d_]+(?:\s?[·‧・]\s?[^\W\d_]+)+")
_NAME_PART = re.compile(r"[^·‧・]+[·‧・]?\s?")


def pieces(text: str) -> list[str]:
    """Return the parts of a text between which a line may end."""
    if _NAME.fullmatch(text):
        return _NAME_PART.findall(text)
    found: list[str] = []
    for piece in _PIECE.findall(text):
        if found and (piece[0] in CLOSING or found[-1].rstrip()[-1:] in OPENING or piece.isspace()):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def lines(text: str, first: float, other: float, width: Callable[[str], float]) -> list[str]:
    """Break a text into lines: the first has `first` millimetres, the others `other`. What is wider than a line is cut by characters."""
    done: list[str] = []
    line, used = "", 0.0
    for piece in pieces(text):
        room = other if done else first
        needed = width(piece.rstrip())
        if line and used + needed > room:
            done.append(line.rstrip())
            line, used, room = "", 0.0, other
        if needed <= room:
            line, used = line + piece, used + width(piece)
            continue
        for character in piece:
            if line and used + width(character) > room:
                done.append(line.rstrip())
                line, used, room = "", 0.0, other
            line, used = line + character, used + width(character)
    return [*done, line.rstrip()]
