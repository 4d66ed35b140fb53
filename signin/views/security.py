"""The person's own security: second factor, browsers, sessions, keys, and what a session still lacks for business hats."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.acting import ActorRequest, SiteRequest
from accounts.models import ApiToken, Device, IdentityChange
from kit import clock
from kit.errors import Refusal
from kit.form_once import made_once
from kit.next_page import own_path
from signin.actions import devices, tokens
from signin.actions.sessions import end_all, end_one
from signin.context import idle_seconds
from signin.forms.api_keys import KeyForm
from signin.passwords import is_too_old, profile_of
from signin.readiness import is_ready, lacks
from signin.sessions import BEGAN, SEEN, live_sessions, touch
from signin.views.confirmation import confirmation_required


def security(request: ActorRequest) -> HttpResponse:
    return render(request, "signin/security.html", _facts(request))


def _facts(request: ActorRequest, **more: object) -> dict[str, object]:
    user = request.user
    profile = profile_of(user)
    sessions = sorted(live_sessions(user), key=lambda row: row.created_at, reverse=True)
    return {
        "profile": profile,
        "password_too_old": is_too_old(user, profile),
        "factors": Authenticator.objects.filter(user=user).exclude(type="recovery_codes"),
        "recovery": Authenticator.objects.filter(user=user, type="recovery_codes").exists(),
        "sessions": sessions,
        "session_key": request.session.session_key,
        "devices": Device.objects.filter(user=user),
        "this_device": devices.digest_of(request.COOKIES.get(settings.DEVICE_COOKIE, "")),
        "keys": ApiToken.objects.usable(clock.now()).filter(user=user).select_related("account__unit"),
        "key_form": KeyForm(person=user),
        "connections": SocialAccount.objects.filter(user=user),
        "issuers": settings.OIDC_ISSUERS,
        "change": IdentityChange.objects.filter(user=user).order_by("-id").first(),
        "may_business": is_ready(request, user),
        **more,
    }


def ready(request: ActorRequest) -> HttpResponse:
    """What this session still lacks before a business hat may be put on."""
    missing = lacks(request, request.user)
    target = own_path(request, request.GET.get("next", ""))
    if not missing:
        return HttpResponseRedirect(target) if target else redirect("home")
    context = {"lacks": missing, "next": target}
    return render(request, "signin/ready.html", context)


@require_POST
def end_session(request: ActorRequest, pk: int) -> HttpResponse:
    get_object_or_404(UserSession, user=request.user, pk=pk)
    if end_one(by=request.actor, pk=pk, current_key=request.session.session_key):
        messages.success(request, _("The session has ended."))
    return redirect("signin:security")


@require_POST
def end_other_sessions(request: ActorRequest) -> HttpResponse:
    end_all(request.user, why="by the person", but_key=request.session.session_key)
    messages.success(request, _("All other sessions have ended."))
    return redirect("signin:security")


@require_POST
def forget_device(request: ActorRequest, pk: int) -> HttpResponse:
    get_object_or_404(Device, user=request.user, pk=pk)
    devices.forget(by=request.actor, pk=pk)
    messages.success(request, _("The browser is forgotten. Its next log-in counts as a new one."))
    return redirect("signin:security")


@require_POST
@confirmation_required
def make_key(request: ActorRequest) -> HttpResponse:
    form = KeyForm(request.POST, person=request.user)
    if form.is_valid():
        try:
            if form.cleaned_data["account"] and not is_ready(request, request.user):
                return redirect("signin:ready")
            return _key_made(request, form)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    return render(request, "signin/security.html", _facts(request, key_form=form))


def _key_made(request: ActorRequest, form: KeyForm) -> HttpResponse:
    """The page with the text of the new key; without it for the same page sent again."""
    texts: list[str] = []

    def make() -> ApiToken:
        token, text = tokens.make(by=request.actor, **form.cleaned_data)
        texts.append(text)
        return token

    once = made_once(request, ApiToken.objects.filter(user=request.user), make)
    if once.made:
        return render(request, "signin/security.html", _facts(request, new_key=texts[0]))
    said = _(
        "The page was sent twice. The key “%(name)s” was shown when it was made. If you missed it, press “End” beside it and make another."
    )
    messages.warning(request, said % {"name": form.cleaned_data["name"]})
    return redirect("signin:security")


@require_POST
def end_key(request: ActorRequest, pk: int) -> HttpResponse:
    get_object_or_404(ApiToken, user=request.user, pk=pk)
    tokens.revoke(by=request.actor, pk=pk)
    messages.success(request, _("The key no longer works."))
    return redirect("signin:security")


@login_not_required
@require_http_methods(["GET", "POST"])
def session_left(request: SiteRequest) -> HttpResponse:
    """Return the seconds that this session still has. A POST extends it: the person is still there."""
    if not request.user.is_authenticated:
        return JsonResponse({"left": 0}, status=401)
    if request.method == "POST":
        touch(request)
    now = clock.now().timestamp()
    idle = idle_seconds(request) - (now - request.session.get(SEEN, now))
    absolute = settings.ABSOLUTE_SECONDS - (now - request.session.get(BEGAN, now))
    return JsonResponse({"left": max(0, int(min(idle, absolute)))})
