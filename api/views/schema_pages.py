"""The views of the description. Imported on the first request for it (`api.views.description`)."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.views.base import SpeakingView


class SchemaView(SpeakingView, SpectacularAPIView):
    """The description, as YAML or JSON."""


class DocsView(SpeakingView, SpectacularSwaggerSplitView):
    """The description as a page."""

    # Django REST framework would reply to OPTIONS with a page that has no template.
    http_method_names = ["get", "head"]
