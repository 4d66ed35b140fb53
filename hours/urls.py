from django.urls import path

from hours.views import (
    attendance,
    certificates,
    closing,
    corrections,
    drafts,
    me,
    merging,
    objections,
    projector,
    receipt,
    records,
    signing,
)

app_name = "hours"

urlpatterns = [
    path("me/", me.home, name="me"),
    path("sign/", signing.sign, name="sign"),
    path("s/<str:token>/", signing.scan, name="scan"),
    path("me/hours/", me.record, name="my_record"),
    path("me/hours/years.<slug:fmt>", certificates.my_years, name="my_years"),
    path("me/certificates/<str:code>/", certificates.mine, name="my_certificate"),
    path("verify/", certificates.verify, name="verify"),
    path("me/figures/<slug:name>.<slug:fmt>", me.figure, name="my_figure"),
    path("me/objections/<str:code>/", me.object_to, name="object"),
    path("unit/courses/<str:code>/close/", closing.close, name="close"),
    path("unit/courses/<str:code>/close/draft/", drafts.draft, name="draft"),
    path("unit/courses/<str:code>/attendance/", attendance.attendance, name="attendance"),
    path("unit/courses/<str:code>/attendance/news/", attendance.news, name="attendance_news"),
    path("unit/courses/<str:code>/attendance/code/", projector.page, name="projector"),
    path("unit/courses/<str:code>/attendance/code/now/", projector.now, name="projector_now"),
    path("unit/courses/<str:code>/receipt/", receipt.receipt, name="receipt"),
    path("unit/courses/<str:code>/certificates/", certificates.of_course, name="certificates"),
    path("unit/courses/<str:code>/corrections/", corrections.correct, name="correct"),
    path("unit/objections/", objections.index, name="objections"),
    path("unit/objections/<int:pk>/answer/", objections.answer, name="answer_objection"),
    path("unit/records/", records.index, name="unit_records"),
    path("unit/records/download.<str:fmt>", records.download, name="unit_records_download"),
    path("operator/people/<int:pk>/merge/", merging.merge, name="merge"),
    path("operator/people/<int:pk>/part/", merging.part, name="part"),
    path("county/records/", records.county, name="county_records"),
    path("county/records/download.<str:fmt>", records.county_download, name="county_records_download"),
]
