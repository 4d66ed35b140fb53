from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from api import views

app_name = "api"


@login_not_required
def schema(request: HttpRequest) -> HttpResponse:
    """The description (OpenAPI)."""
    from drf_spectacular.views import SpectacularAPIView

    return SpectacularAPIView.as_view()(request)


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description as a page (Swagger UI)."""
    from drf_spectacular.views import SpectacularSwaggerSplitView

    return SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html")(request)


urlpatterns = [
    path("courses/", views.Catalogue.as_view(), name="courses"),
    path("courses/<str:code>/", views.CourseDetail.as_view(), name="course"),
    path("courses/<str:code>/enrol/", views.Enrol.as_view(), name="enrol"),
    path("courses/<str:code>/accept/", views.Accept.as_view(), name="accept"),
    path("courses/<str:code>/cancel/", views.Cancel.as_view(), name="cancel"),
    path("me/enrolments/", views.MyEnrolments.as_view(), name="my_enrolments"),
    path("me/light/", views.MyLight.as_view(), name="my_light"),
    path("me/hours/", views.MyHours.as_view(), name="my_hours"),
    path("unit/courses/", views.UnitCourses.as_view(), name="unit_courses"),
    path("unit/courses/<str:code>/sheet/", views.UnitCourseSheet.as_view(), name="sheet"),
    path("unit/courses/<str:code>/close/", views.Close.as_view(), name="close"),
    path("unit/light/", views.UnitLightView.as_view(), name="unit_light"),
    path("county/lights/", views.CountyLights.as_view(), name="county_lights"),
    path("schema/", schema, name="schema"),
    path("docs/", docs, name="docs"),
]
