"""Property tests draw the same examples in every run, so that a change fails a test and chance does not.

``HYPOTHESIS_PROFILE=default`` draws new ones: what they find becomes an ``@example``.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
