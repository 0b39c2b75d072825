"""Where a model's answer is trusted, in small programs written as people write them, and their careful twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong

CATEGORIES = [f"model-output-to-{where}" for where in ("code", "shell", "sql", "html", "url", "path")]


@pytest.mark.parametrize("name", ["model_output", "model_output_flows"])
def test_programs_are_judged_line_by_line(name: str, tmp_path: Path) -> None:
    assert not wrong(name, tmp_path, *CATEGORIES)


PROGRAM = """from flask import Flask, render_template
from openai import OpenAI
app = Flask(__name__)
@app.get("/a")
def page():
    answer = OpenAI().responses.create(model="gpt-4o", input="hi").output_text
    return render_template("page.html", answer=answer, answers=[answer], title="A")
"""


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<p>{{ answer | safe }}</p>", True),
        ("{% for one in answers %}<p>{{ one.text|safe }}</p>{% endfor %}", True),
        ("{% autoescape false %}<p>{{ answer }}</p>{% endautoescape %}", True),
        ("<h1>{{ title | safe }}</h1><p>{{ answer }}</p>", False),
    ],
)
def test_a_template_that_marks_an_answer_as_safe_shows_it(page: str, shown: bool, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(page)
    findings = [f for f in scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False)).findings if f.category == "model-output-to-html"]
    assert [f.locations[0].line for f in findings] == ([7] if shown else [])
