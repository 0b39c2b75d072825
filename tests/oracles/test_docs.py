"""The page about oracles says what is so: its snippets run."""

from __future__ import annotations

import pathlib
import re

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "oracles.md"


def test_the_snippets_of_the_page_run(capsys):
    names: dict[str, object] = {}
    for snippet in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(compile(snippet, str(PAGE), "exec"), names)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "gradient labels scores structure"
    assert said[1].startswith("probabilities ")
    assert said[2] == "('attack', 'normal') [1 0 1 0]"
