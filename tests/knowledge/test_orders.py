"""What we know of orders to machines: the compiled file says what the YAML says, and the weights speak of concepts that the words have."""

from __future__ import annotations

import runpy
from pathlib import Path

from aisecops.knowledge import orders
from aisecops.knowledge.orders import knowledge

BUILD = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "build_orders.py"))
FOLDER = Path(orders.__file__).parent
MARKS = {"colon", "url", "mail", "call"}


def test_the_compiled_file_is_up_to_date():
    text, digest = BUILD["compiled"](knowledge().weights)
    assert (FOLDER / "data" / "orders.json").read_bytes() == text, "run `python tools/build_orders.py`"
    assert (FOLDER / "data" / "digest").read_bytes() == digest


def test_every_weight_is_of_a_concept_that_some_word_has():
    lexicon, weights = knowledge().lexicon, knowledge().weights
    listed = (*lexicon.words.values(), *lexicon.stems.values(), *lexicon.ideographs.values())
    concepts = {concept.rstrip("!=") for found in listed for concept in found} | {
        phrase[-1].rstrip("!=") for found in lexicon.phrases.values() for phrase in found
    }
    weighed = {
        *weights.alone,
        *weights.first,
        *weights.before,
        *weights.next,
        *(other for by in (weights.before, weights.next) for row in by.values() for other in row),
    }
    assert {concept.rstrip("!") for concept in weighed} <= concepts | MARKS


def test_a_mark_never_speaks_for_honesty():
    weights = knowledge().weights
    for table in (weights.before, weights.next):
        assert all(weight > 0 for one, row in table.items() for other, weight in row.items() if MARKS & {one, other})
    assert all(weights.alone.get(mark, 0.0) >= 0 for mark in MARKS)


def test_the_patterns_can_all_be_filled():
    made, twins = BUILD["spoken"](400)
    assert len(set(made)) > 300 and len(set(twins)) > 250
    assert not any("{" in text or "}" in text for text in (*made, *twins))


def test_what_the_judge_learns_from_is_in_the_tree():
    ordered, honest, documented = BUILD["written"]("orders"), BUILD["written"]("honest"), BUILD["documented"]()
    assert len(ordered) > 1_000 and len(honest) > 1_000 and len(documented) > 30_000
    assert not {passage for parts in ordered for passage in parts} & {passage for parts in honest for passage in parts}
