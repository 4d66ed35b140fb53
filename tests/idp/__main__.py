"""`python -m tests.idp PORT CALLBACK`: prepare the provider's database, say "ready", serve until it is ended."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.idp.settings"


def main(port: int, callback: str) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    _people(callback)
    print("ready", flush=True)  # noqa: T201
    from wsgiref.simple_server import make_server

    from django.core.wsgi import get_wsgi_application

    make_server("127.0.0.1", port, get_wsgi_application()).serve_forever()


def _people(callback: str) -> None:
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User

    for name, email, verified in (
        ("known", "known@school.example", True),
        ("stranger", "stranger@school.example", True),
        ("unproved", "victim@school.example", False),
    ):
        user = User.objects.create_user(name, email, "provider-pass-word", first_name="陳怡君")
        EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    client = Client(id="inservice", name="In-service training", skip_consent=True)
    client.set_secret("a-secret-of-the-tests")
    client.set_redirect_uris([callback])
    client.set_scopes(["openid", "profile", "email"])
    client.save()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
