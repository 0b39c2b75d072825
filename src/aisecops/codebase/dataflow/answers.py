"""Answers that a model was made to give in a form: their fields are what a class of the project says.

``client.chat.completions.parse(response_format=Plan)`` gives something that holds a ``Plan`` somewhere inside (``.choices[0].message.parsed``); where exactly
differs from library to library and from release to release, so every name along the way that is a field of ``Plan`` is taken for that field. A field that can
only be a number, one of an enumeration or one of a few literals carries nothing of what the model may have been talked into.
"""

from __future__ import annotations

from aisecops.codebase.dataflow.program import Arguments, Class
from aisecops.codebase.dataflow.values import CLEAN, NOTHING, UNKNOWN, Dict, List, Taint, Value, merged, tainted

_KEYWORDS = (
    "response_format",
    "response_model",
    "text_format",
    "output_type",
    "result_type",
    "output_schema",
    "output_cls",
    "response_schema",
    "pydantic_object",
)
_SETTINGS = ("config", "generation_config")
"""Arguments of which a key is one of these."""
_NAMING = (*_KEYWORDS, "schema")
_TELLING = frozenset((*_NAMING, *_SETTINGS))
_FIRST = frozenset((
    "with_structured_output", "as_structured_llm", "structured_predict", "PydanticOutputParser", "TypeAdapter", "with_types", "structured_output"
))  # fmt: skip
"""Callables whose first argument is the form."""
_DECODERS = {"msgspec.json.decode": "type", "msgspec.convert": "type", "msgspec.yaml.decode": "type"}
_VALIDATE = frozenset(("model_validate", "model_validate_json", "model_validate_strings", "parse_obj", "parse_raw", "validate", "from_json"))
_CLOSED = frozenset((
    "builtins.int", "builtins.float", "builtins.bool", "typing.Literal[]", "typing_extensions.Literal[]", "datetime.date", "datetime.datetime", "uuid.UUID"
))  # fmt: skip
_ENUMS = ("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag")


class Shaped:
    """What is, or somewhere inside holds, an instance of ``cls``. No class: it is one of a few values (a number, an enumeration, a literal)."""

    __slots__ = ("cls",)

    def __init__(self, cls: Class | None) -> None:
        self.cls = cls


class Prompt:
    """A prompt, or a chain that begins with one: the ``variables`` of its system message, and the form of what the chain gives."""

    __slots__ = ("form", "variables")

    def __init__(self, variables: frozenset[str], form: Shaped | None) -> None:
        self.variables = variables
        self.form = form


class Encoded:
    """What ``json.dumps`` has made of ``value``."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


def shape_of_class(value: Value) -> Shaped | None:
    """Return the form that the class or type ``value`` stands for; None if it stands for none that is known."""
    ref = value.ref
    if isinstance(ref, Class):
        return Shaped(None if ref.inherits(*_ENUMS) else ref)
    if isinstance(ref, Shaped):
        return ref
    if isinstance(value.known, List) and len(value.known.items) == 1:  # `[Plan]`
        return shape_of_class(value.known.items[0])
    return Shaped(None) if value.path in _CLOSED else None


def shape_of_call(callee: Value, name: str, arguments: Arguments, receiver: Value, *, is_source: bool) -> Shaped | None:
    """Return the form that the result of calling ``callee``, whose path ends with ``name``, has been given, here or on the way here (``receiver``)."""
    path = callee.path
    wanted: Value | None = None
    if arguments.positional and name in _FIRST:
        wanted = arguments.positional[0]
    elif path in _DECODERS:
        wanted = arguments.get(_DECODERS[path], 1)
    elif not _TELLING.isdisjoint(arguments.keywords):
        wanted = next((arguments.keywords[key] for key in _NAMING if key in arguments.keywords), None) or _in_settings(arguments)
    found = shape_of_class(wanted) if wanted is not None else None
    if found is None:
        found = form_of(callee) or form_of(receiver)
    if found is None and is_source:  # Runner.run_sync(agent, ...): the agent knows its form
        found = next((value.ref for value in arguments if isinstance(value.ref, Shaped)), None)
    return found


def _in_settings(arguments: Arguments) -> Value | None:
    for name in _SETTINGS:
        value = arguments.keywords.get(name)
        if value is None:
            continue
        if isinstance(value.ref, Shaped):
            return value
        if (
            isinstance(value.known, Dict)
            and (found := next((value.known.items[key] for key in _KEYWORDS if key in value.known.items), None)) is not None
        ):
            return found
    return None


def validator(cls: Class, name: str) -> Value | None:
    """Return ``cls.name`` where that makes an instance of ``cls`` from text or data, or refuses to; None where it is something else."""
    return Value(f"{cls.library}.{name}", ref=Shaped(cls)) if name in _VALIDATE and cls.library else None


def field_of(shape: Shaped, name: str, taint: Taint | None) -> Value | None:
    """Return the field ``name`` of an answer in the form ``shape`` that carries ``taint``; None where it has no such field."""
    declared = shape.cls.declared(name) if shape.cls is not None else None
    return declared_value(declared, taint) if declared is not None else None


def declared_value(declared: Value, taint: Taint | None) -> Value:
    """Return a value of which the annotation is ``declared`` and which carries ``taint``."""
    if declared.known is CLEAN:
        return NOTHING
    if isinstance(declared.known, List):
        return Value("", List([tainted(item, merged(item.taint, taint)) for item in declared.known.items], complete=False), taint)
    return Value(declared.path, UNKNOWN, taint, declared.ref)


def form_of(value: Value) -> Shaped | None:
    """Return the form that parts of ``value`` have, too."""
    ref = value.ref
    return None if ref is None else ref if isinstance(ref, Shaped) else ref.form if isinstance(ref, Prompt) else None
