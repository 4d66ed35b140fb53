#!/usr/bin/env python3
"""Django's command line for the in-service training system."""

import os
import sys
from typing import Any

from inservice import startup

startup.begin()

from django.core.management import ManagementUtility  # noqa: E402 - it is a good part of what is loaded


class CommandLine(ManagementUtility):
    def fetch_command(self, subcommand: str) -> Any:
        """Applications are loaded by now; the command itself runs with the collector."""
        startup.loaded()
        return super().fetch_command(subcommand)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
    if "--traceback" in sys.argv:
        CommandLine(sys.argv).execute()
        return
    # Monitoring reads 1 from `doctor` as a warning only.
    with startup.ending_with_a_sentence(2 if sys.argv[1:2] == ["doctor"] else 1):
        CommandLine(sys.argv).execute()


if __name__ == "__main__":
    main()
