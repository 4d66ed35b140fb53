from django.urls import path

from accounts.views import imports, people, record, requests, rosters, undelivered_mail, unit, units

app_name = "accounts"

urlpatterns = [
    path("person/identity/", requests.change_identity, name="change_identity"),
    path("person/identity/<int:pk>/take-back/", requests.withdraw_change, name="take_back_change"),
    path("person/accounts/", requests.mine, name="mine"),
    path("person/accounts/apply/", requests.apply, name="apply"),
    path("person/applications/<int:pk>/take-back/", requests.withdraw, name="take_back_application"),
    path("person/papers/<int:pk>/", requests.paper, name="paper"),
    path("person/record/", record.mine, name="my_record"),
    path("person/record/export.csv", record.export_mine, name="my_record_export"),
    path("requests/", requests.queue, name="requests"),
    path("requests/applications/<int:pk>/decide/", requests.decide, name="decide_application"),
    path("requests/changes/<int:pk>/decide/", requests.decide_change, name="decide_change"),
    path("record/", record.everything, name="record"),
    path("record/export.csv", record.export, name="record_export"),
    path("unit/accounts/", unit.accounts, name="unit"),
    path("unit/accounts/confirm/", unit.confirm, name="confirm_review"),
    path("staff/file/", rosters.upload, name="roster"),
    path("staff/file/<int:pk>/carry-out/", rosters.carry_out, name="roster_carry_out"),
    path("appointments/<int:pk>/suspend/", unit.suspend, name="suspend"),
    path("appointments/<int:pk>/resume/", unit.resume, name="resume"),
    path("units/", units.register, name="units"),
    path("units/new/", units.new, name="unit_new"),
    path("units/<int:pk>/edit/", units.edit, name="unit_edit"),
    path("units/<int:pk>/code/", units.recode, name="unit_code"),
    path("operator/import/units/", imports.units, name="import_units"),
    path("operator/import/people/", imports.people, name="import_people"),
    path("operator/import/<int:pk>/carry-out/", imports.carry_out, name="carry_out"),
    path("operator/mail/", undelivered_mail.undelivered, name="undelivered_mail"),
    path("operator/mail/send-again/", undelivered_mail.again, name="send_mail_again"),
    path("operator/people/", people.search, name="people"),
    path("operator/people/<int:pk>/", people.person, name="person"),
    path("operator/people/<int:pk>/national-id/", people.reveal, name="reveal"),
    path("operator/people/<int:pk>/numbers/", people.correct_numbers, name="correct_numbers"),
]
