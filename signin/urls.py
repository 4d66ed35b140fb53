from django.urls import path

from signin.views import first_login, invitations, join_requests, second_factor, security, support

app_name = "signin"

urlpatterns = [
    path("first-log-in/", first_login.first_login, name="first_login"),
    path("first-log-in/apply/", first_login.join, name="join"),
    path("first-log-in/password/", first_login.first_password, name="first_password"),
    path("first-log-in/<str:key>/", first_login.open_link, name="open_link"),
    path("staff/<int:pk>/invite/", invitations.send_again, name="invite_again"),
    path("requests/staff/", join_requests.queue, name="join_requests"),
    path("requests/staff/<int:pk>/decide/", join_requests.decide, name="decide_join"),
    path("operator/people/<int:pk>/support/", support.begin, name="begin_support"),
    path("operator/support/end/", support.end, name="end_support"),
    path("person/security/", security.security, name="security"),
    path("person/ready/", security.ready, name="ready"),
    path("person/session/", security.session_left, name="session_left"),
    path("person/sessions/<int:pk>/end/", security.end_session, name="end_session"),
    path("person/sessions/end-others/", security.end_other_sessions, name="end_other_sessions"),
    path("person/browsers/<int:pk>/forget/", security.forget_device, name="forget_device"),
    path("person/keys/new/", security.make_key, name="make_key"),
    path("person/keys/<int:pk>/end/", security.end_key, name="end_key"),
    path(
        "operator/people/<int:pk>/second-factor/",
        second_factor.reset_second_factor,
        name="reset_second_factor",
    ),
]
