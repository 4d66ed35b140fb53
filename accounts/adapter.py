"""How django-allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come from their school's register (`import_people`); nobody signs up alone."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """A person is known by e-mail; there is no user name."""
