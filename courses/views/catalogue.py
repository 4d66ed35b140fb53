from django.http import HttpRequest, HttpResponse


def catalogue(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def public(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def enrol(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def cancel(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
