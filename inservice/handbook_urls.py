from django.urls import path

from inservice import handbook

app_name = "handbook"

urlpatterns = [
    path("", handbook.index, name="index"),
    path("shots/<slug:name>.png", handbook.shot, name="shot"),
    path("<slug:slug>/", handbook.page, name="page"),
]
