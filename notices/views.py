"""The inbox: one person's notices, newest first."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from kit.http_requests import MemberRequest
from notices.models import Notice
from notices.outbox import mark_read


def inbox(request: MemberRequest) -> HttpResponse:
    rows = Notice.objects.for_person(request.user.pk)
    return render(
        request, "notices/inbox.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))}
    )


@require_POST
def open_notice(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and redirect to its page; another person's notice is a 404."""
    notice = get_object_or_404(Notice.objects.for_person(request.user.pk), pk=pk)
    mark_read(user_id=request.user.pk, pk=pk)
    return redirect(notice.path or "notices:inbox")


@require_POST
def read(request: MemberRequest, pk: int) -> HttpResponse:
    get_object_or_404(Notice.objects.for_person(request.user.pk), pk=pk)
    mark_read(user_id=request.user.pk, pk=pk)
    return redirect("notices:inbox")


@require_POST
def read_all(request: MemberRequest) -> HttpResponse:
    mark_read(user_id=request.user.pk)
    return redirect("notices:inbox")
