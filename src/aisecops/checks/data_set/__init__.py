"""Data sets: what stands in their rows, whether they are fit to learn from, and what has changed in them."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
