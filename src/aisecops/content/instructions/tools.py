"""The descriptions of tools in JSON and YAML: every text of a tool's definition that a model reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

_SCHEMAS = ("inputSchema", "input_schema", "parameters", "args_schema", "argsSchema", "schema", "input", "arguments", "outputSchema", "output_schema")
_TEXTS = frozenset(
    {"description", "title", "instructions", "usage", "example", "examples", "default", "const", "pattern", "errorMessage", "$comment", "prompt"}
)
_DEEPEST = 40
_MOST_TEXTS = 20_000
_SPOKEN_NAME = 25
"""Characters from which on the name of a parameter may be a sentence (``content_from_reading_ssh_id_rsa``)."""


class ToolText(msgspec.Struct, frozen=True):
    """A text that describes a tool to a model.

    ``tool``: the tool's name. ``path``: the keys and indices that lead to the text from the value that was read. ``whole``: whether it is the tool's own description.
    """

    tool: str
    path: tuple[str | int, ...]
    text: str
    whole: bool = False


def tool_texts(value: Any) -> Iterator[ToolText]:
    """Yield the texts of all tool definitions in ``value``, as a JSON or YAML reader gives it.

    MCP's ``tools/list``, OpenAI's functions and tools, Anthropic's tools and plain lists of tools are known.

    A definition is a mapping with a name and a schema of parameters, or a name and a description within a list called tools, functions, prompts or resources. Names
    of parameters that are long enough to be sentences count as text, with spaces for underscores. At most 20,000 texts and 40 levels are read.
    """
    texts = _definitions(value, (), listed=False)
    for text, _ in zip(texts, range(_MOST_TEXTS), strict=False):
        yield text


def _definitions(value: Any, path: tuple[str | int, ...], *, listed: bool) -> Iterator[ToolText]:
    if len(path) > _DEEPEST:
        return
    if isinstance(value, Mapping):
        if _is_definition(value, listed=listed):
            yield from _texts_of(str(value["name"]), value, path)
            return
        for key, item in value.items():
            yield from _definitions(item, (*path, str(key)), listed=_is_list_of_tools(key) or (listed and key == "function"))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _definitions(item, (*path, index), listed=listed)


def _is_list_of_tools(key: Any) -> bool:
    return str(key).lower() in ("tools", "functions", "function", "prompts", "resources", "resourcetemplates", "actions", "skills")


def _is_definition(value: Mapping[Any, Any], *, listed: bool) -> bool:
    if not isinstance(value.get("name"), str) or not value["name"]:
        return False
    has_schema = any(isinstance(value.get(key), Mapping) for key in _SCHEMAS)
    return (isinstance(value.get("description"), str) and (has_schema or listed)) or (has_schema and listed)


def _texts_of(tool: str, value: Any, path: tuple[str | int, ...], depth: int = 0) -> Iterator[ToolText]:
    """Every string below a tool's definition that a model reads as words; names of types and formats are not."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            place = (*path, str(key))
            if isinstance(item, str):
                if str(key) in _TEXTS and len(item) > 3:
                    yield ToolText(tool, place, item, whole=depth == 0 and key == "description")
            elif isinstance(item, Mapping | list | tuple):
                if _speaks(str(key)) and isinstance(item, Mapping):
                    yield ToolText(tool, place, str(key).replace("_", " ").replace("-", " "))
                yield from _texts_of(tool, item, place, depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            if isinstance(item, str):
                if " " in item:
                    yield ToolText(tool, (*path, index), item)
            else:
                yield from _texts_of(tool, item, (*path, index), depth + 1)


def _speaks(key: str) -> bool:
    return len(key) >= _SPOKEN_NAME and ("_" in key or "-" in key)
