from django.urls import path

from checks import views

app_name = "checks"

urlpatterns = [
    path("", views.state_of_the_system, name="system"),
    path("test-mail/", views.send_trial_mail, name="trial_mail"),
]
