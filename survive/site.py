"""`python -m survive.site`: the processes of `script/server` under its own supervisor, with the points at which a request may be killed.

Web, worker, mail worker and beat are started by the commands of `inservice.supervisor`; only the name of the WSGI application differs.
"""

import os
import sys

from inservice.supervisor import Supervisor, commands

PLAIN, OURS = "inservice.wsgi", "survive.wsgi"


def wanted(port: int) -> dict[str, list[str]]:
    """Return the commands of the supervisor, but for those that SURVIVE_WITHOUT names."""
    left_out = set(os.environ.get("SURVIVE_WITHOUT", "").split())
    found = {
        name: [OURS if word == PLAIN else word for word in words] for name, words in commands(port).items()
    }
    return {name: words for name, words in found.items() if name not in left_out}


def main() -> int:
    port = int(os.environ["PORT"])
    return Supervisor(wanted(port), port, first_pause=0.2).run()


if __name__ == "__main__":
    sys.exit(main())
