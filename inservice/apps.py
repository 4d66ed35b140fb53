from django.apps import AppConfig


class InserviceConfig(AppConfig):
    name = "inservice"
