"""The way to an education log-in and back. An issuer that is down or sends something odd causes a page, not an error of ours."""

import logging
from collections.abc import Callable
from functools import wraps

import requests
from allauth.socialaccount.providers.openid_connect import views as library
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render

from accounts.acting import SiteRequest

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]
# What the library raises for a response that lacks something, is no JSON or is JSON of another shape.
ODD_ANSWER = (requests.RequestException, ValueError, KeyError, TypeError, AttributeError)


def _guarded(view: View) -> View:
    @login_not_required
    @wraps(view)
    def guarded(request: SiteRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except ODD_ANSWER as error:
            logger.warning("the education log-in %s does not answer: %s", provider_id, type(error).__name__)
            return render(request, "socialaccount/authentication_error.html", status=502)

    return guarded


login, callback = _guarded(library.login), _guarded(library.callback)
