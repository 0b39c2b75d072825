"""The program on the page about backdoored models names the planted column and its class."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "backdoors.md"


@pytest.mark.slow
def test_the_program_of_the_page_names_the_sign(capsys):
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(program, str(PAGE), "exec"), names)
    assert "worst area" in capsys.readouterr().out
    assert names["seen"].backdoors[0].target == 0
