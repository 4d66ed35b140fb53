"""The language switch: stored with the person, for visitors in the cookie. E-mails use the person's language."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase
from django.views.i18n import set_language as keep_in_cookie

from accounts.acting import SiteRequest
from accounts.models import User


@login_not_required
def set_language(request: SiteRequest) -> HttpResponseBase:
    language = request.POST.get("language", "")
    if request.method == "POST" and request.user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return keep_in_cookie(request)
