from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def page(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
