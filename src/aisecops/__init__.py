"""aisecops: the security pipeline for machine-learning systems.

``aisecops.scan(path)``, ``aisecops.run(path)`` and ``aisecops.load(record)`` return a ``JudgedRun``: docs/python-api.md. Each is imported when it is asked for, because
every start of the command line passes through here.
"""

TYPE_CHECKING = False  # typing.TYPE_CHECKING, whose module costs more than the rest of this start
if TYPE_CHECKING:
    from aisecops.workflows.api import JudgedRun as JudgedRun
    from aisecops.workflows.api import load as load
    from aisecops.workflows.api import run as run
    from aisecops.workflows.api import scan as scan

__version__ = "0.1.0"
_API = ("JudgedRun", "load", "run", "scan")


def __getattr__(name: str) -> object:
    if name not in _API:
        raise AttributeError(f"module 'aisecops' has no attribute {name!r}")
    from aisecops.workflows import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_API})
