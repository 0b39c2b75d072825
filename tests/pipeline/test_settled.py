"""Checks that look at one attribute of their subject are not called where that is empty: nobody sees a difference, but for the time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from aisecops.checks import load
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Context, Registry, Result
from aisecops.core.digest import canonical_json
from aisecops.core.progress import Silent
from aisecops.core.run import Results
from aisecops.pipeline.cache import Cache
from aisecops.pipeline.execute import execute
from aisecops.pipeline.local import LocalEngine
from aisecops.pipeline.plan import make_plan
from tests.pipeline import specimens
from tests.pipeline.specimens import BUDGET, Text, assets, registry_of, weakness

CALLED = "called.txt"


class Marked(Text):
    """``marks`` is empty for nine assets of ten."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.marks = ("seven",) if name.endswith("7.pkl") else ()


def parse(asset: Asset, ctx: Context) -> Marked:
    return Marked(asset.path)


def registry(folder: Path, *, heeds: str) -> Registry:
    """Two checks that heed the marks, each of which notes that it was called, and one in between that crashes on a marked file."""

    def note(subject: Marked, ctx: Context) -> Iterator[Result]:
        with (folder / CALLED).open("a") as file:
            file.write(subject.name + "\n")
        yield from (weakness(mark) for mark in subject.marks)

    def crash(subject: Marked, ctx: Context) -> Iterator[Result]:
        if subject.marks:
            specimens.segfault(subject, ctx)
        yield from ()

    plain = registry_of({"a/first": note, "b/crashes": crash, "c/last": note}, parser=parse)
    for name in ("a/first", "c/last"):
        plain.checks[name] = msgspec.structs.replace(plain.checks[name], heeds=heeds)
    return plain


def examined(registry: Registry, files: list[Asset], cache: Cache | None = None) -> Results:
    return execute(
        files, {file.id: f"/no/such/{file.path}" for file in files}, registry, make_plan(files, registry), engine=LocalEngine(2, BUDGET),
        cache=cache, seed=1, settings={}, knowledge_digest="k", progress=Silent(),
    )  # fmt: skip


def called(folder: Path) -> list[str]:
    file = folder / CALLED
    names = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return names


def test_nothing_changes_but_how_often_checks_are_called(tmp_path: Path) -> None:
    files = assets(40)
    always = examined(registry(tmp_path, heeds=""), files)
    assert len(set(called(tmp_path))) == 40
    heeding = examined(registry(tmp_path, heeds="marks"), files)
    assert set(called(tmp_path)) == {file.path for file in files if file.path.endswith("7.pkl")}
    assert canonical_json(heeding) == canonical_json(always)
    assert len(always.findings) == 8 and len(always.not_examined) == 4


def test_what_was_settled_is_kept_for_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    files = assets(120)
    first = examined(registry(tmp_path, heeds="marks"), files, Cache(str(tmp_path), print))
    called(tmp_path)
    again = examined(registry(tmp_path, heeds=""), files, Cache(str(tmp_path), print))  # would call every check that it knows nothing of
    assert not called(tmp_path)
    assert canonical_json(again) == canonical_json(first)


@pytest.mark.parametrize("name", [name for name in load({AssetKind.MODEL_FILE}).checks if name.startswith("model-file/")])
def test_a_check_looks_at_nothing_but_what_it_heeds(name: str) -> None:
    check = load({AssetKind.MODEL_FILE}).checks[name]

    class OnlyThat:
        """Has the attribute, empty, and what is made of it alone."""

        def __init__(self) -> None:
            setattr(self, check.heeds, ())

        def groups(self, kind: object) -> list[object]:
            assert check.heeds == "concerns"
            return []

    assert not list(check.function(OnlyThat(), None))  # type: ignore[arg-type]
