"""Requirements as people write them on one line: ``torch[cuda]>=2.6,<3 ; python_version >= "3.9"``, and in commands: ``pip install torch==2.5``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from aisecops.codebase.dependencies import pep440

_REQUIREMENT = r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:@\s*(?P<url>\S+)|\(?(?P<spec>\s*(?:===|[<>=!~]=?|\^)[^;#()@]*)?\)?)\s*(?:[;#].*)?"
_WHEEL = r"([A-Za-z0-9_.]+)-([0-9][A-Za-z0-9_.!+%]*?)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl|([A-Za-z0-9_.-]+)-([0-9][A-Za-z0-9.+%]*?)\.(?:tar\.gz|zip)"
_LONGEST = 2000
_INSTALL = r"(?:^|[\s;&|!%(\"',\[])(?:uv\s+)?(?:pip[0-9.]*|conda|mamba|micromamba|uv|poetry|pdm)[\"',]*\s+[\"']?(?:install|add)(?=[\s\"',])"
_VALUED = frozenset(
    "-i --index-url --extra-index-url -f --find-links -t --target --python -p --prefix -n --name -c --channel -r --requirement --constraint --platform --root "
    "--trusted-host --proxy --timeout --cache-dir --src --abi --implementation --python-version --group -G".split()
)
_CONDA_NAMES = {
    "pytorch": "torch",
    "pytorch-gpu": "torch",
    "pytorch-cpu": "torch",
    "tensorflow-gpu": "tensorflow",
    "py-xgboost": "xgboost",
    "opencv": "opencv-python",
}
_SAME = {"tensorflow-gpu": "tensorflow", "tensorflow-cpu": "tensorflow", "tf-nightly": "tensorflow", "lightning": "lightning"}


class Declaration(msgspec.Struct, frozen=True):
    """What one place says about the version of a distribution.

    ``specifier`` is the text, ``ranges`` what it allows; ``exact``: it names one version (a pin, a lock) rather than a range.
    """

    distribution: str
    specifier: str
    ranges: pep440.Ranges
    exact: bool
    path: str
    line: int


def normalised(name: str) -> str:
    """Return the name under which a distribution is known everywhere (PEP 503)."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    return _SAME.get(name, name)


def declaration(name: str, specifier: str, path: str, line: int) -> Declaration:
    """Return what ``specifier`` says of ``name``; one that cannot be read allows everything."""
    specifier = specifier.strip()
    ranges = pep440.parse(specifier)
    if ranges is None or not ranges:
        ranges = pep440.ANY
    exact = bool(re.match(r"===?\s*[0-9]|[0-9]", specifier)) and "," not in specifier and "|" not in specifier
    return Declaration(normalised(name), specifier, ranges, exact, path, line)


def requirement(text: str, path: str, line: int) -> Declaration | None:
    """Return what one PEP 508 requirement (also a bare address of a wheel) declares; None if it is none."""
    text = " ".join(text[:_LONGEST].split())  # no runs of spaces: several parts of the pattern would try to take them
    match = re.fullmatch(_REQUIREMENT, re.split(r"\s--(?:hash|config|global)", text)[0])
    if match is not None and not match["url"]:
        return declaration(match["name"], match["spec"] or "", path, line)
    address = match["url"] if match is not None else text
    wheel = re.match(_WHEEL, address.rpartition("/")[2].partition("#")[0][:300])
    if wheel is not None:
        version = (wheel[2] or wheel[4]).replace("%2B", "+")
        return declaration(match["name"] if match else wheel[1] or wheel[3], f"=={version}", path, line)
    return declaration(match["name"], "", path, line) if match is not None else None


def conda_requirement(text: str, path: str, line: int) -> Declaration | None:
    """Return what a line of a conda environment declares: ``pytorch=2.1``, ``conda-forge::numpy >=1.24``."""
    text = text.rpartition("::")[2]
    match = re.fullmatch(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*([<>=!~^0-9][^#;]{0,200})?(?:[#;].*)?", text[:_LONGEST])
    if match is None:
        return None
    return declaration(_CONDA_NAMES.get(match[1].lower(), match[1]), match[2] or "", path, line)


def installed(text: str, path: str) -> Iterator[Declaration]:
    """Yield what the commands in ``text`` (a Dockerfile, a script, a notebook's magics) install by name."""
    if "install" not in text and " add " not in text:
        return
    joined = re.sub(r"\\\r?\n", " \x00", text)
    line = 1
    for row in joined.split("\n"):
        for found in re.finditer(_INSTALL, row[:20_000]):
            conda = "conda" in found.group() or "mamba" in found.group()
            yield from _command(row[found.end() : 20_000], path, line, conda)
        line += 1 + row.count("\x00")


def _command(rest: str, path: str, line: int, conda: bool) -> Iterator[Declaration]:
    skip = False
    for word in re.findall(r"[^\s\"',\x00]+|\"[^\"]*\"|'[^']*'|\x00", re.split(r"&&|\|\||;|\||\s#", rest.replace('",', '" ').replace("',", "' "))[0])[
        :400
    ]:
        if word == "\x00":
            line += 1
            continue
        word = word.strip("\"'[]")
        if skip:
            skip = False
        elif word in _VALUED:
            skip = True
        elif (
            word
            and word[0] not in "-./$%{<>&"
            and (re.search(r"[=<>~]", word) or re.fullmatch(r"[A-Za-z0-9._-]+(?:\[[^\]]*\])?", word) or word.endswith(".whl"))
        ):
            found = conda_requirement(word, path, line) if conda else requirement(word, path, line)
            if found is not None:
                yield found
