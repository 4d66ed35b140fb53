from django.http import HttpRequest, HttpResponse


def new(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def edit(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def confirm(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def copy(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def discard(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def withdraw(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
