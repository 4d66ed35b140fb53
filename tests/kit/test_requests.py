"""Requests that no browser sends are refused before a view runs."""

import pytest
from django.core.exceptions import TooManyFieldsSent
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from kit import long_forms
from kit.unstorable_text import UnstorableTextMiddleware


def test_a_path_with_a_nul_is_no_address() -> None:
    request = RequestFactory().get("/")
    request.path_info = "/a\0b/"
    with pytest.raises(Http404):
        UnstorableTextMiddleware(lambda request: HttpResponse())(request)


def test_a_long_multipart_form_has_its_limit_too() -> None:
    fields = {"a": "1", "b": "2", "c": "3"}
    assert long_forms._read(RequestFactory().post("/", fields), 3).dict() == fields
    with pytest.raises(TooManyFieldsSent):
        long_forms._read(RequestFactory().post("/", fields), 2)
