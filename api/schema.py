"""How the API's description (OpenAPI) is made of its views. Loaded when somebody asks for the description."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from api.schema_extras import OF_THE_VIEW, Description


class Schema(AutoSchema):
    """Django REST framework's DEFAULT_SCHEMA_CLASS: what `described` noted goes before what the view's classes say."""

    @property
    def _said(self) -> Description:
        method = getattr(self.view, self.method.lower())
        return getattr(method, "described", None) or getattr(self.view, "described", Description())

    def get_override_parameters(self) -> list[Any]:
        return [
            OpenApiParameter(p.name, p.type, p.place, description=p.description, enum=p.choices or None)
            for p in self._said.parameters
        ]

    def get_request_serializer(self) -> Any:
        said = self._said.request
        return super().get_request_serializer() if said is OF_THE_VIEW else said

    def get_response_serializers(self) -> Any:
        said = self._said.responses
        return super().get_response_serializers() if said is OF_THE_VIEW else said


class KeyScheme(OpenApiAuthenticationExtension):
    """Tells how a key is sent."""

    target_class = "signin.api_keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token ist_…"}
