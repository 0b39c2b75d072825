"""Property tests draw the same examples in every run, so that a change fails a test and chance does not.

``HYPOTHESIS_PROFILE=default`` draws new ones: what they find becomes an ``@example``.

Ten thousand tests and what they import are some 600,000 objects that stay: the collector of garbage does not look through them again and again, which took a quarter
of the time of small tests.
"""

from __future__ import annotations

import gc
import os

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
gc.disable()


def pytest_collection_finish() -> None:
    """Leave out what is there by now, and collect what tests leave behind as the command line does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
