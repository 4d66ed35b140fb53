from django.urls import path

from bulletin.views import manuals

app_name = "handbook"

urlpatterns = [
    path("", manuals.index, name="index"),
    path("shots/<slug:name>.png", manuals.shot, name="shot"),
    path("<slug:slug>/", manuals.page, name="page"),
]
