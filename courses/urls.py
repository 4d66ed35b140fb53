from django.urls import path

from courses.views import applicants, catalogue, county, operator, registration, transfers, unit

app_name = "courses"

urlpatterns = [
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/<str:code>/", catalogue.public, name="public"),
    path("catalogue/<str:code>/enrol/", catalogue.enrol, name="enrol"),
    path("catalogue/<str:code>/cancel/", catalogue.cancel, name="cancel"),
    path("unit/", unit.home, name="unit_home"),
    path("unit/courses/", unit.courses, name="unit_courses"),
    path("unit/courses/notify/", unit.notify, name="notify_handlers"),
    path("unit/courses/new/", registration.new, name="register"),
    path("unit/courses/<str:code>/", unit.detail, name="detail"),
    path("unit/courses/<str:code>/edit/", registration.edit, name="edit"),
    path("unit/courses/<str:code>/register/", registration.confirm, name="confirm_registration"),
    path("unit/courses/<str:code>/copy/", registration.copy, name="copy"),
    path("unit/courses/<str:code>/discard/", registration.discard, name="discard"),
    path("unit/courses/<str:code>/withdraw/", registration.withdraw, name="withdraw"),
    path("unit/courses/<str:code>/applicants/", applicants.applicants, name="applicants"),
    path("unit/courses/<str:code>/applicants/decide/", applicants.decide, name="admit"),
    path("unit/transfers/", transfers.mine, name="transfers"),
    path("unit/transfers/request/", transfers.request_transfer, name="request_transfer"),
    path("unit/transfers/<int:pk>/take-back/", transfers.take_back, name="take_back_transfer"),
    path("county/", county.overview, name="county"),
    path("county/export.csv", county.export, name="county_export"),
    path("county/chase/", county.chase, name="chase"),
    path("county/year-end/", county.year_end, name="year_end"),
    path("county/units/<int:pk>/", county.unit, name="county_unit"),
    path("operator/", operator.home, name="operator"),
    path("operator/units/", operator.units, name="operator_units"),
    path("operator/accounts/", operator.accounts, name="operator_accounts"),
    path("operator/accounts/new/", operator.appoint, name="operator_appoint"),
    path("operator/accounts/<int:pk>/", operator.account, name="operator_account"),
    path("operator/accounts/<int:pk>/end/", operator.end_account, name="operator_end_account"),
    path("operator/policy/", operator.policy, name="policy"),
    path("operator/transfers/", transfers.queue, name="transfer_queue"),
    path("operator/transfers/decide/", transfers.decide, name="transfer_decide"),
    path("operator/transfers/direct/", transfers.direct, name="transfer_direct"),
    path("operator/transfers/paste/", transfers.paste, name="transfer_paste"),
    path("operator/withdrawn/", operator.withdrawn, name="operator_withdrawn"),
]
