"""What a test draws depends on the test alone, not on those that ran before it in the same process."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def draws_of_its_own(request: pytest.FixtureRequest) -> None:
    if generator := getattr(request.module, "RNG", None):
        generator.seed(request.node.name)
