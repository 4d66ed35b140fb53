"""The page of mail settings, and the unsubscribe link of an e-mail, which works without a log-in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kit.http_requests import MemberRequest
from notices import mail_preferences
from notices.enums import OPTIONAL, Category
from notices.registry import CATEGORIES


def settings_page(request: MemberRequest) -> HttpResponse:
    if request.method == "POST":
        mail_preferences.choose(person_id=request.user.pk, wanted=request.POST.getlist("mail"))
        messages.success(request, _("Saved."))
        return redirect("notices:settings")
    off = mail_preferences.switched_off(request.user.pk)
    rows = [
        {
            "value": c.value,
            "label": c.label,
            "note": about.note,
            "optional": c in OPTIONAL,
            "on": c not in off,
        }
        for c, about in CATEGORIES.items()
    ]
    return render(request, "notices/settings.html", {"rows": rows})


@never_cache
@login_not_required
@csrf_exempt  # Mail programs send the one-click POST of RFC 8058 without a cookie; the sealed address is the permission.
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET only shows the form (mail scanners open every link); POST switches off, and with `undo` on again."""
    try:
        person_id, category = mail_preferences.read_token(token)
        if request.method == "POST":
            mail_preferences.set_mail(person_id=person_id, category=category, by_mail="undo" in request.POST)
    except mail_preferences.BadLink:
        raise Http404 from None
    is_off = category in mail_preferences.switched_off(person_id)
    return render(request, "notices/unsubscribe.html", {"label": Category(category).label, "is_off": is_off})
