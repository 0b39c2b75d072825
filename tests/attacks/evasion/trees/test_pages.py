"""The snippets of the documentation run, and what they print is proven."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

PAGES = Path(__file__).parents[4] / "docs" / "attacks"


@pytest.mark.parametrize("page", ["trees.md", "linear.md"])
def test_the_snippet_proves_what_it_finds(page):
    (snippet,) = re.findall(r"```python\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    exec(snippet, names)
    result = names["result"]
    assert result.found.all()
    assert np.allclose(result.lower, result.distance, rtol=1e-6, atol=1e-9)
