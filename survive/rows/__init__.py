"""The rows of the table, a module for each kind of trouble."""

import importlib
import pkgutil


def load() -> None:
    """Import every module of this package, which registers its rows."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
