"""``card``: the model card of a stored run."""

from __future__ import annotations

from aisecops.core.run import Run
from aisecops.evidence.model_card import model_card
from aisecops.report.card import as_html, as_markdown
from aisecops.workflows.gate import verify


def card(run: Run, *, model: str = "", html: bool = False) -> str:
    """Return the card of ``model`` (the only one, if left out) as Markdown or HTML.

    Raises
    ------
    RecordError
        The record was changed after the run, or the run asked no such model.
    """
    verify(run)
    found = model_card(run, model)
    return as_html(found) if html else as_markdown(found)
