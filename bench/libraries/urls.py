from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/schema/", SpectacularAPIView.as_view()),
    path("desk/", admin.site.urls),
]
