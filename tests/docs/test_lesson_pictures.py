"""The pictures of lessons: each check of data, documents and backdoors has one, it shows what the program says today, and the page of the check has it."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest
from tools.documentation.check_pages import page

from aisecops import checks
from tests.docs.walk import DOCS, ROOT

PICTURES = DOCS / "images" / "checks"
TAUGHT = sorted(name for name in checks.load_all().checks if name.startswith(("data-set/", "document/", "model/backdoor")))
SEARCHED = ("data-set/poisoning", "model/backdoor")
"""These take long to draw: tests/examples/test_poisoned.py and tests/docs/test_backdoors_page.py hold what they show."""
DRAWN = [name for name in TAUGHT if name not in SEARCHED]


@pytest.fixture(scope="module")
def anew(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    subprocess.run([sys.executable, ROOT / "tools/documentation/lesson_pictures.py", "--to", folder, *DRAWN], check=True, timeout=300)
    return folder


@pytest.mark.parametrize("check", DRAWN)
def test_a_picture_shows_what_is_said_today(check, anew):
    name = f"{check.replace('/', '-')}.svg"
    assert (PICTURES / name).read_text(encoding="utf-8") == (anew / name).read_text(encoding="utf-8"), "python tools/documentation/lesson_pictures.py"


@pytest.mark.parametrize("check", TAUGHT)
def test_the_page_of_a_check_has_its_picture_and_tells_where_to_read_on(check):
    name = f"{check.replace('/', '-')}.svg"
    root = ElementTree.parse(PICTURES / name).getroot()
    assert root.findtext("{*}title")
    assert root.findtext("{*}desc")
    text = page(checks.load_all().checks[check], DOCS)
    assert f"](../../images/checks/{name})" in text
    assert "## How it works, and how well" in text
