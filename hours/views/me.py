from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def object_to(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
