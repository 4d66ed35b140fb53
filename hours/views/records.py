from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def download(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
