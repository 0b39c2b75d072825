"""Build the table of callables (``src/aisecops/knowledge/callables/data``) from the libraries' wheels and from ``reviewed.yaml``.

    python tools/build_callables.py analyse CACHE [PACKAGE ...]    download wheels into CACHE, read them, write analysed.json beside reviewed.yaml (minutes, network)
    python tools/build_callables.py compile                        analysed.json + reviewed.yaml -> data files (seconds, offline; after editing reviewed.yaml)

Both steps are deterministic: the same wheels and the same ``reviewed.yaml`` give the same bytes. Releases stand in ``reviewed.yaml``; those named ``held-out`` there
never enter the build, and the tests show that their honest models pass all the same.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
KNOWLEDGE = HERE.parent / "src" / "aisecops" / "knowledge" / "callables"
REVIEWED, ANALYSED, DATA = KNOWLEDGE / "reviewed.yaml", KNOWLEDGE / "analysed.json", KNOWLEDGE / "data"
LETTERS = {"reference": "r", "call": "c", "instantiate": "i", "state": "s", "items": "t"}
# Folders that no model's class lives in; what a package adds to this stands in reviewed.yaml.
NEVER = re.compile(
    r"(^|\.)(tests?|testing|_testing|_testutils|conftest|setup|f2py|distutils|benchmarks|_pyinstaller|_build_utils|_vendor\w*|typing|_typing)(\.|$)"
)
Classes = dict[str, dict[str, str]]

# Runs inside an environment: compiled classes that say they are defined in the module that holds them, and Cython's reconstructors.
PROBE = r"""
import importlib, json, os, sys, types
top = sys.argv[1]; package = importlib.import_module(top); root = os.path.dirname(package.__file__)
classes, reconstructors = {}, {}
for folder, _, files in sorted(os.walk(root)):
    for file in sorted(files):
        if not file.endswith(".so"): continue
        module = ".".join([top, *os.path.relpath(folder, root).split(os.sep), file.split(".")[0]]).replace("...", ".").replace(".-.", ".")
        module = module.replace(top + "..", top + ".")
        try: loaded = importlib.import_module(module)
        except BaseException: continue
        for name, value in sorted(vars(loaded).items()):
            if isinstance(value, type) and value.__name__ == name and value.__module__.partition(".")[0] == top:
                classes.setdefault(value.__module__, []).append(name)
            elif name.startswith("__pyx_unpickle_"): reconstructors.setdefault(module, []).append(name)
json.dump({"classes": classes, "reconstructors": reconstructors}, sys.stdout)
"""


def analyse(cache: Path, packages: Collection[str]) -> dict[str, Any]:
    """Read every release of ``packages``: module -> class -> letters, the same for pure functions, and compiled modules."""
    from class_analysis import Library

    reviewed = yaml.safe_load(REVIEWED.read_text("utf-8"))
    analysed: dict[str, Any] = {}
    for package in packages:
        entry = reviewed["packages"][package]
        classes: Classes = {}
        functions: dict[str, set[str]] = {}
        for release in entry.get("wheels", ()):
            library = Library(str(_wheel(cache, release)), _keeper(package, entry), frozenset(entry.get("plain", ())))
            merge_classes(classes, library, re.compile(entry.get("names", ".*")), entry.get("letters", ""))
            for module, name in library.functions:
                if module in entry.get("private-functions-of" if name.startswith("_") else "functions-of", ()) and library.pure(module, name):
                    functions.setdefault(module, set()).add(name)
        analysed[package] = {"classes": classes, "functions": {m: sorted(names) for m, names in functions.items() if names}}
    for environment in reviewed["environments"].values():
        probe = [package for package in environment["probe"] if package in packages]
        python = _environment(cache, environment) if probe else ""
        for package in probe:
            probed = json.loads(subprocess.run([python, "-c", PROBE, package], check=True, capture_output=True).stdout)
            merge_native(analysed[package], probed, _keeper(package, reviewed["packages"][package]))
    return analysed


def merge_classes(classes: Classes, library: Any, wanted: re.Pattern[str], most: str = "") -> None:
    """Add a release. A class that one release refuses stays refused: the file does not tell which release will load it.

    ``most``: the letters that classes of this package have at most (enumerations apart), if it is given: where what a constructor does was not read.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for module, name in library.classes:
        verdict = library.judge(module, name)
        for public in {module, library.public.get((module, name), module)}:
            found[public, name] = (verdict.letters, verdict.why)
    found |= dict.fromkeys(library.tuples, ("ris", ""))
    for (module, name), (letters, why) in sorted(found.items()):
        if not wanted.fullmatch(name):
            continue
        if most and "e" not in letters:
            letters = "".join(letter for letter in letters if letter in most)
        names = classes.setdefault(module, {})
        before, _, reason = names.get(name, letters).partition("|")
        kept = "".join(letter for letter in letters if letter in before)
        names[name] = f"{kept}|{why or reason}" if why or reason else kept


def merge_native(analysed: dict[str, Any], probed: dict[str, Any], keep: Any) -> None:
    """Add compiled classes (numerical code that a load can only construct) and Cython's reconstructors."""
    for module, names in probed["classes"].items():
        if keep(module):
            for name in names:
                analysed["classes"].setdefault(module, {}).setdefault(name, "ris")
    reconstructors = analysed.setdefault("reconstructors", {})
    for module, names in probed["reconstructors"].items():
        if keep(module):
            reconstructors[module] = sorted({*reconstructors.get(module, ()), *names})


def _keeper(package: str, entry: dict[str, Any]) -> Any:
    only = re.compile(entry.get("only", "."))
    without = re.compile(entry.get("without", r"(?!)"))
    return lambda module: (
        bool(only.search(module)) and not NEVER.search(module) and not without.search(module) and module.partition(".")[0] == package
    )


def _wheel(cache: Path, release: str) -> Path:
    """The wheel of ``project==version`` or ``project==version@python``, downloaded once."""
    requirement, _, python = release.partition("@")
    folder = cache / "wheels" / requirement
    if not list(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(folder)]
        if python:
            command += ["--python-version", python]
            for platform in ("2014", "2010", "1", "_2_17", "_2_12", "_2_5"):
                command += ["--platform", f"manylinux{platform}_x86_64"]
        subprocess.run([*command, requirement], check=True)
    return next(iter(folder.glob("*.whl")))


def _environment(cache: Path, environment: dict[str, Any]) -> str:
    """The interpreter of an environment with the named releases, made once."""
    name = hashlib.sha256(" ".join(environment["install"]).encode()).hexdigest()[:12]
    folder = cache / "environments" / name
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *environment["install"]], check=True)
        (folder / "complete").touch()
    return str(python)


def compile_table(reviewed: dict[str, Any], analysed: dict[str, Any]) -> dict[str, bytes]:
    """The data files by name."""
    files = {f"{package}.json": _package(package, reviewed, analysed.get(package, {})) for package in _known(reviewed)}
    closed = {package: group["why"] for group in reviewed["closed"] for package in group["packages"].split()}
    index = {
        "stdlib": sorted(_words(reviewed["stdlib"])),
        "known": _known(reviewed),
        "closed": dict(sorted(closed.items())),
        "importable": sorted(_words(reviewed["importable"])),
    }
    files["index.json"] = _encoded(index)
    files["torch-weights-only.json"] = _encoded({m: sorted(_words(names)) for m, names in sorted(reviewed["torch-weights-only"].items())})
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + hashlib.sha256(data).digest() for name, data in sorted(files.items())))
    return {**files, "digest": digest.hexdigest().encode() + b"\n"}


def _known(reviewed: dict[str, Any]) -> list[str]:
    named = {entry.partition(":")[0].partition(".")[0] for group in reviewed["callables"] for entry in _entries(group)}
    return sorted(named | set(reviewed["packages"]))


def _package(package: str, reviewed: dict[str, Any], analysed: dict[str, Any]) -> bytes:
    groups: list[Any] = []
    exact: dict[str, dict[str, int]] = {}
    everything = [*_analysed_groups(package, reviewed, analysed), *reviewed["callables"]]
    for group in everything:
        mine = [e.split(":") for e in _entries(group) if e.partition(":")[0].partition(".")[0] == package]
        if not mine:
            continue
        operations = "".join(LETTERS[operation] for operation in group.get("operations", ()))
        members = [f"{LETTERS[operation]}:{name}" for name, operations in group.get("members", {}).items() for operation in operations]
        groups.append([group["rule"], group["why"], operations, group.get("condition", ""), group.get("review", False), sorted(members)])
        for module, name in mine:
            exact.setdefault(module, {})[name] = len(groups) - 1
    classes: dict[str, dict[str, list[str]]] = {}
    refused: dict[str, dict[str, list[str]]] = {}
    for module, names in analysed.get("classes", {}).items():
        for name, text in names.items():
            letters, _, why = text.partition("|")
            if name not in exact.get(module, {}):
                kind, key = (classes, letters) if letters else (refused, why)
                kind.setdefault(module, {}).setdefault(key, []).append(name)
    return _encoded({"groups": groups, "exact": _sorted(exact), "classes": _names(classes), "refused": _names(refused)})


def _names(modules: dict[str, dict[str, list[str]]]) -> dict[str, Any]:
    return {module: {key: sorted(names) for key, names in sorted(kinds.items())} for module, kinds in sorted(modules.items())}


def _analysed_groups(package: str, reviewed: dict[str, Any], analysed: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Groups for what was listed by machine: reconstructors that Cython writes, pure functions of the reviewed modules. ``reviewed.yaml`` overrides them."""
    for key, text in (("reconstructors", "reconstructor"), ("functions", "function")):
        entries = [f"{module}:{name}" for module, names in sorted(analysed.get(key, {}).items()) for name in names]
        if entries:
            yield {**reviewed["analysed"][text], "rule": f"{package}/{text}", "entries": entries}


def _entries(group: dict[str, Any]) -> list[str]:
    """``module:name`` of each entry: a list as it is, or a mapping of modules to names."""
    entries = group["entries"]
    if isinstance(entries, list):
        return entries
    return [f"{module}:{name}" for modules, names in entries.items() for module in modules.split() for name in names.split()]


def _words(text: str) -> set[str]:
    return set(text.split())


def _sorted(mapping: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(mapping.items()))


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def main(arguments: list[str]) -> None:
    """Run one of the two steps."""
    match arguments:
        case ["analyse", cache, *packages]:
            sys.path.insert(0, str(HERE))
            known = json.loads(ANALYSED.read_text("utf-8")) if packages else {}
            found = analyse(Path(cache), packages or list(yaml.safe_load(REVIEWED.read_text("utf-8"))["packages"]))
            text = json.dumps(known | found, indent=0, sort_keys=True)
            ANALYSED.write_text(text + "\n", "utf-8")
        case ["compile"]:
            files = compile_table(yaml.safe_load(REVIEWED.read_text("utf-8")), json.loads(ANALYSED.read_text("utf-8")))
            DATA.mkdir(exist_ok=True)
            for stale in set(DATA.iterdir()) - {DATA / name for name in files}:
                stale.unlink()
            for name, data in files.items():
                (DATA / name).write_bytes(data)
            print(f"{len(files)} files, {sum(map(len, files.values()))} bytes")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
