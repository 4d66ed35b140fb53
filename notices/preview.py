"""Preview of every e-mail as it would be sent, for writers and translators. Only in DEBUG and on the demonstration."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from notices.mail import headers, rendered
from notices.registry import CATEGORIES, KINDS
from notices.samples import sample_mails

LANGUAGES = ("zh-hant", "en")
FORMS = ("html", "text")
View = Callable[..., HttpResponseBase]


def only_where_shown(view: View) -> View:
    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, **parts: str) -> HttpResponseBase:
        if not (settings.DEBUG or settings.DEMO):
            raise Http404
        return view(request, **parts)

    return guarded


@only_where_shown
@csp_update({"frame-src": [SELF]})
def gallery(request: HttpRequest) -> HttpResponse:
    groups = [
        (
            category.label,
            [(kind, [m.subject for m in sample_mails(kind, _language(request))]) for kind in kinds],
        )
        for category in CATEGORIES
        if (kinds := [name for name, kind in KINDS.items() if kind.category == category])
    ]
    return render(request, "notices/preview.html", {"groups": groups, "languages": LANGUAGES, "forms": FORMS})


def _language(request: HttpRequest) -> str:
    return "en" if getattr(request, "LANGUAGE_CODE", "") == "en" else "zh-hant"


@only_where_shown
@xframe_options_sameorigin
@cast(
    Callable[[View], View],  # the library's type forgets the parts of the address
    csp_replace(
        {
            "script-src": [NONE],
            "style-src": [UNSAFE_INLINE],
            "frame-ancestors": [SELF],
            "form-action": [NONE],
            "sandbox": ["allow-popups"],
        }
    ),
)
def one(request: HttpRequest, kind: str, language: str, form: str) -> HttpResponse:
    """One kind as `html` or `text` (with its headers), its turns of phrase one after another."""
    if kind not in KINDS or language not in LANGUAGES or form not in FORMS:
        raise Http404
    mails = sample_mails(kind, language)
    if form == "html":
        return HttpResponse("\n".join(rendered(mail)[1] for mail in mails))
    texts = [
        "\n".join(
            [
                f"Subject: {mail.subject}",
                *(f"{k}: {v}" for k, v in headers(mail).items()),
                "",
                rendered(mail)[0],
            ]
        )
        for mail in mails
    ]
    return HttpResponse("\n\n".join(texts), content_type="text/plain; charset=utf-8")
