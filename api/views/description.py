"""The API's description (OpenAPI) and its page. drf-spectacular is imported on the first request: it imports Django's test client."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase


@login_not_required
def schema(request: HttpRequest) -> HttpResponseBase:
    """The description (OpenAPI)."""
    from api.views.schema_pages import SchemaView

    return SchemaView.as_view()(request)


@login_not_required
def docs(request: HttpRequest) -> HttpResponseBase:
    """The description as a page (Swagger UI)."""
    from api.views.schema_pages import DocsView

    return DocsView.as_view(url_name="api:schema", template_name="api/docs.html")(request)
