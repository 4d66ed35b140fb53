"""The whole list of checks, for the command and the page."""

from checks import installation, safekeeping, service, upkeep
from checks.findings import Result, results

CHECKS = (*installation.CHECKS, *service.CHECKS, *upkeep.CHECKS, *safekeeping.CHECKS)


def state() -> list[Result]:
    return results(CHECKS)
