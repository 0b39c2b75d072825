"""A page for each check, from what the check says of itself, and an index of all by threat, by stage and by category.

The text of a lesson is written for the terminal: only ````code```` is markup in it. Everything else is quoted for Markdown here, so that an angle bracket, a star or an
underscore in a docstring stays what it is.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from aisecops.core.check import Check
from aisecops.core.taxonomy import Reference, Stage, Threat
from aisecops.knowledge.taxonomies import entry, known
from aisecops.report.lesson import Section, parse

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~^=&!+$:@-]")
_CODE = re.compile(r"``(.+?)``", re.DOTALL)
_SOURCES = (
    (re.compile(r"\barXiv:(\d{4}\.\d{4,5})\b"), "https://arxiv.org/abs/{}"),
    (re.compile(r"\b(CVE-\d{4}-\d{4,7})\b"), "https://nvd.nist.gov/vuln/detail/{}"),
    (re.compile(r"(https?://[^\s<>\"'`)]*[^\s<>\"'`).,;])"), "{}"),
)
_YAML = re.compile(r"\s*(- )?[\w.-]+:(\s|$)")


def page(check: Check, docs: Path | None = None) -> str:
    """Return the Markdown page of ``check``, with its picture from ``docs`` and links to the pages there that speak of it."""
    lesson = parse(check.lesson)
    parts = [
        f"---\ntitle: {_quoted(check.title)}\ndescription: {_quoted(lesson.summary.splitlines()[0])}\n---",
        f"# {prose(check.title)}",
        f"`{check.id}`{{ .check-id }}",
        *map(prose, lesson.summary.split("\n\n")),
        *_picture(check, docs),
        _facts(check),
        *(part for section in lesson.sections for part in _section(section, check)),
        *_further(check, docs),
        *_taxonomies(check.refs),
        "## On the command line",
        _block(f"aisecops explain {check.id}\naisecops {'run' if check.dynamic else 'scan'} . --select {check.id}", "shell"),
    ]
    return "\n\n".join(parts) + "\n"


def index(checks: Sequence[Check]) -> str:
    """Return the page that lists ``checks``: a matrix of threat and stage, a table for each threat, and the categories."""
    parts = [
        "---\ntitle: All checks\n---",
        "# All checks",
        f"{len(checks)} checks. Each page is what the check says of itself, the same text that `aisecops explain ID` shows. What is marked *run* loads or asks a model, "
        "or needs what only the manifest can say: `aisecops run` does it, `aisecops scan` does not.",
        "## Threat by stage",
        _matrix(checks),
        "## By threat",
    ]
    for threat in Threat:
        if chosen := [check for check in checks if check.threat is threat]:
            parts += [f"### {spoken(threat)} {{ #{threat.value} }}", _table(chosen)]
    parts += ["## By category", _categories(checks)]
    return "\n\n".join(parts) + "\n"


def address(check: Check) -> str:
    """Where the page of ``check`` stands below ``checks/``."""
    return f"{check.id}.md"


def spoken(name: str) -> str:
    """A kebab-case name as words."""
    return name.replace("-", " ").capitalize()


def prose(text: str) -> str:
    """Quote ``text`` for Markdown; double back quotes are code, and what names a paper, a CVE or an address becomes a link."""
    parts = []
    for number, part in enumerate(_CODE.split(text)):
        parts.append(_inline(part) if number % 2 else _linked(part))
    return "".join(parts)


def _linked(text: str) -> str:
    for pattern, target in _SOURCES:
        if found := pattern.search(text):
            before, after = text[: found.start()], text[found.end() :]
            return f"{_linked(before)}[{_escaped(found[0])}]({target.format(found[1])}){_linked(after)}"
    return _escaped(text)


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", text)


def _inline(code: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
    pad = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{fence}{pad}{' '.join(code.split())}{pad}{fence}"


def _block(code: str, language: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
    return f"{fence}{language}\n{code}\n{fence}"


def _quoted(text: str) -> str:
    """A YAML string."""
    return '"' + text.replace("``", "").replace("\\", "\\\\").replace('"', '\\"') + '"'


def _picture(check: Check, docs: Path | None) -> Iterator[str]:
    """The picture of the lesson, where there is one: ``lesson_pictures.py`` draws it, its title is for those who do not see it, its description stands below."""
    place = f"images/checks/{check.id.replace('/', '-')}.svg"
    if docs and (docs / place).exists():
        drawn = ElementTree.parse(docs / place).getroot()
        title, description = (drawn.findtext(f"{{*}}{name}", "") for name in ("title", "desc"))
        yield f"![{_escaped(title)}]({_up(check)}../{place})"
        yield f"*{_escaped(description)}*"


def _further(check: Check, docs: Path | None) -> Iterator[str]:
    """The pages that name the check: how it works, how well, and what else there is to do."""
    named = re.compile(rf"(?<![\w/-]){re.escape(check.id)}(?![\w/-])")
    texts = {path.relative_to(docs).as_posix(): path.read_text(encoding="utf-8") for path in sorted(docs.rglob("*.md"))} if docs else {}
    rows = [
        f"- [{text.partition(chr(10))[0].lstrip('# ')}]({_up(check)}../{name})"
        for name, text in texts.items()
        if name != "categories.md" and named.search(text)
    ]
    if rows:
        yield "## How it works, and how well"
        yield "\n".join(rows)


def _section(section: Section, check: Check) -> Iterator[str]:
    yield f"## {prose(section.heading)}"
    for paragraph in section.paragraphs:
        if paragraph.startswith(" "):
            yield _block(_dedented(paragraph), _language(paragraph, check))
        elif paragraph.startswith(("- ", "* ")):
            yield "\n".join(_items(paragraph))
        else:
            yield prose(paragraph)


def _items(paragraph: str) -> Iterator[str]:
    """The items of a list, each on one line."""
    joined: list[str] = []
    for row in paragraph.splitlines():
        if row.startswith(("- ", "* ")) or not joined:
            joined.append(row[2:].strip())
        else:
            joined[-1] += f" {row.strip()}"
    yield from (f"- {prose(item)}" for item in joined)


def _dedented(code: str) -> str:
    rows = code.splitlines()
    margin = min(len(row) - len(row.lstrip()) for row in rows if row.strip())
    return "\n".join(row[margin:] for row in rows)


def _language(code: str, check: Check) -> str:
    if _YAML.match(code) and "(" not in code.splitlines()[0]:
        return "yaml"
    return "python" if check.id.startswith(("source-file/", "model-file/")) else "text"


def _facts(check: Check) -> str:
    rows = {
        "examines": ", ".join(spoken(kind.value).lower() for kind in check.inputs),
        "threat": f"[{spoken(check.threat)}]({_up(check)}index.md#{check.threat.value})",
        "stage": check.stage.value,
        "runs in": "`aisecops run` only: it loads or asks a model, or needs what the manifest says"
        if check.dynamic
        else "`aisecops scan`, and `aisecops run`",
        "finds": ", ".join(f"[`{name}`]({_up(check)}../categories.md)" for name in check.categories) or "nothing by itself: it measures",
        "planned where": "; ".join(f"{spoken(fact).lower()} is {' or '.join(str(value) for value in values)}" for fact, values in check.only.items()),
        "parameters": ", ".join(f"`{name} = {value!r}`" for name, value in check.parameters.items()),
        "former names": ", ".join(f"`{name}`" for name in check.aliases),
        "version": str(check.version),
    }
    body = "\n".join(f"| {name} | {value} |" for name, value in rows.items() if value)
    return f'<div class="facts" markdown>\n\n| | |\n| --- | --- |\n{body}\n\n</div>'


def _up(check: Check) -> str:
    return "../" * check.id.count("/")


def _taxonomies(refs: Iterable[Reference]) -> Iterator[str]:
    rows = [f"| {_reference(ref)} | {ref.framework} {ref.version} |" for ref in refs]
    if rows:
        yield "## Taxonomies"
        yield "\n".join(["| entry | framework |", "| --- | --- |", *rows])


def _reference(reference: Reference) -> str:
    if not known(reference):
        return _escaped(reference.id)
    found = entry(reference)
    return f"[{_escaped(found.id)}]({found.url}) {_escaped(found.title)}"


def _table(checks: Iterable[Check]) -> str:
    rows = [
        f"| [`{check.id}`]({address(check)}) | {prose(check.title)} | {check.stage.value} | {'run' if check.dynamic else 'scan'} |"
        for check in checks
    ]
    return "\n".join(["| check | is about | stage | in |", "| --- | --- | --- | --- |", *rows])


def _matrix(checks: Iterable[Check]) -> str:
    count = Counter((check.threat, check.stage) for check in checks)
    stages = [stage for stage in Stage if any(count[threat, stage] for threat in Threat)]
    head = ["| threat | " + " | ".join(stage.value for stage in stages) + " |", "| --- |" + " :-: |" * len(stages)]
    rows = (
        f"| {f'[{spoken(threat)}](#{threat.value})' if any(count[threat, stage] for stage in stages) else spoken(threat)} | "
        + " | ".join(str(count[threat, stage] or "·") for stage in stages)
        + " |"
        for threat in Threat
    )
    return "\n".join([*head, *rows])


def _categories(checks: Iterable[Check]) -> str:
    by_category: dict[str, list[Check]] = defaultdict(list)
    for check in checks:
        for category in check.categories:
            by_category[category].append(check)
    rows = [
        f"| `{category}` | {', '.join(f'[`{check.id}`]({address(check)})' for check in found)} |" for category, found in sorted(by_category.items())
    ]
    return "\n".join(["What each category means: [categories](../categories.md).", "", "| category | found by |", "| --- | --- |", *rows])
