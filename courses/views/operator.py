from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def units(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def accounts(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def appoint(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def account(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def end_account(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def policy(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def withdrawn(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
