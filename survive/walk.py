"""`python -m survive.walk '{"seed": 1, …}'`: random histories in a process of their own; prints what it found as JSON (row 4)."""

import json
import sys


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from survive.rows.histories import walk_all

    # As in the tests: the histories make people, whose passwords nobody types.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    print(json.dumps(walk_all(**json.loads(sys.argv[1]))))


if __name__ == "__main__":
    main()
