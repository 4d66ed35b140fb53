"""The base of every refusal: an action that is not allowed raises it with a sentence for the person."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise

from kit.masking import mask
from kit.sentence_parts import day_words


def _in_words(value: Any) -> Any:
    return day_words(value) if isinstance(value, date) and not isinstance(value, datetime) else value


class Refusal(Exception):
    """An act that a rule forbids. Views catch this class and nothing below it.

    Subclasses give `sentence`, a translatable text with %(name)s places, and may name the form `field` it concerns.
    """

    sentence: str | Promise = ""
    field: str | None = None
    status = 409
    # Seconds after which the same request may succeed; 0 where waiting does not help.
    retry_after: int = 0

    def __init__(
        self, sentence: str | Promise | None = None, *, field: str | None = None, **params: Any
    ) -> None:
        self.params: Mapping[str, Any] = params
        if sentence is not None:
            self.sentence = sentence
        if field is not None:
            self.field = field
        super().__init__(type(self).__name__)

    @property
    def code(self) -> str:
        """The name of the refusal, for the API and the audit record."""
        return type(self).__name__

    @property
    def message(self) -> str:
        """The sentence and its days in the reader's language, identity numbers that were typed masked in it."""
        text = str(self.sentence)
        words = {name: _in_words(value) for name, value in self.params.items()}
        return mask(text % words if words else text)

    def __str__(self) -> str:
        return self.message
