from django.http import HttpRequest, HttpResponse


def mine(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def request_transfer(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def take_back(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def queue(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def decide(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def direct(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def paste(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
