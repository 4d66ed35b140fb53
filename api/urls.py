"""The URLs of version 1. Their responses are described at /api/v1/docs/."""

from django.urls import path

from api.views import county, courses, description, me, unit

app_name = "api"

urlpatterns = [
    path("courses/", courses.Catalogue.as_view(), name="courses"),
    path("courses/<str:code>/", courses.CourseDetail.as_view(), name="course"),
    path("courses/<str:code>/enrol/", courses.Enrol.as_view(), name="enrol"),
    path("courses/<str:code>/accept/", courses.Accept.as_view(), name="accept"),
    path("courses/<str:code>/cancel/", courses.Cancel.as_view(), name="cancel"),
    path("me/enrolments/", me.MyEnrolments.as_view(), name="my_enrolments"),
    path("me/light/", me.MyLight.as_view(), name="my_light"),
    path("me/hours/", me.MyHours.as_view(), name="my_hours"),
    path("unit/courses/", unit.UnitCourses.as_view(), name="unit_courses"),
    path("unit/courses/<str:code>/sheet/", unit.UnitCourseSheet.as_view(), name="sheet"),
    path("unit/courses/<str:code>/close/", unit.Close.as_view(), name="close"),
    path("unit/light/", unit.UnitLightView.as_view(), name="unit_light"),
    path("county/lights/", county.CountyLights.as_view(), name="county_lights"),
    path("schema/", description.schema, name="schema"),
    path("docs/", description.docs, name="docs"),
]
