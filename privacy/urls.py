from django.urls import path

from privacy import views

app_name = "privacy"

urlpatterns = [
    path("privacy/", views.notice, name="notice"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("person/own-data/", views.own_data, name="own_data"),
    path("person/own-data/take/", views.take_own_data, name="take_own_data"),
    path("operator/retention/", views.retention, name="retention"),
]
