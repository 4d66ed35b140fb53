from django.http import HttpRequest, HttpResponse


def correct(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
