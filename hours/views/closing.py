from django.http import HttpRequest, HttpResponse


def close(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def walk_in(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def receipt(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
