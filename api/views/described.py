"""The views of the description. Imported when somebody asks for it (`api.views.description`)."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.views.base import SpeakingView


class SchemaView(SpeakingView, SpectacularAPIView):
    """The description, as YAML or JSON."""


class DocsView(SpeakingView, SpectacularSwaggerSplitView):
    """The description as a page."""

    # Django REST framework would answer OPTIONS with a page that has no template.
    http_method_names = ["get", "head"]
