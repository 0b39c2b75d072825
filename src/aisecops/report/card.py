"""A model card as Markdown, with the front matter that model hubs read, and as one HTML page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from aisecops.core.asset import Asset
from aisecops.core.measurement import Measurement
from aisecops.core.text import inert
from aisecops.evidence.model_card import ModelCard
from aisecops.report.inert import html as html_text
from aisecops.report.inert import markdown as markdown_text

_HUB_TASKS = {"table": "tabular-classification", "text": "text-classification", "image": "image-classification"}
_NUMBERS = ("measured", "of", "value", "interval", "level", "n", "method", "the truth is")
_BOUNDS = {"attack": "no better", "certificate": "no worse", "estimate": "about this", "": ""}
_PLAIN = re.compile(r"-?[A-Za-z0-9][A-Za-z0-9 .,%:-]*")
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top;overflow-wrap:anywhere}th{background:#f3f5f7}"
    "@media(prefers-color-scheme:dark){body{background:#101418;color:#e6edf3}th{background:#1c2229}th,td{border-color:#30363d}}"
)
_SILENT = (
    "This card was rendered from the record of a run and says nothing that the run did not examine: not what the model is meant for, nor how its training data "
    "came about. People have to add that."
)


def as_markdown(card: ModelCard) -> str:
    """Return the card as Markdown: front matter (YAML, with ``model-index``), then tables. Text of the model and its files is quoted as code."""
    parts = ["---", *_front_matter(card), "---", "", f"# Model card: {markdown_text(card.name)}", "", _SILENT, ""]
    for title, header, rows, words in _blocks(card):
        parts += [f"## {title}", ""]
        if rows:
            parts += [_line(header), _line("---" for _ in header), *(_line(map(_cell, row)) for row in rows), ""]
        else:
            parts += [words, ""]
    return "\n".join(parts)


def as_html(card: ModelCard) -> str:
    """Return the card as one page without scripts or anything fetched."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>Model card: {html_text(card.name)}</title><style>{_STYLE}</style></head><body><main><h1>Model card: {html_text(card.name)}</h1><p>{_SILENT}</p>",
    ]
    for title, header, rows, words in _blocks(card):
        parts.append(f"<h2>{title}</h2>")
        if rows:
            head = "".join(f'<th scope="col">{name}</th>' for name in header)
            body = "".join(f"<tr>{''.join(f'<td>{html_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
        else:
            parts.append(f"<p>{words}</p>")
    return "\n".join([*parts, "</main></body></html>\n"])


_Block = tuple[str, Sequence[str], Sequence[Sequence[str]], str]


def _blocks(card: ModelCard) -> Iterator[_Block]:
    """Title, header, rows, and the words in place of no rows. Titles and headers are ours; everything else may be hostile."""
    run = card.run.run
    yield "The model", ("what", "said"), _identity(card), ""
    verdict = card.run.verdict
    rules = [(rule.id, rule.outcome.value, rule.reason) for rule in verdict.rules]
    yield f"Verdict: {verdict.outcome.value}", ("rule", "outcome", "why"), rules, "The policy has no rules."
    for section in card.sections:
        yield f"Measured: {section.threat.value.replace('-', ' ')}", _NUMBERS, [_numbers(taken) for taken in section.measurements], ""
    findings = [(one.finding.severity.value, one.status.value, one.finding.title, one.finding.message, one.finding.check) for one in card.findings]
    yield "Weaknesses", ("severity", "status", "what", "details", "check"), findings, "None was found by the checks of this run."
    gaps = [(gap.check, gap.code.value, gap.reason, gap.remedy) for gap in card.not_examined]
    yield "Not examined", ("check", "code", "why", "what helps"), gaps, "Nothing was left out by the checks of this run."
    roots = "; ".join(f"{root.path} {root.commit}{' with uncommitted changes' if root.dirty else ''}".strip() for root in run.roots)
    came = [
        ("run", run.id), ("finished", run.finished), ("tool", f"{run.tool.name} {run.tool.version}"), ("seed", str(run.seed)), ("source", roots),
        ("policy", f"{verdict.policy} ({verdict.policy_digest})"), ("digest of the results", run.results_digest),
    ]  # fmt: skip
    yield "Where every number comes from", ("what", "said"), came, ""


def _identity(card: ModelCard) -> list[tuple[str, str]]:
    model, file = card.model, card.file
    rows = [("path", model.path), ("digest of the model, its data and its settings", model.digest or "an endpoint: it may change")]
    rows += [("file", _file(file))] if file else []
    return rows + [(key, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)) for key, value in card.facts.items()]


def _file(file: Asset) -> str:
    verdict = f"; scan says {file.verdict.value}" if file.verdict else ""
    return f"{file.digest}, {file.size:,} bytes{verdict}"


def _numbers(taken: Measurement) -> tuple[str, ...]:
    if taken.blocked:
        return taken.name, taken.subject, "not usable", taken.blocked, "", _whole(taken.n), taken.method, ""
    ends = ["open" if end is None else f"{end:.4g}" for end in (taken.low, taken.high)]
    interval = f"{ends[0]} to {ends[1]}" if taken.level is not None else "none"
    level = f"{taken.level:.4g}" if taken.level is not None else ""
    bound = _BOUNDS[taken.bound.value if taken.bound else ""]
    return taken.name, taken.subject, _value(taken), interval, level, _whole(taken.n), taken.method, bound


def _value(taken: Measurement) -> str:
    if taken.value is None:
        return "unknown"
    return f"{taken.value:.4g}" if taken.unit in ("", "1") else f"{taken.value:.4g} {taken.unit}"


def _whole(n: int | None) -> str:
    return "" if n is None else f"{n:,}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Plain where that cannot mean anything, else a code span; a table ends a cell at every bar, even inside code."""
    if _PLAIN.fullmatch(text) and "www." not in text.lower():
        return text
    return markdown_text(text).replace("|", "\\|")


def _front_matter(card: ModelCard) -> Iterator[str]:
    """YAML in the form of ``model-index``, strings quoted as JSON (which YAML reads): numbers that may be used, by name and subject.

    Without a ``source``: the hub's library refuses a card whose source has no address, and a run has none.
    """
    task = str(card.facts.get("task", "table"))
    name = _quoted(card.name)
    yield f"tags: [aisecops]\nmodel-index:\n  - name: {name}\n    results:"
    yield f"      - task: {{type: {_HUB_TASKS.get(task, 'other')}}}"
    yield f'        dataset: {{name: "test set of the project", type: {_quoted(task)}}}'
    usable = [taken for section in card.sections for taken in section.measurements if taken.value is not None and not taken.blocked]
    yield "        metrics:" if usable else "        metrics: []"
    for taken in usable:
        said = {
            "type": inert(taken.name, 100), "name": inert(f"{taken.name} {taken.subject}".strip(), 200), "value": taken.value, "low": taken.low,
            "high": taken.high, "level": taken.level, "n": taken.n, "run": card.run.run.id,
        }  # fmt: skip
        yield f"          - {json.dumps({key: value for key, value in said.items() if value is not None}, ensure_ascii=False)}"


def _quoted(text: str) -> str:
    return json.dumps(inert(text, 100), ensure_ascii=False)
