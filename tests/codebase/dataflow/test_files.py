"""A file that a program fills with what a model has written is code of the model when it is run."""

from __future__ import annotations

import pytest

from tests.codebase.programs import interpreted

HEAD = """
import os, runpy, subprocess, sys, tempfile
from pathlib import Path
from openai import OpenAI
code = OpenAI().responses.create(model="gpt-4o", input="x").output_text
"""
WRITTEN = {
    "a constant name": ("with open('answer.py', 'w') as f:\n    f.write(code)", "'answer.py'"),
    "a name": ("name = os.path.join('out', 'answer.py')\nwith open(name, 'w') as f:\n    f.write(code)", "name"),
    "a temporary file": ("f = tempfile.NamedTemporaryFile('w', suffix='.py', delete=False)\nf.write(code)\nf.close()", "f.name"),
    "a path": ("script = Path('out') / 'answer.py'\nscript.write_text(code)", "str(script)"),
    "a path of a constant": ("Path('answer.py').write_text(code)", "'answer.py'"),
    "several lines": ("f = open('answer.py', 'a')\nf.writelines([code])", "'answer.py'"),
}


def found(text: str) -> bool:
    return any(hit.entry.sink == "model-output-to-code" for hit in interpreted(HEAD + text, {}).hits)


@pytest.mark.parametrize("how", WRITTEN)
@pytest.mark.parametrize("run", ["subprocess.run([sys.executable, {}])", "subprocess.run(['python3', {}], check=True)", "runpy.run_path({})"])
def test_running_it_is_running_the_models_code(how: str, run: str) -> None:
    written, name = WRITTEN[how]
    assert found(f"{written}\n{run.format(name)}")


@pytest.mark.parametrize("how", WRITTEN)
@pytest.mark.parametrize(
    "use", ["subprocess.run(['cat', {}])", "print(open({}).read())", "subprocess.run([sys.executable, 'other_program.py'])", "os.remove({})"]
)
def test_other_uses_are_harmless(how: str, use: str) -> None:
    written, name = WRITTEN[how]
    assert not found(f"{written}\n{use.format(name)}")


def test_a_file_of_something_else_is_nobodys_answer() -> None:
    assert not found("with open('answer.py', 'w') as f:\n    f.write('print(1)')\nsubprocess.run([sys.executable, 'answer.py'])")


def test_a_file_that_is_read_is_not_filled() -> None:
    assert not found("with open('answer.py') as f:\n    text = f.read()\nsubprocess.run([sys.executable, 'answer.py'])\nprint(code)")
