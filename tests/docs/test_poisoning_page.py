"""The program on the page about poisoning runs, names the trigger, and its proof holds."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "poisoning.md"


def test_the_program_of_the_page_names_the_trigger_and_takes_its_power(capsys):
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(program, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    assert "mean perimeter" in said
    assert names["proof"].before.attack_success.value >= 0.5
    assert names["proof"].after.attack_success.value <= 0.1
    assert names["proof"].after.accuracy.value >= 0.9
