"""The URLs of version 1. Their responses are described at /api/v1/docs/."""

from django.urls import path

from api.views import absences, county, courses, description, me, objections, results, unit

app_name = "api"

urlpatterns = [
    path("courses/", courses.Catalogue.as_view(), name="courses"),
    path("courses/<str:code>/", courses.CourseDetail.as_view(), name="course"),
    path("courses/<str:code>/enrol/", courses.Enrol.as_view(), name="enrol"),
    path("courses/<str:code>/accept/", courses.Accept.as_view(), name="accept"),
    path("courses/<str:code>/cancel/", courses.Cancel.as_view(), name="cancel"),
    path("courses/<str:code>/cannot-come/", absences.CannotCome.as_view(), name="cannot_come"),
    path("courses/<str:code>/come-after-all/", absences.ComeAfterAll.as_view(), name="come_after_all"),
    path("courses/<str:code>/files/", results.CourseFiles.as_view(), name="course_files"),
    path("me/attendance/", me.MyAttendance.as_view(), name="my_attendance"),
    path("me/certificates/", me.MyCertificates.as_view(), name="my_certificates"),
    path("me/enrolments/", me.MyEnrolments.as_view(), name="my_enrolments"),
    path("courses/<str:code>/object/", objections.Object.as_view(), name="object"),
    path("me/objections/", objections.MyObjections.as_view(), name="my_objections"),
    path("me/objections/<int:pk>/review/", objections.RequestReview.as_view(), name="review_objection"),
    path("me/light/", me.MyLight.as_view(), name="my_light"),
    path("me/hours/", me.MyHours.as_view(), name="my_hours"),
    path("unit/courses/", unit.UnitCourses.as_view(), name="unit_courses"),
    path("unit/courses/<str:code>/sheet/", unit.UnitCourseSheet.as_view(), name="sheet"),
    path(
        "unit/courses/<str:code>/questionnaire/",
        results.CourseQuestionnaire.as_view(),
        name="course_questionnaire",
    ),
    path("unit/courses/<str:code>/close/", unit.Close.as_view(), name="close"),
    path("unit/absences/", absences.UnitAbsences.as_view(), name="absences"),
    path("unit/absences/<int:pk>/decide/", absences.DecideAbsence.as_view(), name="decide_absence"),
    path("unit/objections/", objections.UnitObjections.as_view(), name="objections"),
    path("unit/objections/<int:pk>/answer/", objections.AnswerObjection.as_view(), name="answer_objection"),
    path("unit/light/", unit.UnitLightView.as_view(), name="unit_light"),
    path("county/lights/", county.CountyLights.as_view(), name="county_lights"),
    path("schema/", description.schema, name="schema"),
    path("docs/", description.docs, name="docs"),
]
