"""Source files and notebooks: what the code does with models, data, secrets and the answers of models."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
