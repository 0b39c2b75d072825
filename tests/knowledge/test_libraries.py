from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.core.errors import UserError
from aisecops.core.settings import LibraryText
from aisecops.knowledge import libraries as package
from aisecops.knowledge import taxonomies
from aisecops.knowledge.libraries import Libraries, matches
from aisecops.knowledge.libraries import model as m
from aisecops.knowledge.libraries.patterns import expand
from aisecops.knowledge.libraries.written import compiled_library, parse_library, parse_test

FOLDER = Path(package.__file__).parent
ROOT = Path(__file__).parents[2]
LABELS = {"untrusted", "retrieved", "model-output", "model-file", "sent-file", "tool-call", "command-line", "archive-name", "fetched", "instructions"}
LABELS |= {"secret", "personal", "prompt", "train", "test", "all-data"}
HEAD = "library: ours\nentries:\n"


def library(text: str) -> Libraries:
    return Libraries.of(compiled_library(parse_library(HEAD + text, "ours.yaml")))


def test_what_a_scan_loads_is_what_people_read() -> None:
    build = runpy.run_path(str(ROOT / "tools" / "build_libraries.py"))
    errors: list[UserError] = []
    text, digest = build["compiled"](build["sources"](), errors)
    assert not errors, "\n".join(map(str, errors))
    assert (FOLDER / "data" / "libraries.json").read_bytes() == text, "run `python tools/build_libraries.py`"
    assert (FOLDER / "data" / "digest").read_bytes() == digest


def test_shipped_knowledge_names_known_labels_and_taxonomy_entries() -> None:
    for entry in Libraries.load():
        labels = {label for labels in entry.tainted.values() for label in labels} | ({entry.source, entry.handler} - {""})
        assert labels <= LABELS, f"{entry.id}: {labels - LABELS}"
        assert all(taxonomies.known(ref) for ref in entry.refs), f"{entry.id}: {entry.refs}"
        if entry.sink:
            assert entry.title and entry.message and entry.fix and entry.refs, f"{entry.id} does not say what, why and what to do"


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("torch.load", "torch.load", True),
        ("torch.*", "torch.load", True),
        ("torch.*", "torch.hub.load", False),
        ("torch.**.load", "torch.load", True),
        ("torch.**.load", "torch.a().b[].load", True),
        ("gradio.*().click", "gradio.Button().click", True),
        ("gradio.*.click", "gradio.Button().click", False),
        ("a.create_*_agent", "a.create_sql_agent", True),
        ("a.create_*_agent", "a.create_agent", False),
        ("**.objects.raw", "shop.models.Order.objects.raw", True),
        ("?cursor.execute", "?cursor.execute", True),
        ("?cursor.execute", "?self.cursor.execute", True),
        ("?cursor.execute", "?my_cursor.execute", False),
        ("?cursor.execute", "sqlite3.cursor.execute", False),
        ("?**.cursor().execute", "?self.db.cursor().execute", True),
        ("**.cursor().execute", "?self.db.cursor().execute", False),
    ],
)
def test_patterns(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits
    if not pattern.endswith("*"):
        assert bool(library(f'  - fact: x\n    call: "{pattern}"\n').calls(path)) is fits


def test_braces_are_alternatives() -> None:
    assert expand("a.{b,c{d,e}}().f") == ("a.b().f", "a.cd().f", "a.ce().f")
    assert expand("a{,.b}.c") == ("a.c", "a.b.c")
    assert expand("{}[]") == ("{}[]",)
    for wrong in ("a.{b", "a.b}", "a..b", "a b", "a.(b)", "{" + "a," * 401 + "b}"):
        with pytest.raises(ValueError, match="`"):
            expand(wrong)


parts = st.text("ab*", min_size=1, max_size=3)
paths = st.lists(st.tuples(st.text("ab", min_size=1, max_size=3), st.sampled_from(["", "()", "[]"])).map("".join), min_size=1, max_size=5)


@given(st.lists(st.one_of(parts, st.just("**")), min_size=1, max_size=5), paths)
def test_wildcards_mean_what_the_regular_expression_says(pattern: list[str], path: list[str]) -> None:
    pieces = [part if part == "**" else re.sub(r"\*+", "*", part) for part in pattern]
    text = "".join(r"(?:\.[^.]+)*" if part == "**" else r"\." + re.escape(part).replace(r"\*", r"[^.()\[\]]*") for part in pieces)
    assert matches(".".join(pieces), ".".join(path)) is (re.fullmatch(text, "." + ".".join(path)) is not None)


def test_an_entry_says_what_it_says() -> None:
    known = library(
        """
  - sink: unsafe-deserialization
    call: ["torch.{load,serialization.load}"]
    arguments: [f]
    safe:
      - {weights_only: true, version: ">=2.6"}
      - {f: {path: "io.BytesIO()"}, version: {numpy: unknown}}
    doubtful: [{mode: {any: [absent, {not: {prefix: r}}]}}]
    needs: [{headers: {key: {a: literal}}, items: {item: "*"}, command: {items: [bash, "-c"]}}]
    tainted: {f: untrusted}
    refs: [CWE-502, LLM05]
"""
    )
    (entry,) = known.calls("torch.serialization.load")
    assert known.calls("torch.load") == (entry,) and known.names_tail("load") and not known.names_tail("save")
    assert entry.safe[0] == m.Group({"weights_only": m.Equal(True)}, {"ours": ">=2.6"})
    assert entry.safe[1] == m.Group({"f": m.Path(("io.BytesIO()",))}, {"numpy": "unknown"})
    assert entry.doubtful[0].arguments["mode"] == m.Any((m.Absent(), m.Not(m.Prefix("r"))))
    assert entry.needs[0].arguments["command"] == m.Items((m.Equal("bash"), m.Equal("-c")))
    assert entry.tainted == {"f": ("untrusted",)} and entry.refs[0].id == "CWE-502"


def test_labels_along_a_path_and_confirmations() -> None:
    known = library(
        '  - source: untrusted\n    attribute: "flask.request.args"\n  - source: model-output\n    call: "m.ask"\n  - confirm: true\n    call: "click.confirm"\n'
    )
    assert known.labels("flask.request.args[].strip()") == {"untrusted"}
    assert known.labels("m.ask().content") == {"model-output"} and known.labels("m.ask") == frozenset()
    assert known.confirms("click.confirm()") and not known.confirms("click.confirm")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("  - sink: a\n    calls: x\n", 4, "unknown key `calls`; did you mean `call`?"),
        ("  - call: x\n", 3, "this one has none"),
        ("  - sink: a\n    guard: b\n    call: x\n", 3, "sink and guard"),
        ("  - sink: a\n", 3, "says nowhere"),
        ('  - fact: x\n    call: y\n  - sink: a\n    call: "x.{b"\n', 5, "`call`: `x.{b` has a `{`"),
        ("  - sink: a\n    call: x\n    safe: [{f: {prefx: b}}]\n", 3, "`safe: f`: there is no test `prefx`"),
        ("  - sink: a\n    call: x\n    safe: [{}]\n", 3, "would always hold"),
        ('  - sink: a\n    call: x\n    safe: [{version: "2.6"}]\n', 3, "`safe: version` must be like"),
        ('  - sink: a\n    call: x\n    needs: [{f: {matches: "("}}]\n', 3, "is not a regular expression"),
        ("  - sink: a\n    call: x\n    refs: [XYZ-1]\n", 3, "no known taxonomy"),
        ("  - sink: a\n    call: x\n    severity: hgh\n", 5, "did you mean `high`?"),
        ("  - handler: a\n    call: x\n", 3, "`argument` is missing"),
        ("  - sink: A B\n    call: x\n", 3, "is not a name"),
    ],
)
def test_mistakes_are_named_with_their_place(text: str, line: int, says: str) -> None:
    with pytest.raises(UserError) as wrong:
        parse_library(HEAD + text, "ours.yaml")
    assert wrong.value.where.startswith(f"ours.yaml:{line}:") and says in str(wrong.value)


def test_a_pattern_open_at_both_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="open at both ends"):
        library('  - fact: x\n    call: "**.*"\n')


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from("any not key item prefix path".split()), x),
    )
)
def test_a_test_is_read_or_refused(value: object) -> None:
    try:
        parse_test(value, "safe: f")
    except ValueError as wrong:
        assert "`" in str(wrong)


def test_a_project_adds_its_own() -> None:
    ours = LibraryText(path="security/ours.yaml", text=HEAD + '  - sink: unsafe-deserialization\n    call: ["ours.load", "builtins.exec"]\n')
    known = Libraries.load([ours])
    assert known.calls("ours.load")[0].library == "ours"
    assert len(known.calls("builtins.exec")) == len(Libraries.load().calls("builtins.exec")) + 1
    with pytest.raises(UserError, match="ours"):
        Libraries.load([LibraryText(path="security/ours.yaml", text="library: [")])


def test_the_manifest_names_them_and_somebody_elses_tree_adds_nothing(tmp_path: Path) -> None:
    from aisecops.workflows.standing import Standing

    (tmp_path / "aisecops.yaml").write_text("name: x\ncode:\n  libraries: [security/ours.yaml]\n")
    with pytest.raises(UserError, match="cannot be read"):
        Standing([str(tmp_path)]).code()
    (tmp_path / "security").mkdir()
    (tmp_path / "security" / "ours.yaml").write_text(HEAD + "  - sink: unsafe-deserialization\n    call: ours.load\n")
    settings = Standing([str(tmp_path)]).code()
    assert [entry.id for entry in Libraries.load(settings.libraries).calls("ours.load")] == ["unsafe-deserialization:ours.load"]
    assert settings.suppressions
    elsewhere = Standing([str(tmp_path)], untrusted=True).code()
    assert elsewhere.libraries == () and not elsewhere.suppressions
    (tmp_path / "security" / "ours.yaml").write_text("library: ours\nentries:\n  - sunk: x\n")
    with pytest.raises(UserError, match="did you mean `sink`"):
        Standing([str(tmp_path)]).code()
