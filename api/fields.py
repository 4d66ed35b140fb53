"""Fields that take exactly the type that the description names."""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kit.texts import tidy

# No NUL, which no database stores; FILLED has more in it than spaces.
TEXT, FILLED = r"^[^\x00]*$", r"^[^\x00]*\S[^\x00]*$"


class TextField(serializers.RegexField):
    """A JSON string; Django REST framework's own also takes a number."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WordsField(TextField):
    """A text that people read, as the pages store it (`kit.texts.tidy`): one of invisible characters only is as good as none."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        kept = tidy(text) if isinstance(text, str) else text
        # Composing may lengthen a text.
        return super().run_validation(kept) if kept else kept


class FlagField(serializers.BooleanField):
    """true or false; Django REST framework's own also takes words and numbers."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


HOURS_PATTERN = r"^[0-9]{1,4}(\.[0-9])?$"


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 0, "maximum": 9999},
            {"type": "string", "format": "decimal", "pattern": HOURS_PATTERN},
        ]
    }
)
class HoursField(serializers.DecimalField):
    """Hours, as a whole number or in a string of plain digits, which is exact for parts of an hour."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=5, decimal_places=1, min_value=0, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, str) and not re.search(HOURS_PATTERN, data):
            self.fail("invalid")
        return super().to_internal_value(data)
