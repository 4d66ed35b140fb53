"""A greeting: what a start is compared with. Enrolling is in `bench.bare.same`."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

HELLO = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(HELLO).render({"title": "Hello"}, request))


urlpatterns = [path("", hello)]
