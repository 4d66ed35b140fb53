# The version of the product, as in pyproject.toml and CHANGELOG.md; a backup names it (docs/upgrading.md).
__version__ = "1.0.0"
