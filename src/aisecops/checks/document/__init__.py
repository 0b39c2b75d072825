"""Documents, collections of them, and data that a model answers or learns from: what is hidden in them, what speaks to the model, what was planted."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
