"""時數疑義: a person's own objections, and the replies of a unit."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import actor
from api import reply_serializers as r
from api.pagination import Key
from api.views.base import ActView, ListView, public_course
from hours.actions import objections
from hours.models import Objection
from hours.queries.objections import RELATED, own, visible_to


class Object(ActView):
    """Raise an objection to a course that is over, also without an enrolment in it."""

    body_class = r.WordsSerializer
    responses = {201: r.ObjectionSerializer}

    def act(self, request: Request, code: str) -> Response:
        course = public_course(code)
        text = _text(request)
        row = objections.object_to(course=course, by=actor.teacher(request), text=text)
        return Response(r.ObjectionSerializer(row).data, status=201)


def _text(request: Request) -> str:
    form = r.WordsSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    return str(form.validated_data["text"])


class MyObjections(ListView):
    """The own objections with their replies, the newest first."""

    serializer_class = r.ObjectionSerializer
    responses = {200: r.ObjectionSerializer}
    queryset = Objection.objects.none()
    order = (Key("id", descending=True),)

    def get_queryset(self) -> QuerySet[Objection]:
        return own(int(self.request.user.pk or 0)).select_related(*RELATED)


class RequestReview(ActView):
    """複查: let the level above the one that replied look at the answer, once."""

    body_class = r.WordsSerializer
    responses = {200: r.ObjectionSerializer}

    def act(self, request: Request, pk: int) -> Response:
        mine = own(int(request.user.pk or 0)).select_related(*RELATED)
        row = get_object_or_404(mine, pk=pk)
        text = _text(request)
        row = objections.request_review(objection=row, by=actor.teacher(request), text=text)
        return Response(r.ObjectionSerializer(row).data)


class UnitObjections(ListView):
    """The objections that reach the business account: waiting, with a reply, and reviewed."""

    serializer_class = r.ObjectionSerializer
    responses = {200: r.ObjectionSerializer}
    queryset = Objection.objects.none()
    wears_hat = True
    look = "read.objections"
    order = (Key("id", descending=True),)

    def get_queryset(self) -> QuerySet[Objection]:
        return visible_to(actor.of_route(self.request)).select_related(*RELATED)


class AnswerObjection(ActView):
    """Reply to an objection, or with the result of its review; with a state the hours are corrected in the same act."""

    body_class = r.ReplySerializer
    responses = {200: r.ObjectionSerializer}
    wears_hat = True

    def act(self, request: Request, pk: int) -> Response:
        by = actor.of_route(request)
        row = get_object_or_404(visible_to(by).select_related(*RELATED), pk=pk)
        form = r.ReplySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        text, correction = form.validated_data["text"], form.correction()
        row = objections.answer(objection=row, by=by, text=text, correction=correction)
        return Response(r.ObjectionSerializer(row).data)
