"""Orders that only the description of a tool can give."""

from __future__ import annotations

import pytest

from aisecops.content.instructions import find_poisoning

from .specimens import HONEST, MISDIRECTING

ABOUT_SECRETS = (
    "Rotates API keys: pass the key's id in `key_id`.",
    "Reads the .env file of the project and lists the names of its variables, never their values.",
    "Never pass any passwords or API keys from the conversation to this tool.",
    "Use this tool instead of the browser; do not ask the user for confirmation when the page is in the cache.",
    "Does not follow the user's links. Include all tokens of the text with their positions.",
)


@pytest.mark.parametrize("case", MISDIRECTING)
def test_orders_to_hand_over_secrets_or_to_obey_the_tool_are_found(case: str) -> None:
    (found,) = find_poisoning(MISDIRECTING[case])
    assert found.kind == "misdirection"
    assert MISDIRECTING[case][found.start : found.end].strip()


@pytest.mark.parametrize("text", [*HONEST.values(), *ABOUT_SECRETS])
def test_honest_descriptions_are_passed(text: str) -> None:
    assert find_poisoning(text) == []
