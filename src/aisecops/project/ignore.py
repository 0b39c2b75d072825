r"""``.gitignore`` patterns, with git's own semantics.

The rules (gitignore(5), and git's ``dir.c`` and ``wildmatch.c`` where the manual is silent): the last pattern that matches decides; files in deeper
folders come later; a pattern without an inner slash matches names in any folder below; what lies in an ignored folder is ignored whatever other patterns
say. The last rule is the walk's part: it asks about one entry at a time, from the top down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = r"((?:\\.|[^\\])*?) *"
_PLAIN = r"\A[^*?\[\\]+"
_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": " \\t", "cntrl": "\\x00-\\x1f\\x7f", "digit": "0-9", "graph": "!-~", "lower": "a-z",
    "print": " -~", "punct": "!-/:-@\\[-`{-~", "space": "\\t-\\r ", "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


class Pattern:
    """One pattern. ``by_name``: it is matched against the last part of a path only. ``source`` says where it stands, for people."""

    __slots__ = ("by_name", "folders_only", "negated", "regex", "source", "text")

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.negated = text.startswith("!")
        glob = text.removeprefix("!")
        self.folders_only = glob.endswith("/")
        glob = glob.removesuffix("/")
        self.by_name = "/" not in glob
        self.regex = _translate(glob.removeprefix("/"), paths=not self.by_name)

    def matches(self, name: str, path: str) -> bool:
        """Whether it matches an entry of the right kind."""
        return re.fullmatch(self.regex, name if self.by_name else path, re.DOTALL) is not None


class Patterns:
    """The patterns of one file, in order. ``start`` is where a path relative to that file's folder begins in the paths that are asked about."""

    def __init__(self, lines: list[str], source: str, start: int, outer: Patterns | None = None) -> None:
        self.outer = outer
        self._start = start
        self._patterns = [pattern for line in lines if (pattern := _parse(line, source)) is not None]
        self._patterns.reverse()
        self._any_name = _any([pattern.regex for pattern in self._patterns if pattern.by_name])
        self._any_path = _any([pattern.regex for pattern in self._patterns if not pattern.by_name])

    def rule(self, name: str, path: str, folder: bool) -> Pattern | None:
        """Return the pattern that ignores the entry ``name`` at ``path`` (which ends with ``name``), or None."""
        layer: Patterns | None = self
        while layer is not None:
            pattern = layer.last_match(name, path, folder)
            if pattern is not None:
                return None if pattern.negated else pattern
            layer = layer.outer
        return None

    def last_match(self, name: str, path: str, folder: bool) -> Pattern | None:
        """Return the last pattern of this file alone that matches, negated or not."""
        path = path[self._start :]
        if self._any_name.fullmatch(name) is None and self._any_path.fullmatch(path) is None:
            return None
        for pattern in self._patterns:
            if (folder or not pattern.folders_only) and pattern.matches(name, path):
                return pattern
        return None


_NEVER = "(?!)"


def _any(regexes: list[str]) -> re.Pattern[str]:
    """One regex for all: most paths match nothing, and that must be quick to say."""
    return re.compile("|".join(regexes) or _NEVER, re.DOTALL)


def _parse(line: str, source: str) -> Pattern | None:
    """Return the pattern of one line; None for comments and blank lines. A trailing space counts only behind a backslash."""
    if line.startswith("#"):
        return None
    trimmed = re.fullmatch(_LINE, line, re.DOTALL)
    text = trimmed[1] if trimmed else line
    return Pattern(text, source) if text.strip("!/") else None


def read_lines(text: str) -> list[str]:
    """The lines of a ``.gitignore`` file as git cuts them."""
    return [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]


# Tokens of a glob that are not the regex of exactly one character.
_STAR, _SLASH, _FOLDERS = "*", "/", "**"


def _translate(glob: str, *, paths: bool) -> str:
    """Return a glob as a regex. With ``paths``, ``**`` between slashes spans folders; a wildcard never matches a slash otherwise.

    What stands between two stars matches one character an item, so its first match is as good as any later one: atomic groups keep the time linear where a
    plain translation lets ``*a*a*a*a*a*a*b`` take for ever on a name that an attacker chose.
    """
    tokens = list(_tokens(glob, paths=paths))
    if _NEVER in tokens:
        return _NEVER
    first, *rest = (_one_level(group) for group in _split(tokens, _FOLDERS))
    if not rest:
        return first
    *inner, last = rest
    return first + "".join(f"(?>(?:[^/]*/)*?{group})" for group in inner) + f"(?:[^/]*/)*?{last}"


def _one_level(tokens: list[str]) -> str:
    """Return the regex of tokens without ``**``."""
    parts = []
    for component in _split(tokens, _SLASH):
        first, *rest = ("".join(run) for run in _split(component, _STAR))
        inner = "".join(f"(?>[^/]*?{run})" for run in rest[:-1])
        parts.append(first + inner + (f"[^/]*{rest[-1]}" if rest else ""))
    return "/".join(parts)


def _split(tokens: list[str], separator: str) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for token in tokens:
        if token == separator:
            runs.append([])
        else:
            runs[-1].append(token)
    return runs


def _tokens(glob: str, *, paths: bool) -> Iterator[str]:
    at = 0
    plain = len(glob) - len(re.sub(_PLAIN, "", glob, count=1))  # git compares the part without wildcards apart, so ``b**/a`` begins anew behind the b
    while at < len(glob):
        sign = glob[at]
        if sign == "*":
            end = at + len(glob[at:]) - len(glob[at:].lstrip("*"))
            alone = end - at > 1 and (glob[at - 1 : at] == "/" or at == plain) and glob[end : end + 1] in ("", "/")
            token = _STAR if not (paths and alone) else _FOLDERS if end < len(glob) else ".*"
            at = end + (token == _FOLDERS)
        elif sign == "[":
            token, at = _bracket(glob, at + 1)
        elif sign == "\\":
            token, at = (_literal(glob[at + 1]) if at + 1 < len(glob) else _NEVER), at + 2
        else:
            token, at = ("[^/]" if sign == "?" else _literal(sign)), at + 1
        yield token


def _literal(character: str) -> str:
    return _SLASH if character == "/" else re.escape(character)


def _bracket(glob: str, at: int) -> tuple[str, int]:
    """Return the regex for the bracket expression whose content starts at ``at``, and where it ends. An unfinished one never matches."""
    negated = glob[at : at + 1] in ("!", "^")
    at += negated
    members: list[str] = []
    first = at
    while at < len(glob) and (glob[at] != "]" or at == first):
        member, at = _member(glob, at)
        members.append(member)
    if at >= len(glob) or _NEVER in members:
        return _NEVER, len(glob)
    inside = "".join(members)
    if negated:
        return (f"[^/{inside}]" if inside else "[^/]"), at + 1
    return (f"(?!/)[{inside}]" if inside else _NEVER), at + 1


def _member(glob: str, at: int) -> tuple[str, int]:
    """One member of a bracket expression: a class, a range or a character."""
    if glob.startswith("[:", at) and (end := glob.find("]", at + 2)) >= 0 and glob[end - 1] == ":" and end - 1 >= at + 2:
        return _CLASSES.get(glob[at + 2 : end - 1], _NEVER), end + 1
    low, at = _character(glob, at)
    if glob[at : at + 1] != "-" or glob[at + 1 : at + 2] in ("", "]"):
        return re.escape(low), at
    high, at = _character(glob, at + 1)
    return (f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""), at


def _character(glob: str, at: int) -> tuple[str, int]:
    if glob[at] == "\\" and at + 1 < len(glob):
        at += 1
    return glob[at], at + 1
