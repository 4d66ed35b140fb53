"""The API's description (OpenAPI), generated from its views. Imported on the first request for the description."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django import forms
from django.urls import resolve
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from api import actor, idempotency
from api import serializers as s
from api.views.base import ActView, ListView
from courses.forms.catalogue_filter import NO, YES, TickField
from kit.problems import CONTENT_TYPE
from kit.rights import VISITOR, right_of

FILLED = {"type": "string", "minLength": 1, "pattern": "\\S"}


class Schema(AutoSchema):
    """Django REST framework's DEFAULT_SCHEMA_CLASS: reads the attributes of `api.views.base.ApiView`."""

    view: Any  # an ApiView

    def get_override_parameters(self) -> list[Any]:
        return [
            *([self.view.query_class] if self.view.query_class else []),
            *(_filters(self.view.filterset_class) if self.view.filterset_class else []),
            *([_hat()] if self.view.wears_hat else []),
            *([_idempotency_key()] if self._acts else []),
            *_response_headers(self._problems()),
        ]

    def get_auth(self) -> list[Any]:
        """Return how a program authenticates; none where the row of the route names visitors."""
        # A part of the path is described as {name}; a number fits every converter.
        right = right_of(resolve(re.sub(r"\{\w+\}", "1", self.path)).view_name)
        audience = right.audience(self.method) if right else None
        return [*super().get_auth(), *([{}] if audience and VISITOR in audience else [])]

    def get_request_serializer(self) -> Any:
        return self.view.body_class

    def get_response_serializers(self) -> Any:
        found: dict[Any, Any] = dict(self.view.responses)
        for status in self._problems():
            phrase = HTTPStatus(status).phrase
            found[(status, CONTENT_TYPE)] = OpenApiResponse(s.ProblemSerializer, description=phrase)
        return found

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(self.view, ListView)

    @property
    def _acts(self) -> bool:
        return isinstance(self.view, ActView)

    def _problems(self) -> list[int]:
        """Return the statuses of the errors that this request can meet."""
        has_body = self.view.body_class is not None
        return [
            400,
            401,
            *([403] if self._acts or self.view.wears_hat else []),
            *([404] if "{" in self.path else []),
            406,
            *([409] if self._acts else []),
            *([413, 415] if has_body else []),
            *([422] if self._acts else []),
            429,
            503,
        ]


def _hat() -> OpenApiParameter:
    return OpenApiParameter(
        actor.HEADER,
        {"type": "string", "pattern": "^[A-Z0-9]{1,12}$"},
        OpenApiParameter.HEADER,
        description="number of an own business account",
    )


def _idempotency_key() -> OpenApiParameter:
    return OpenApiParameter(
        idempotency.HEADER,
        {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": 255},
        OpenApiParameter.HEADER,
        description="a name of this request, new for each act: sent again within 24 hours, it gets the same answer",
    )


def _response_headers(statuses: list[int]) -> Iterator[OpenApiParameter]:
    seconds = {"type": "integer", "minimum": 0}
    waits = [status for status in statuses if status in (409, 429, 503)]
    yield OpenApiParameter(
        "Retry-After", seconds, OpenApiParameter.HEADER, description="seconds to wait", response=waits
    )
    yield OpenApiParameter("WWW-Authenticate", str, OpenApiParameter.HEADER, response=[401])


def _filters(filterset_class: Any) -> Iterator[OpenApiParameter]:
    for name, field in filterset_class(
        queryset=filterset_class.Meta.model.objects.none()
    ).form.fields.items():
        yield OpenApiParameter(name, _field_schema(field), description=str(field.label))


def _field_schema(field: forms.Field) -> dict[str, Any]:
    if isinstance(field, TickField):
        return {"type": "string", "enum": sorted(YES | NO)}
    if isinstance(field, forms.ModelChoiceField):
        return {"type": "integer", "minimum": 1} if field.to_field_name == "pk" else FILLED
    if isinstance(field, forms.ChoiceField):
        return {"type": "string", "enum": [value for value, _label in field.widget.choices if value]}
    if isinstance(field, forms.DateField):
        # As kit.form_fields.check_year.
        return {"type": "string", "format": "date", "pattern": r"^(19(1[2-9]|[2-9]\d)|20\d{2}|2100)-"}
    return {**FILLED, "maxLength": getattr(field, "max_length", None)}


class KeyScheme(OpenApiAuthenticationExtension):
    """How a key is sent."""

    target_class = "signin.api_keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token ist_…"}
