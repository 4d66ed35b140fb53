from django.http import HttpRequest, HttpResponse


def applicants(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def decide(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
