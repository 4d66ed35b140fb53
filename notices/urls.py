from django.urls import path

from notices import mail_views, views

app_name = "notices"

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("settings/", mail_views.settings_page, name="settings"),
    path("mail/<str:token>/", mail_views.unsubscribe, name="unsubscribe"),
    path("<int:pk>/", views.open_notice, name="open"),
    path("<int:pk>/read/", views.read, name="read"),
    path("read-all/", views.read_all, name="read_all"),
]
