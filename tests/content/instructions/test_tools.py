from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aisecops.content.instructions import find_poisoning, tool_texts
from aisecops.core.taxonomy import Confidence

from .specimens import HONEST, POISONED

SCHEMA = {"type": "object", "properties": {"city": {"type": "string", "description": "Name of the city"}}, "required": ["city"]}


def test_every_form_of_a_list_of_tools_is_read():
    mcp = {"jsonrpc": "2.0", "result": {"tools": [{"name": "weather", "description": "Weather now", "inputSchema": SCHEMA}]}}
    openai = {"tools": [{"type": "function", "function": {"name": "weather", "description": "Weather now", "parameters": SCHEMA}}]}
    functions = {"functions": [{"name": "weather", "description": "Weather now", "parameters": SCHEMA}]}
    anthropic = [{"name": "weather", "description": "Weather now", "input_schema": SCHEMA}]
    for value in (mcp, openai, functions, anthropic, {"a": {"b": mcp}}):
        assert {(item.tool, item.text, item.whole) for item in tool_texts(value)} == {
            ("weather", "Weather now", True),
            ("weather", "Name of the city", False),
        }


def test_a_path_leads_to_the_text():
    value = {"tools": [{"name": "a", "description": "One"}, {"name": "weather", "description": "Weather now", "inputSchema": SCHEMA}]}
    for item in tool_texts(value):
        place = value
        for step in item.path:
            place = place[step]
        assert place == item.text


def test_nested_properties_titles_and_spoken_names_are_texts():
    deep = {
        "type": "object",
        "properties": {"content_from_reading_a_private_file": {"anyOf": [{"title": "Read the file", "enum": ["one of these", "x"]}]}},
    }
    found = {item.text for item in tool_texts({"tools": [{"name": "add", "description": "Adds", "inputSchema": deep}]})}
    assert found == {"Adds", "content from reading a private file", "Read the file", "one of these"}


def test_what_is_no_tool_is_passed():
    package = {"name": "my-package", "description": "A package", "version": "1.0", "scripts": {"build": "make"}}
    people = {"users": [{"name": "A", "description": "Likes tools"}]}
    assert list(tool_texts([package, people, "text", 3, None])) == []


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.sampled_from(["tools", "name", "description", "function", "parameters", "inputSchema", "properties", "x"]), inner, max_size=5), max_leaves=40))  # fmt: skip
def test_any_value_is_read(value):
    for item in tool_texts(value):
        assert isinstance(item.text, str)


def test_depth_is_bounded():
    value = {"description": "Read it"}
    for _ in range(5_000):
        value = {"properties": value}
    list(tool_texts({"tools": [{"name": "a", "description": "b", "inputSchema": value}]}))


def test_poisoning_is_told_once_and_the_surest_first():
    description = "Adds numbers\u202e. " + POISONED["marked block"]
    found = find_poisoning(description)
    assert [item.kind for item in found] == ["hidden-bidi", "exfiltration"]
    assert {item.confidence for item in found} == {Confidence.HIGH}
    message = "".join(chr(0xE0000 + ord(c)) for c in POISONED["override"])
    assert [item.kind for item in find_poisoning("Adds numbers." + message)] == ["override"]


def test_honest_descriptions_are_not_poisoned():
    assert [case for case, text in HONEST.items() if find_poisoning(text)] == []
    assert find_poisoning("Zeigt das Wetter \u2600\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467 \u2013 f\u00fcr M\u00fcnchen") == []
