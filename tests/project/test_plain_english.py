"""Docstrings and comments of the product use plain English: turns that had to be guessed are retired."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.actions import acts
from tests.project.test_house_rules import MAY_IMPORT, modules

# Each with the word to write instead.
RETIRED = {
    r"whoever": "the person who …, or the noun",
    r"somebody": "a person, another person, the noun",
    r"spoken of|speaks? of": "is about",
    r"(?:is|are|was|were|be) told": "gets a notice, is notified",
    r"tells?": "notify, show, return",
    r"would else": "would otherwise",
    r"answer(?:s|ed) [45]\d\d": "is a 404, gets 405",
    r"answer(?:s|ed)": "returns, replies",
    r"ask(?:s|ing)?(?!`)": "query, request, require",
    r"stands|stood(?!`)": "is",
    r"hears": "gets, receives",
    r"wears?|worn|wearing": "under the hat",
    r"learns": "gets, is notified",
    r"belongs there": "add it to …",
    r"the house": "the project, or the noun",
    r"says (?:of|that)|saying": "shows, returns",
}


def words_of(source: str) -> Iterator[tuple[int, str]]:
    """Yield each docstring and each comment with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if text := ast.get_docstring(node):
                yield node.body[0].lineno, text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def retired_turns(source: str) -> list[tuple[int, str]]:
    """Return the retired turns of a module, each with its line and what to write instead."""
    return [
        (line, f"{found[0]!r}: write {instead}")
        for line, text in words_of(source)
        for turn, instead in RETIRED.items()
        for found in re.finditer(rf"\b(?:{turn})\b", " ".join(text.split()), re.IGNORECASE)
    ]


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_docstrings_and_comments_are_plain_english(package: str) -> None:
    found: list[str] = []
    for module in modules(package):
        if "migrations" not in Path(module).parts:
            found += [f"{module}:{line}: {turn}" for line, turn in retired_turns(module.read_text())]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "sentence",
    [
        "Whoever asks for the course.",
        "An object out of reach answers 404.",
        "The people are told what changed.",
        "It stands in the record.",
        "What the record speaks of.",
        "Which hat is worn.",
        "The test would else pass.",
    ],
)
def test_a_planted_turn_is_found(sentence: str) -> None:
    assert retired_turns(f'"""{sentence}"""\n')
    assert retired_turns(f"x = 1  # {sentence}\n")
    assert retired_turns(f"def f():\n    '''Return the row.\n\n    {sentence}\n    '''\n")
    assert not retired_turns(f"x = {sentence!r}\n")


def test_no_action_has_a_name_that_could_mean_anything() -> None:
    """What an action is called is what one searches for: `notify_units`, not `tell`."""
    vague = {"tell", "take", "keep", "ask", "say", "do", "go"}
    assert not [name for name in acts() if name.rpartition(".")[2] in vague]
