"""The files in which projects declare what they need, one reader for each format. A broken file says nothing; the reader raises ``ValueError`` with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from aisecops.codebase.dependencies.requirement import Declaration, conda_requirement, declaration, installed, requirement
from aisecops.codebase.syntax.walking import walk

Read = Callable[[str], "bytes | None"]
Reader = Callable[[str, str], Iterator[Declaration]]

LARGEST = 16 << 20
_MOST_SOURCE = 1 << 20
_MOST_INCLUDES = 20


def reader(path: str) -> Reader | None:
    """Return the reader of the file at ``path``, told by its name; None if it declares nothing."""
    folder, _, name = path.lower().rpartition("/")
    if name in _READERS:
        return _READERS[name]
    if name.endswith((".txt", ".in")) and (
        re.search(r"require|constraint", name) or folder.rpartition("/")[2] in ("requirements", "reqs", "constraints")
    ):
        return _requirements
    if re.fullmatch(r"(?:[a-z0-9_.-]*environment|conda|env)[a-z0-9_.-]*\.ya?ml|meta\.ya?ml", name):
        return _conda
    if name.startswith(("dockerfile", "containerfile")) or name.endswith((".dockerfile", ".containerfile")):
        return _dockerfile
    if re.fullmatch(r"pylock(?:\.[a-z0-9_-]+)?\.toml", name):
        return _lock
    return None


def read(path: str, data: bytes, open_file: Read) -> Iterator[Declaration]:
    """Yield what the file at ``path`` declares, and what it includes. Raises ``ValueError`` if it is broken."""
    found = reader(path)
    if found is None:
        return
    text = _decoded(data)
    if found is not _requirements:
        yield from found(path, text)
        return
    waiting, seen = [(path, text)], {path}
    while waiting and len(seen) <= _MOST_INCLUDES:
        at, text = waiting.pop(0)
        yield from _requirements(at, text)
        for name in _included(text):
            target = _beside(at, name)
            if target and target not in seen:
                seen.add(target)
                content = open_file(target)
                if content is not None:
                    waiting.append((target, _decoded(content)))


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST:
        raise ValueError(f"larger than {LARGEST >> 20} MiB")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # pip reads what PowerShell's `pip freeze >` writes
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _beside(path: str, name: str) -> str:
    """Return the path that ``name`` means in the file ``path``; empty if it leads out of the tree."""
    parts = path.split("/")[:-1]
    for part in name.replace("\\", "/").split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "" if name.startswith("/") or "://" in name else "/".join(parts)


def _included(text: str) -> list[str]:
    return re.findall(r"(?m)^[ \t]*(?:-r|-c|--requirement|--constraint)[ \t=]*(\S+)", text)


def _requirements(path: str, text: str) -> Iterator[Declaration]:
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        start, whole = at, lines[at]
        while whole.rstrip("\r").endswith("\\") and at + 1 < len(lines) and at - start < 200:
            at += 1
            whole = whole.rstrip("\r")[:-1] + " " + lines[at]
        at += 1
        whole = re.sub(r"(?:^|\s)#.*", "", whole[:20_000]).strip()
        if whole and not whole.startswith("-") and (found := requirement(whole, path, start + 1)):
            yield found


def _toml(text: str) -> dict[str, Any]:
    import tomllib

    if len(text) > _MOST_SOURCE:
        raise ValueError("larger than 1 MiB")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"not TOML: {wrong}") from None


class _Lines:
    """Where in a text a piece stands: TOML and JSON parsers do not tell."""

    def __init__(self, text: str) -> None:
        self._text = text[:_MOST_SOURCE]

    def of(self, piece: str) -> int:
        at = self._text.find(piece)
        return self._text.count("\n", 0, at) + 1 if at >= 0 else 1


def _pyproject(path: str, text: str) -> Iterator[Declaration]:
    document, lines = _toml(text), _Lines(text)
    project, tool = _table(document.get("project")), _table(document.get("tool"))
    for item in _strings(project.get("dependencies"), project.get("optional-dependencies"), document.get("dependency-groups")):
        yield from _one(item, path, lines)
    for item in _strings(
        *(_table(tool.get("uv")).get(name) for name in ("dev-dependencies", "constraint-dependencies", "override-dependencies")),
        _table(tool.get("pdm")).get("dev-dependencies"),
        [_table(env).get("dependencies") for env in _table(_table(tool.get("hatch")).get("envs")).values()],
    ):
        yield from _one(item, path, lines)
    if isinstance(wanted := project.get("requires-python"), str):
        yield declaration("python", wanted, path, lines.of("requires-python"))
    poetry = _table(tool.get("poetry"))
    groups = [_table(group).get("dependencies") for group in _table(poetry.get("group")).values()]
    for table in (poetry.get("dependencies"), poetry.get("dev-dependencies"), *groups):
        yield from _tabled(table, path, lines)


def _one(item: str, path: str, lines: _Lines) -> Iterator[Declaration]:
    if found := requirement(item, path, lines.of(item)):
        yield found


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(*values: Any) -> Iterator[str]:
    """Yield the texts in lists and mappings of lists."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _strings(*value[:5000])
        elif isinstance(value, dict) and "include-group" not in value:
            yield from _strings(*value.values())


def _tabled(table: Any, path: str, lines: _Lines) -> Iterator[Declaration]:
    """Yield what ``name = "^1.2"`` and ``name = {version = "^1.2"}`` say (Poetry, Pipenv)."""
    for name, value in _table(table).items():
        for one in value if isinstance(value, list) else [value]:
            specifier = one if isinstance(one, str) else _table(one).get("version", "")
            if isinstance(specifier, str):
                yield declaration(name, specifier, path, lines.of(f"\n{name}") + 1)


def _pipfile(path: str, text: str) -> Iterator[Declaration]:
    document, lines = _toml(text), _Lines(text)
    for section in ("packages", "dev-packages"):
        yield from _tabled(document.get(section), path, lines)
    if isinstance(version := _table(document.get("requires")).get("python_version"), str):
        yield declaration("python", f"=={version}.*", path, lines.of("python_version"))


def _pipfile_lock(path: str, text: str) -> Iterator[Declaration]:
    import msgspec

    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise ValueError(f"not JSON: {wrong}") from None
    lines = _Lines(text)
    for section in ("default", "develop"):
        for name, value in list(_table(_table(document).get(section)).items())[:5000]:
            if isinstance(version := _table(value).get("version"), str):
                yield declaration(name, version, path, lines.of(f'"{name}": {{'))


def _lock(path: str, text: str) -> Iterator[Declaration]:
    """Read poetry.lock, uv.lock, pdm.lock, pylock.toml: all are TOML whose packages have ``name`` and ``version`` of their own lines."""
    name, place, inside = "", 1, False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("["):
            inside, name = line.strip() in ("[[package]]", "[[packages]]"), ""
        elif inside and (found := re.match(r'(name|version)\s*=\s*"([^"\n]{1,200})"', line)):
            if found[1] == "name":
                name, place = found[2], number
            elif name:
                yield declaration(name, f"=={found[2]}", path, place)
        elif found := re.match(r'requires-python\s*=\s*"([^"]{1,200})"', line):
            yield declaration("python", found[1], path, number)


def _setup_cfg(path: str, text: str) -> Iterator[Declaration]:
    section, key = "", ""
    for number, line in enumerate(text.split("\n"), 1):
        if found := re.match(r"\[([^\]]{1,100})\]", line):
            section, key = found[1].strip(), ""
            continue
        value = line.partition("#")[0].rstrip()
        if found := re.match(r"([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:](.*)", value):
            key, value = found[1], found[2]
        elif not value.startswith((" ", "\t")):
            continue
        if section == "options" and key == "python_requires" and value.strip():
            yield declaration("python", value, path, number)
        wanted = section == "options.extras_require" or (section == "options" and key in ("install_requires", "setup_requires", "tests_require"))
        if wanted and value.strip() and (found_here := requirement(value, path, number)):
            yield found_here


def _setup_py(path: str, text: str) -> Iterator[Declaration]:
    import ast

    if len(text) > _MOST_SOURCE:
        raise ValueError("larger than 1 MiB")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as wrong:
        raise ValueError(f"not Python: {wrong}") from None
    named = {
        target.id: node.value for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    for node in walk(tree):
        if not isinstance(node, ast.Call) or (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) != "setup":
            continue
        for keyword in node.keywords:
            if keyword.arg in ("install_requires", "extras_require", "tests_require", "setup_requires", "python_requires"):
                value = named.get(keyword.value.id, keyword.value) if isinstance(keyword.value, ast.Name) else keyword.value
                for item in walk(value):
                    if isinstance(item, ast.Constant) and isinstance(item.value, str):
                        found = (
                            declaration("python", item.value, path, item.lineno)
                            if keyword.arg == "python_requires"
                            else requirement(item.value, path, item.lineno)
                        )
                        if found:
                            yield found


def _conda(path: str, text: str) -> Iterator[Declaration]:
    """Read an environment or recipe line by line: no YAML parser is needed for ``- name spec``, and none copes with the templates in recipes."""
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        if found := re.match(r"([A-Za-z_]+)\s*:", line):
            section = found[1]
        if section not in ("dependencies", "requirements"):
            continue
        found = re.match(r"\s*-\s+[\"']?([A-Za-z0-9][^\"'#:\n]{0,200}(?:::[^\"'#\n]{0,200})?)[\"']?\s*(?:#.*)?$", line)
        declared = found and (conda_requirement(found[1].strip(), path, number) or requirement(found[1], path, number))
        if declared:
            yield declared


def _dockerfile(path: str, text: str) -> Iterator[Declaration]:
    for found in re.finditer(
        r"(?mi)^[ \t]*FROM[ \t]+(?:--platform=\S+\s+)?(?:[a-z0-9.:/_-]*/)?(python|pytorch)(?:/pytorch)?:([0-9]+(?:\.[0-9]+)*)", text
    ):
        line = text.count("\n", 0, found.start(1)) + 1
        name, version = ("torch", found[2]) if found[1].lower() == "pytorch" else ("python", f"{found[2]}.*" if found[2].count(".") < 2 else found[2])
        yield declaration(name, f"=={version}", path, line)
    yield from installed(text, path)


def _python_version(path: str, text: str) -> Iterator[Declaration]:
    if found := re.match(r"\s*([0-9]+(?:\.[0-9]+)+)", text):
        yield declaration("python", f"=={found[1]}.*" if found[1].count(".") < 2 else f"=={found[1]}", path, 1)


_READERS: dict[str, Reader] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "pipfile": _pipfile,
    "pipfile.lock": _pipfile_lock,
    "poetry.lock": _lock,
    "uv.lock": _lock,
    "pdm.lock": _lock,
    ".python-version": _python_version,
}
