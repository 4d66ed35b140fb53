"""The environment as the settings read it: a value that cannot be read ends the start with a sentence that names its variable.

The value itself is not shown, as it may be a secret.
"""

import re
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

YES = frozenset(environ.Env.BOOLEAN_TRUE_STRINGS)
NO = frozenset({"false", "off", "n", "no", "0", ""})


def _unreadable(variable: str, wanted: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{variable} in the environment or in .env cannot be read: it must be {wanted}."
    )


class Environment(environ.Env):  # type: ignore[misc]  # the library has no types
    """`environ.Env`, whose errors name the variable. A yes or no that is neither is an error as well, not a no."""

    def bool(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        text = self.get_value(var, cast=str, default=default)
        if isinstance(text, str):
            word = text.strip().lower()
            if word not in YES | NO:
                raise _unreadable(var, "yes or no")
            return word in YES
        return text

    def int(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(var, "a whole number", super().int, default)

    def float(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(var, "a number", super().float, default)

    def json(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(var, "JSON", super().json, default)

    def db_url(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(
            var,
            "the address of a database such as postgres://name:password@host/database",
            super().db_url,
            default,
        )

    def email_url(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(
            var,
            "the address of a mail server such as smtp+tls://name:password@host:587",
            super().email_url,
            default,
        )

    def rate(self, var: str, default: str) -> str:
        """Return a number of requests in a time such as `600/minute`; empty for no limit."""
        text = str(self.get_value(var, default=default)).strip()
        if text and not re.fullmatch(r"[1-9]\d*/(second|minute|hour|day|[smhd])", text):
            raise _unreadable(var, "a rate such as 600/minute")
        return text

    @staticmethod
    def _read(var: str, wanted: str, read: Any, default: Any) -> Any:
        try:
            return read(var, default=default)
        except (ValueError, ImproperlyConfigured):
            raise _unreadable(var, wanted) from None
