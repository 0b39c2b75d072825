"""Fixes: what is edited scans clean and still parses; what is not what was scanned stays as it is."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from aisecops.core.errors import UserError
from aisecops.core.finding import Edit, Fix
from aisecops.workflows.fix import apply, difference, mend, plan
from aisecops.workflows.scan import ScanRequest, scan
from tests.cli.test_main import aisecops_


def request(folder: Path, *select: str) -> ScanRequest:
    return ScanRequest(paths=(str(folder),), select=select, jobs=1)


SAFE = {
    "yaml, by default": ("import yaml\ndef read(p):\n    return yaml.load(open(p))\n", "yaml.load(", "yaml.safe_load("),
    "yaml, named": ("import yaml\ndef read(p):\n    return yaml.load(open(p), Loader=yaml.Loader)\n", "yaml.Loader", "yaml.SafeLoader"),
    "yaml, in place": ("import yaml\ndef read(p):\n    return list(yaml.load_all(open(p), yaml.Loader))\n", "yaml.Loader", "yaml.SafeLoader"),
    "behind other letters": (
        "import yaml\ndef read(p):\n    return 'Größe 模型', yaml.load(open(p), Loader=yaml.Loader)\n",
        "yaml.Loader",
        "yaml.SafeLoader",
    ),
    "under another name": (
        "import yaml as y\ndef read(p):\n    return y.load(open(p), Loader=y.FullLoader), y.load(open(p))\n",
        "y.load(open(p))",
        "y.safe_load(open(p))",
    ),
    "twice": (
        "import yaml\ndef read(p):\n    return yaml.load(open(p), Loader=yaml.Loader), yaml.load(open(p + 'x'), Loader=yaml.Loader)\n",
        "yaml.Loader",
        "yaml.SafeLoader",
    ),
    "a debugger": ("import flask\napp = flask.Flask(__name__)\napp.run(port=80, debug=True)\n", "debug=True", "debug=False"),
    "over several lines": (
        "import flask\napp = flask.Flask(__name__)\napp.run(\n    port=80,\n    debug=True,  # for now\n)\n",
        "debug=True",
        "debug=False",
    ),
}
UNSAFE = {
    "yaml, asked for": (
        "import yaml\ndef read(p):\n    return yaml.load(open(p), Loader=yaml.UnsafeLoader)\n",
        "yaml.UnsafeLoader",
        "yaml.SafeLoader",
    ),
    "torch, of which no version is known": (
        "import torch\ndef read(p):\n    return torch.load(p, map_location='cpu')\n",
        "'cpu')",
        "'cpu', weights_only=True)",
    ),
    "torch, asked for": ("import torch\ndef read(p):\n    return torch.load(p, weights_only=False)\n", "weights_only=False", "weights_only=True"),
    "numpy": ("import numpy as np\ndef read(p):\n    return np.load(p, allow_pickle=True)\n", "allow_pickle=True", "allow_pickle=False"),
    "verify": ("import requests\ndef get(u):\n    return requests.get(u, verify=False, timeout=3)\n", "verify=False", "verify=True"),
    "remote code": (
        "from transformers import AutoModel\nmodel = AutoModel.from_pretrained('someone/model', trust_remote_code=True)\n",
        "trust_remote_code=True",
        "trust_remote_code=False",
    ),
    "everyone": ("import ray\nray.init(dashboard_host='0.0.0.0')\n", "'0.0.0.0'", '"127.0.0.1"'),
    "a share link": ("import gradio as gr\ngr.Interface(print, 'text', 'text').launch(share=True)\n", "share=True", "share=False"),
}
REPEATED = [(source, old, new, unsafe) for unsafe, table in ((False, SAFE), (True, UNSAFE)) for source, old, new in table.values()]


@pytest.mark.parametrize(("source", "old", "new", "unsafe"), REPEATED, ids=[*SAFE, *UNSAFE])
def test_what_is_mended_scans_clean_and_parses(tmp_path, source, old, new, unsafe):
    path = tmp_path / "app.py"
    path.write_text(source)
    if unsafe:
        careful = plan(request(tmp_path))
        assert (careful.files, careful.unsafe) == ((), 1)
    mending = plan(request(tmp_path), unsafe=unsafe)
    assert path.read_text() == source  # a plan writes nothing
    apply(mending)
    assert path.read_text() == source.replace(old, new)
    ast.parse(path.read_text())
    fixed = {finding.check for file in mending.files for finding in file.findings}
    again = plan(request(tmp_path), unsafe=True)
    assert fixed and not fixed & {finding.check for finding in again.run.findings}
    assert again.files == ()


def test_torch_where_a_version_that_knows_the_word_is_declared(tmp_path):
    (tmp_path / "requirements.txt").write_text("torch>=2.0\n")
    (tmp_path / "app.py").write_text("import torch\ndef read(p):\n    return torch.load(p)\n")
    apply(plan(request(tmp_path)))
    assert "torch.load(p, weights_only=True)" in (tmp_path / "app.py").read_text()
    assert scan(request(tmp_path, "source-file/unsafe-deserialization")).findings == ()


LEFT = {
    "torch that the word does not protect": ("import torch\ndef read(p):\n    return torch.load(p)\n", "torch==2.1.0\n"),
    "options from elsewhere": ("import torch\nO = {'weights_only': False}\ndef read(p):\n    return torch.load(p, **O)\n", ""),
    "a name of one's own": ("import yaml\nfrom yaml import Loader\ndef read(p):\n    return yaml.load(open(p), Loader)\n", ""),
    "a loader of one's own": (
        "import yaml\nclass mine:\n    class Loader(yaml.Loader):\n        pass\ndef read(p):\n    return yaml.load(open(p), Loader=mine.Loader)\n",
        "",
    ),
    "a name for the function": ("from yaml import load\ndef read(p):\n    return load(open(p))\n", ""),
    "the caller decides": ("import requests\ndef get(u, v):\n    return requests.get(u, verify=v)\nget('https://x.example', False)\n", ""),
    "a wrapper": ("import numpy as np\ndef read(p, allow_pickle=True):\n    return np.load(p, allow_pickle=allow_pickle)\n", ""),
}


@pytest.mark.parametrize(("source", "declared"), LEFT.values(), ids=LEFT)
def test_what_leaves_a_doubt_is_left_to_people(tmp_path, source, declared):
    (tmp_path / "app.py").write_text(source)
    (tmp_path / "requirements.txt").write_text(declared)
    mending = plan(request(tmp_path), unsafe=True)
    assert mending.run.findings
    assert (mending.files, mending.refused) == ((), ())


SETTINGS = {
    "config.yaml": ("model: {path: org/m, trust_remote_code: true}\nhttp:\n  verify_ssl: False  # for now\n", {"true": "false", "False": "True"}),
    "config.json": ('{"loader": {"weights_only": false}, "other": false}', {'only": false': 'only": true'}),
    "config.toml": ('["größe"]\n[http]\ninsecure_skip_verify = true\n', {"true": "false"}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_switches_in_settings_are_turned_round(tmp_path, name):
    source, changed = SETTINGS[name]
    (tmp_path / name).write_text(source)
    assert plan(request(tmp_path)).files == ()  # somebody has asked for it
    apply(plan(request(tmp_path), unsafe=True))
    for old, new in changed.items():
        source = source.replace(old, new)
    assert (tmp_path / name).read_text() == source
    assert [finding.check for finding in scan(request(tmp_path)).findings if finding.fix and finding.fix.edits] == []


@pytest.mark.parametrize("written", ["trust_remote_code: 'true'", "trust_remote_code: &a true", "trust_remote_code: 1"])
def test_switches_that_are_written_in_another_way_are_left_to_people(tmp_path, written):
    (tmp_path / "config.yaml").write_text(f"model:\n  path: org/m\n  {written}\n")
    assert plan(request(tmp_path), unsafe=True).files == ()


def test_bytes_around_the_edits_stay_as_they_are(tmp_path):
    path = tmp_path / "app.py"
    path.write_bytes(b"\xef\xbb\xbfimport yaml\r\ndef read(p):\r\n\treturn yaml.load(open(p), Loader=yaml.Loader)  # \xc3\xa9\r\n")
    path.chmod(0o750)
    apply(plan(request(tmp_path)))
    assert path.read_bytes() == b"\xef\xbb\xbfimport yaml\r\ndef read(p):\r\n\treturn yaml.load(open(p), Loader=yaml.SafeLoader)  # \xc3\xa9\r\n"
    assert path.stat().st_mode & 0o777 == 0o750
    assert sorted(os.listdir(tmp_path)) == [".aisecops", "app.py"]


def test_what_somebody_accepted_with_a_reason_stays(tmp_path):
    (tmp_path / "app.py").write_text(
        "import yaml\ndef read(p):\n    return yaml.load(open(p), Loader=yaml.Loader)  # aisecops: ignore[unsafe-deserialization] ours\n"
    )
    mending = plan(request(tmp_path), unsafe=True)
    assert [bool(finding.suppressed) for finding in mending.run.findings] == [True]
    assert mending.files == ()


@pytest.fixture
def scanned(tmp_path):
    path = tmp_path / "app.py"
    path.write_text(SAFE["yaml, named"][0])
    run = scan(request(tmp_path))
    return path, run, {run.findings[0].asset: str(path)}


def edited(run, *fixes):
    findings = tuple(msgspec.structs.replace(run.findings[0], id=f"f{number}", fix=fix) for number, fix in enumerate(fixes))
    return msgspec.structs.replace(run, findings=findings)


def test_a_file_that_has_changed_since_the_scan_is_left_alone(scanned):
    path, run, locations = scanned
    path.write_text("# new\n" + path.read_text())
    mending = mend(run, locations)
    assert (mending.files, [refusal.reason for refusal in mending.refused]) == ((), ["the file has changed since it was scanned"])


def test_a_file_that_changes_between_plan_and_writing_is_left_alone(scanned):
    path, run, locations = scanned
    mending = mend(run, locations)
    path.write_text("x = 1\n")
    with pytest.raises(UserError, match="changed while it was being mended"):
        apply(mending)
    assert path.read_text() == "x = 1\n"


def test_of_two_edits_of_the_same_words_the_second_is_refused(scanned):
    _, run, locations = scanned
    one, other = (Fix("", True, (Edit("app.py", 3, 12, 3, end, "safe"),)) for end in (16, 21))
    mending = mend(edited(run, one, other), locations)
    assert [finding.id for finding in mending.files[0].findings] == ["f0"]
    assert [(refusal.finding.id, "same words" in refusal.reason) for refusal in mending.refused] == [("f1", True)]


def test_the_same_edit_twice_is_one(scanned):
    _, run, locations = scanned
    fix = run.findings[0].fix
    mending = mend(edited(run, fix, fix), locations)
    assert (mending.findings, mending.refused) == (2, ())
    assert mending.files[0].after.count(b"SafeLoader") == 1


BROKEN = {
    "outside": (Edit("app.py", 9, 1, 9, 2, ""), "outside"),
    "beyond its line": (Edit("app.py", 1, 1, 1, 99, ""), "outside"),
    "backwards": (Edit("app.py", 2, 1, 1, 1, ""), "ends before"),
    "elsewhere": (Edit("../other.py", 1, 1, 1, 2, ""), "another file"),
    "no Python": (Edit("app.py", 3, 5, 3, 11, "return return"), "would not parse"),
}


@pytest.mark.parametrize(("edit", "reason"), BROKEN.values(), ids=BROKEN)
def test_an_edit_that_does_harm_is_refused(scanned, edit, reason):
    _, run, locations = scanned
    mending = mend(edited(run, Fix("", True, (edit,))), locations)
    assert mending.files == ()
    assert reason in mending.refused[0].reason


def test_a_link_is_not_followed(scanned, tmp_path):
    path, run, _ = scanned
    link = tmp_path / "link.py"
    link.symlink_to(path)
    assert "link" in mend(run, {run.findings[0].asset: str(link)}).refused[0].reason


def test_the_difference_is_one_that_patch_understands(scanned):
    _, run, locations = scanned
    assert difference(mend(run, locations).files[0]) == [
        "--- a/app.py",
        "+++ b/app.py",
        "@@ -1,3 +1,3 @@",
        " import yaml",
        " def read(p):",
        "-    return yaml.load(open(p), Loader=yaml.Loader)",
        "+    return yaml.load(open(p), Loader=yaml.SafeLoader)",
    ]


def test_the_scan_says_that_there_is_something_to_mend_and_a_fix_is_no_run_of_record(tmp_path):
    (tmp_path / "app.py").write_text(SAFE["yaml, named"][0])
    first = aisecops_("scan", ".", cwd=tmp_path)
    assert "aisecops fix can mend 1 finding of these" in first.stdout
    assert aisecops_("fix", cwd=tmp_path).returncode == 0
    assert aisecops_("gate", cwd=tmp_path).returncode == 1  # what is judged is the scan before
    (tmp_path / "app.py").write_text(UNSAFE["numpy"][0])
    assert "can mend" not in aisecops_("scan", ".", cwd=tmp_path).stdout


def test_only_what_has_changed_can_be_mended(tmp_path):
    (tmp_path / "old.py").write_text(SAFE["yaml, named"][0])
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(tmp_path)]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    (tmp_path / "new.py").write_text(SAFE["yaml, by default"][0])
    assert aisecops_("fix", "--changed-since", "main", cwd=tmp_path).returncode == 0
    assert ["afe" in (tmp_path / name).read_text() for name in ("old.py", "new.py")] == [False, True]


def test_one_file_can_be_named(tmp_path):
    for name in ("app.py", "other.py"):
        (tmp_path / name).write_text(SAFE["yaml, named"][0])
    assert aisecops_("fix", "app.py", cwd=tmp_path).returncode == 0
    assert ["SafeLoader" in (tmp_path / name).read_text() for name in ("app.py", "other.py")] == [True, False]


def test_the_verb_shows_checks_and_writes(tmp_path):
    path = tmp_path / "app.py"
    path.write_text(SAFE["yaml, named"][0] + UNSAFE["numpy"][0].replace("read", "array"))
    before = path.read_text()
    checked = aisecops_("fix", "--check", cwd=tmp_path)
    assert checked.returncode == 1
    assert "+    return yaml.load(open(p), Loader=yaml.SafeLoader)" in checked.stdout
    assert "would mend 1 finding in 1 file" in checked.stdout
    assert "1 finding more could be mended by edits that need a person's eye" in checked.stdout
    assert path.read_text() == before
    done = aisecops_("fix", ".", cwd=tmp_path)
    assert (done.returncode, "mended 1 finding in 1 file" in done.stdout) == (0, True)
    assert aisecops_("fix", "--unsafe", cwd=tmp_path).returncode == 0
    again = aisecops_("fix", "--check", "--unsafe", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "nothing to mend\n")
