"""docs/categories.md is the one table of categories: it names what the checks yield, no more and no less."""

import re
from pathlib import Path

from aisecops import checks

TABLE = Path(__file__).parents[2] / "docs" / "categories.md"


def test_every_category_of_a_check_is_in_the_table_and_none_besides():
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \| (.*) \|$", TABLE.read_text(), re.MULTILINE)
    documented = {category: set(re.findall(r"`([a-z-]+/[a-z-]+)`", named)) for category, named in rows}
    yielded: dict[str, set[str]] = {}
    for check in checks.load_all().checks.values():
        for category in check.categories:
            yielded.setdefault(category, set()).add(check.id)
    assert documented == yielded
