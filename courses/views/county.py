from django.http import HttpRequest, HttpResponse


def overview(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def export(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def chase(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def year_end(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def unit(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
