"""What every view of the API does before its own work."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django_filters import FilterSet
from rest_framework.exceptions import ErrorDetail
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.actions import access_log
from accounts.enums import KeyScope
from api import actor
from api.idempotency import respond_once
from api.pagination import Key
from api.problems import InvalidQuery
from api.query import PageQuery
from api.throttles import AddressLimit, KeyLimit
from courses.models import Course
from kit.problems import accepted_language


class SpeakingView(APIView):
    """Use the language of `Accept-Language`, else the person's, and describe errors in JSON whatever the `Accept` header."""

    throttle_classes = [KeyLimit]

    def perform_authentication(self, request: Request) -> None:
        limit = AddressLimit()
        if not limit.allow_request(request, self):
            self.throttled(request, limit.wait() or 0)
        super().perform_authentication(request)
        language = accepted_language(request) or getattr(request.user, "language", None)
        if language:
            translation.activate(language)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(response, "exception", False):
            request.accepted_renderer = JSONRenderer()
            request.accepted_media_type = JSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class ApiView(SpeakingView):
    """A view that knows its query parameters and refuses every other one.

    `responses` are the serializers of its responses by status, for the description.
    """

    query_class: ClassVar[type[Serializer[Any]] | None] = None
    filterset_class: ClassVar[type[FilterSet] | None] = None
    body_class: ClassVar[type[Serializer[Any]] | None] = None
    responses: ClassVar[Mapping[int, Any]] = {}
    # Whether the header X-Business-Account chooses the account.
    wears_hat: ClassVar[bool] = False
    # What a key for programs must be allowed for a GET; a POST needs `KeyScope.ACT`.
    key_scope: ClassVar[KeyScope] = KeyScope.READ

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.query = self._read_query(request)

    @classmethod
    def parameters(cls) -> Collection[str]:
        """Return the names of the query parameters."""
        mine = set(cls.query_class().fields) if cls.query_class else set()
        return mine | set(cls.filterset_class.base_filters if cls.filterset_class else ())

    def _read_query(self, request: Request) -> dict[str, Any]:
        """Return the checked parameters. Raise InvalidQuery for an unknown name and for a wrong value."""
        if unknown := sorted(set(request.query_params) - set(self.parameters())):
            raise InvalidQuery({name: [ErrorDetail(_unknown(name), code="unknown")] for name in unknown})
        if self.query_class is None:
            return {}
        # A mapping and not the QueryDict, which Django REST framework reads as a form: there an empty value is a missing one.
        read = self.query_class(data=request.query_params.dict())
        if not read.is_valid():
            raise InvalidQuery(read.errors)
        return dict(read.validated_data)


def public_course(code: str) -> Course:
    """Return a course that everybody may see; raise Http404 for others, as for an unknown one."""
    return get_object_or_404(Course.objects.public(), code=code)


def own_course(request: Request, code: str) -> Course:
    """Return a course of the unit whose hat is on; raise Http404 for another unit's, as for an unknown one."""
    rows = Course.objects.manageable_by(actor.of_route(request)).select_related(
        "unit", "handler__user", "co_handler__user"
    )
    return get_object_or_404(rows, code=code)


def _unknown(name: str) -> str:
    return _("There is no query parameter %(name)s here.") % {"name": name[:60]}


class ActView(ApiView):
    """A POST that does something. Subclasses give `act`, which a program may send again with an Idempotency-Key."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return respond_once(request, partial(self.act, request, *args, **kwargs))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotImplementedError


class ListView(ApiView, GenericAPIView[Any]):
    """A list by pages. Subclasses give `get_queryset`, and in `order` the keys by which it is sorted.

    `look` is the act of the record for a list of rows about people.
    """

    query_class = PageQuery
    order: ClassVar[tuple[Key, ...]]
    look: ClassVar[str] = ""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        self.record_look(page)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def record_look(self, rows: Sequence[Any]) -> None:
        """Record who was seen on a page."""
        if self.look:
            access_log.rows_seen(self.look, by=actor.of_route(self.request), rows=rows)
