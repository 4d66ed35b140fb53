from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def answer(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
