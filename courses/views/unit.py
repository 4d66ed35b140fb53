from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def courses(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def notify(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def detail(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
