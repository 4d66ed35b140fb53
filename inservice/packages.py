"""The packages of the product, a package after those it may import: the one list that settings, scripts and tests read.

`python -m inservice.packages` prints them for a shell script. The module imports nothing.
"""

PACKAGES = (
    "kit",
    "inservice",
    "audit",
    "notices",
    "files",
    "jobs",
    "accounts",
    "bulletin",
    "signin",
    "courses",
    "hours",
    "api",
    "webhooks",
    "backup",
    "privacy",
    "checks",
    "demo",
)

if __name__ == "__main__":
    print(*PACKAGES)
