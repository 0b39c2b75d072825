"""The completion scripts: bash's is asked as bash asks it; zsh's and fish's are held to name every verb, flag and value."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from aisecops.cli import VERBS, main

ASK = """
source /dev/stdin <<<"$SCRIPT"
COMP_WORDS=($WORDS "$LAST"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_aisecops
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    import contextlib
    import io

    found = {}
    for shell in ("bash", "zsh", "fish"):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            assert main(["completion", shell]) == 0
        found[shell] = out.getvalue()
    return found


def completed(script: str, line: str, folder: str = ".") -> list[str]:
    *words, last = line.split(" ")
    asked = {"SCRIPT": script, "WORDS": " ".join(words), "LAST": last, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["bash", "--norc", "-c", ASK], env=asked, capture_output=True, text=True, cwd=folder, check=True)
    assert "error" not in done.stderr
    return done.stdout.split()


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("aisecops ", [*VERBS, "--help", "--version"]),
        ("aisecops sc", ["scan"]),
        ("aisecops scan --form", ["--format"]),
        ("aisecops scan --format git", ["github", "gitlab"]),
        ("aisecops gate --policy st", ["standard", "strict"]),
        ("aisecops diff --fail", ["--fail-on-new"]),
        ("aisecops completion ", ["bash", "zsh", "fish"]),
        ("aisecops scan --select model-file/code-", ["model-file/code-execution"]),
        ("aisecops explain model-file/code-", ["model-file/code-execution"]),
    ],
)
def test_bash_completes(scripts: dict[str, str], line: str, expected: list[str]) -> None:
    assert completed(scripts["bash"], line) == expected


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_completes_files_with_blanks(scripts: dict[str, str], tmp_path: object) -> None:
    folder = str(tmp_path)
    with open(f"{folder}/my model.pkl", "w", encoding="ascii"):
        pass
    assert completed(scripts["bash"], "aisecops scan my", folder) == ["my", "model.pkl"]  # one entry, split by this test


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_every_verb_and_flag_is_in_the_others(scripts: dict[str, str], shell: str) -> None:
    script = scripts[shell]
    for verb in VERBS:
        assert f"'{verb}:" in script if shell == "zsh" else f"-a {verb} " in script
    for flag in ("format", "policy", "fail-on-new", "also"):
        assert f"--{flag}:" in script if shell == "zsh" else f"-l {flag} " in script
    assert all(line.replace("\\'", "").count("'") % 2 == 0 for line in script.splitlines())


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["completion", "tcsh"])
    assert "bash" in capsys.readouterr().err


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(("line", "expected"), [("aisecops sc", ["scan"]), ("aisecops scan --format git", ["github", "gitlab"])])
def test_fish_completes(scripts: dict[str, str], line: str, expected: list[str]) -> None:
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source -; complete -C '{line}'"], input=scripts["fish"], capture_output=True, text=True, check=True
    )
    assert [row.partition("\t")[0] for row in done.stdout.splitlines()] == expected


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_parses_the_script(scripts: dict[str, str]) -> None:
    assert subprocess.run(["zsh", "-n"], input=scripts["zsh"], capture_output=True, text=True, check=False).returncode == 0
