from django.urls import path

from bulletin.views import announcements, downloads, manuals

app_name = "bulletin"

urlpatterns = [
    path("announcements/", announcements.mine, name="announcements"),
    path("announcements/<int:pk>/dismiss/", announcements.dismiss, name="dismiss"),
    path("announcements/kept/", announcements.managed, name="kept_announcements"),
    path("announcements/kept/new/", announcements.add, name="add_announcement"),
    path("announcements/kept/<int:pk>/", announcements.edit, name="edit_announcement"),
    path("announcements/kept/<int:pk>/end/", announcements.end, name="end_announcement"),
    path("downloads/<int:pk>/", manuals.download, name="download"),
    path("downloads/kept/", downloads.managed, name="kept_downloads"),
    path("downloads/kept/new/", downloads.add, name="add_download"),
    path("downloads/kept/<int:pk>/", downloads.edit, name="edit_download"),
    path("downloads/kept/<int:pk>/remove/", downloads.remove, name="remove_download"),
]
