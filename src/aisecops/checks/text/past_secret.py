"""Secrets in the files that a git repository once held: searched on request, since a history is much longer than a tree."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.text.telling_of_secrets import Spotted, spotted, weaknesses
from aisecops.codebase.history import HistoryGap, HistoryLimits, history
from aisecops.codebase.text import Text, TextPart
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Weakness
from aisecops.core.text import inert_path

_LANGUAGES = {"py": "python", "pyi": "python", "js": "javascript", "ts": "typescript", "go": "go", "java": "java", "sh": "shell"}


def past_secrets(root: str, salt: str, limits: HistoryLimits | None = None, *, follow: bool = True) -> Iterator[Weakness | NotExamined]:
    """Yield the secrets in the history of the repository at ``root`` that its work tree no longer holds, and what of the history was not searched.

    Their identity is that of the same secret in the tree, so a waiver for one covers the other. Locations name the path and line in the past file; the
    commit that brought it is in the evidence. ``follow``: see ``aisecops.codebase.history.history``.
    """
    found: list[Spotted] = []
    for item in history(root, limits, follow=follow):
        if isinstance(item, HistoryGap):
            yield NotExamined(code=Code(item.code), reason=f"history: {item.reason}", remedy=item.remedy)
        else:
            ending = item.path.rpartition(".")[2].lower()
            part = TextPart(Text(item.data.decode("utf-8", "replace")), "code", _LANGUAGES.get(ending, ending))
            found += spotted(part, inert_path(item.path), len(part.text.content), item.commit)
    yield from weaknesses(found, salt)
