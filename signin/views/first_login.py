"""The first log-in: what a visitor can do, and the link that works once."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.acting import SiteRequest
from audit.trace import client_address
from kit.errors import Refusal
from signin.actions import first_login_links, join_requests
from signin.forms.join_requests import JoinForm
from signin.forms.passwords import SetPasswordForm

# The link is kept here and leaves the address at once: it is in no history, no Referer and no log of the next page.
LINK_KEY = "first_login_link"


@login_not_required
def first_login(request: SiteRequest) -> HttpResponse:
    """The ways to a first log-in."""
    return render(request, "signin/first_login.html", {"issuers": settings.OIDC_ISSUERS})


@login_not_required
@never_cache
def join(request: SiteRequest) -> HttpResponse:
    """Request to be entered at a unit. The response is the same for known and unknown people."""
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = {**form.cleaned_data, "number": form.cleaned_data["national_id"]}
        del facts["national_id"]
        try:
            join_requests.apply(**facts, language=get_language(), address=client_address(request))
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request, _("Your request has been sent. You get an e-mail when the unit has decided.")
            )
            return redirect("signin:first_login")
    return render(request, "signin/join.html", {"form": form})


@login_not_required
@never_cache
def open_link(request: SiteRequest, key: str) -> HttpResponse:
    """Keep the link and lead to the form. Looking at it uses nothing up: mail scanners open links."""
    if first_login_links.find(key) is None:
        return _spent(request)
    request.session[LINK_KEY] = key
    return redirect("signin:first_password")


@login_not_required
@never_cache
def first_password(request: SiteRequest) -> HttpResponse:
    """Choose the first password with the link that was opened in this browser."""
    key = request.session.get(LINK_KEY, "")
    link = first_login_links.find(key) if key else None
    if link is None:
        return _spent(request)
    form = SetPasswordForm(data=request.POST or None, user=link.user)
    if request.method == "POST" and form.is_valid():
        try:
            password = form.cleaned_data["password1"]
            first_login_links.use(text=key, password=password, language=get_language() or "")
        except Refusal:
            return _spent(request)
        request.session.pop(LINK_KEY, None)
        messages.success(request, _("Your password is set. Please log in with your e-mail and the password."))
        return redirect("account_login")
    return render(request, "signin/first_password.html", {"form": form, "person": link.user})


def _spent(request: SiteRequest) -> HttpResponse:
    request.session.pop(LINK_KEY, None)
    return render(request, "signin/first_password.html", {"form": None})
