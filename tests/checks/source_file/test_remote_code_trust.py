"""Where code of model repositories may run: in calls, options, fields, dictionaries and commands."""

from __future__ import annotations

from pathlib import Path

from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong


def test_every_marked_line_is_found_and_no_other(tmp_path: Path) -> None:
    said = wrong("remote-code", tmp_path, "remote-code-trust")
    assert not said, "\n" + "\n".join(said)


def test_an_option_and_the_call_that_it_decides_are_one_finding(tmp_path: Path) -> None:
    (tmp_path / "serve.py").write_text(
        "import argparse\nfrom transformers import AutoModel\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--trust-remote-code', default=True)\nargs = parser.parse_args()\n"
        "model = AutoModel.from_pretrained('a/b', trust_remote_code=args.trust_remote_code)\n"
    )
    run = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/remote-code-trust",)))
    assert [[place.line for place in finding.locations] for finding in run.findings] == [[6, 4]]
