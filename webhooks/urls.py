from django.urls import path

from webhooks import views

app_name = "webhooks"

urlpatterns = [
    path("", views.listed, name="list"),
    path("<int:pk>/", views.webhook, name="webhook"),
    path("<int:pk>/end/", views.end, name="end"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/take-over/", views.take_over, name="take_over"),
    path("<int:pk>/secret/", views.renew_secret, name="renew_secret"),
    path("<int:pk>/replay/", views.replay, name="replay"),
    path("<int:pk>/test/", views.test, name="test"),
]
