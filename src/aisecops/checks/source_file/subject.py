"""A source file or notebook as its checks see it: read and interpreted once."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aisecops.checks.reading import read
from aisecops.checks.source_file.sources import Sources, sources
from aisecops.checks.suppression import Suppressions
from aisecops.codebase.dependencies import Versions, installed
from aisecops.codebase.evaluation import may_leak
from aisecops.codebase.syntax.shape import shape
from aisecops.codebase.text import Text, TextPart
from aisecops.core.asset import Asset, AssetFacts, AssetKind
from aisecops.core.check import Context, subject
from aisecops.core.depends import SHAPE, bodies_word, body_sum, names_word
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import FlowStep, Location, Weakness
from aisecops.core.settings import CodeSettings

if TYPE_CHECKING:
    import ast

    from aisecops.checks.source_file.tools import Tool
    from aisecops.codebase.configuration.facts import Command
    from aisecops.codebase.dataflow.program import Hit, Module, Span
    from aisecops.codebase.dataflow.values import Step
    from aisecops.codebase.notebook import NotebookSource
    from aisecops.codebase.syntax import Gap, PythonSource

LARGEST = 128 << 20
"""Bytes of a file that is read; nothing that people write is larger."""
_SHELL_NAMES = (".sh", ".bash", ".zsh", ".ksh")
_SHELL_SHEBANG = rb"#![^\n]{0,80}\b(?:bash|sh|zsh|ksh|dash)\b"


class SourceFile:
    """What a source file says.

    Attributes
    ----------
    asset : Asset
        The file.
    language : str
        ``python``, ``shell``, or that of a notebook's kernel.
    module : Module or None
        The file interpreted: its calls, what flows where, its functions; None for what is not Python.
    source : PythonSource or None
        The syntax tree, with the text that its nodes stand in; None for what is not Python.
    notebook : NotebookSource or None
        The cells, magics and outputs, for a notebook.
    text : Text
        The code.
    texts : tuple of TextPart
        All its texts: code, outputs, prose.
    versions : Versions
        What is declared of the libraries that it uses.
    gaps : tuple of NotExamined
        What could not be understood.
    """

    def __init__(self, asset: Asset, language: str, text: Text) -> None:
        self.asset = asset
        self.language = language
        self.text = text
        self.texts: tuple[TextPart, ...] = (TextPart(text, "code", language),)
        self.module: Module | None = None
        self.source: PythonSource | None = None
        self.notebook: NotebookSource | None = None
        self.versions = Versions()
        self.gaps: tuple[NotExamined, ...] = ()
        self.depends: tuple[str, ...] = ()
        self.outline = b""
        self._others: Callable[[], tuple[str, ...]] = tuple
        self.looked_into: set[tuple[str, str, str]] = set()
        """Functions of other files (path, class, name) whose bodies checks have read by themselves."""
        self._extent = (0, 0)
        self.suppressions = Suppressions({})

    @cached_property
    def tools(self) -> list[Tool]:
        """The tools that it defines: decorated, handed to an agent, described to a model, or called with what a model has asked for."""
        from aisecops.checks.source_file.tools import tools

        return tools(self)

    @cached_property
    def descriptions(self) -> list[tuple[str, str, ast.Dict]]:
        """The tools that it describes in dictionaries: name, description, and the dictionary."""
        from aisecops.checks.source_file.tools import descriptions

        return list(descriptions(self))

    @property
    def hits(self) -> Sequence[Hit]:
        """The sinks that something dangerous reaches."""
        return self.module.hits if self.module is not None else ()

    @property
    def starts(self) -> bool:
        """Whether it may run commands."""
        from aisecops.checks.source_file.commands import may_start

        return may_start(self)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """The commands that it runs: of a shell script all, of Python those whose words are known, of a notebook also its magics."""
        from aisecops.checks.source_file.commands import commands

        return commands(self)

    def place(self, span: Span) -> Location:
        """Where ``span`` stands, in this file or another."""
        if span.path != self.asset.path:
            return Location(path=span.path, line=span.line, column=span.column, end_line=_beyond(span.line, span.end_line))
        start, end = self.text.at_line(span.line, span.column), self.text.at_line(span.end_line)
        last = end.line if end.cell == start.cell else start.line
        return Location(path=self.asset.path, line=start.line, column=start.column, end_line=_beyond(start.line, last), cell=start.cell)

    def at(self, line: int, column: int = 1) -> Location:
        """The place of a line of the code's text."""
        place = self.text.at_line(line, column)
        return Location(path=self.asset.path, line=place.line, column=place.column, cell=place.cell)

    def flow(self, trail: tuple[Step, ...]) -> tuple[FlowStep, ...]:
        """``trail`` as people follow it; lines of a notebook count within their cells, which the message names."""
        return tuple(self._step(step) for step in trail if step.message)

    def _step(self, step: Step) -> FlowStep:
        if step.path != self.asset.path:
            return FlowStep(step.path, step.line, step.message)
        place = self.text.at_line(step.line)
        return FlowStep(step.path, place.line, step.message if place.cell is None else f"cell {place.cell}: {step.message}")

    def rest_on(self, others: Callable[[], tuple[str, ...]]) -> None:
        """Ask ``others`` for the words (``aisecops.core.depends``) of what has been read of other files, now and whenever a check has read more."""
        self._others, self._extent = others, self._read()
        self.depends = others()

    def besides(self) -> tuple[str, ...]:
        """What the last check has read of other files, if anything, with what has been read before."""
        if (extent := self._read()) == self._extent:
            return ()
        self._extent = extent
        return self._others()

    def _read(self) -> tuple[int, int]:
        return (len(self.module.bodies) + len(self.looked_into), len(self.module.used)) if self.module is not None else (0, 0)

    def _bodies(self) -> dict[int, int] | None:
        """Where the bodies begin that the outline lacks, by the line of ``def``, as ``outline`` tells; None: not known."""
        told = array("I", self.outline)
        return dict(zip(told[2::3], told[3::3], strict=True)) if told else None

    def suppression(self, weakness: Weakness, check: str) -> str:
        """The reason for which a comment at the place of ``weakness`` says to pass over it; empty if there is none."""
        return self.suppressions.reason(weakness, check)

    def facts(self) -> AssetFacts:
        """Language and length; and what else the results rest on."""
        facts: dict[str, Any] = {"language": self.language, "lines": len(self.text.starts)}
        if self.notebook is not None:
            facts |= {"cells": len(self.notebook.cells), "outputs_skipped": len(self.notebook.skipped)}
        importable = self.source if self.notebook is None else None
        return AssetFacts(
            facts=facts,
            depends=self.depends,
            shape=shape(self.asset.path, importable, self._bodies()) if importable is not None else b"",
            outline=self.outline,
        )


def _beyond(line: int, end_line: int) -> int | None:
    return end_line if end_line > line else None


def _prepare() -> None:
    """Load, and compile, what describes tools, secrets and personal data: hundreds of expressions, which take a fifth of a second."""
    import aisecops.codebase.evaluation.statements
    import aisecops.content.personal  # noqa: F401
    from aisecops.content.instructions import compile_rules
    from aisecops.content.secrets import find_secrets

    compile_rules()
    find_secrets("")


@subject(AssetKind.SOURCE_FILE, prepare=_prepare)
def source_file(asset: Asset, ctx: Context) -> SourceFile:
    """Read the file, and interpret it within its project."""
    data = read(asset, ctx, LARGEST)
    if asset.path.lower().endswith(_SHELL_NAMES) or (not asset.path.endswith(".py") and re.match(_SHELL_SHEBANG, data[:200])):
        return SourceFile(asset, "shell", Text(data.decode("utf-8", "replace")))
    if asset.path.endswith(".pth"):  # of a path file, Python runs the lines that import something
        data = b"\n".join(line if line.startswith((b"import ", b"import\t")) else b"" for line in data.split(b"\n"))
    files = sources(ctx)
    source = files.source(asset.path, data)
    file = SourceFile(asset, "python", source.text)
    file.versions = files.dependencies.near(asset.path)
    _interpret(file, source, files)
    file.outline = files.outline_of(asset.path, source)
    return _finished(file, source.gaps, ctx)


@subject(AssetKind.NOTEBOOK)
def notebook(asset: Asset, ctx: Context) -> SourceFile:
    """Read the notebook, and interpret its cells as one module within its project."""
    from aisecops.codebase.notebook import read_notebook

    files = sources(ctx)
    found = read_notebook(read(asset, ctx, LARGEST))
    file = SourceFile(asset, found.language, found.python.text)
    file.notebook = found
    file.texts += tuple(TextPart(part.text, _ROLES[part.kind], _language(part.label), part.label, part.cell) for part in found.parts)
    file.texts += tuple(TextPart(written.text, "code", "", written.path or "python", written.cell) for written in found.files)
    near = files.dependencies.near(asset.path)
    file.versions = near.nearer(installed(found.python.text.content, asset.path))
    _interpret(file, found.python, files)
    return _finished(file, found.gaps, ctx)


_ROLES = {"markdown": "prose", "raw": "prose", "source": "code", "output": "output"}


def _language(label: str) -> str:
    return "text" if label in ("stdout", "stderr", "traceback", "text/plain") else label


def _interpret(file: SourceFile, source: PythonSource, files: Sources) -> None:
    from aisecops.checks.source_file.pages import shows_answers

    file.source = source
    path = file.asset.path
    module = file.module = files.program.examine(path, source.tree, file.versions)
    leaks, looked_into = may_leak(source.text.content), file.looked_into

    def others() -> tuple[str, ...]:
        read, asked, bodies = files.program.rests_on(module)
        words = (f"{SHAPE}{AssetKind.SOURCE_FILE}:{other}" for other in sorted((read | module.imports if leaks else read) - {path}))
        bodies |= {body_sum(*function) for function in looked_into}  # nothing here may refer to ``file``: circles stay
        return (*words, bodies_word(bodies), names_word(asked), *files.declaring(path))

    file.rest_on(others)
    if ".htm" in source.text.content and shows_answers(module):
        file.depends += (f"#{AssetKind.DOCUMENT}",)  # templates that show it


def _finished(file: SourceFile, gaps: tuple[Gap, ...], ctx: Context) -> SourceFile:
    file.gaps = tuple(NotExamined(code=Code(gap.code), reason=_where(file, gap) + gap.reason, remedy=gap.remedy) for gap in gaps)
    if file.source is not None and "aisecops:" in file.source.text.content and ctx.settings(CodeSettings).suppressions:
        file.suppressions = Suppressions(file.source.comments, file.text)
    return file


def _where(file: SourceFile, gap: Gap) -> str:
    if not gap.first:
        return f"cell {gap.cell}: " if gap.cell else ""
    first = file.text.at_line(gap.first)
    lines = f"line {first.line}" if gap.last <= gap.first else f"lines {first.line} to {file.text.at_line(gap.last).line}"
    return f"cell {first.cell}, {lines}: " if first.cell else f"{lines}: "
