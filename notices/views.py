from django.http import HttpRequest, HttpResponse


def inbox(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def open_notice(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def read(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def read_all(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
