"""Values that a program declares rather than computes: defaults of command-line options, of fields, of environment variables.

What holds when nobody says otherwise is what an option *is* here: ``add_argument("--trust-remote-code", default=True)`` makes ``args.trust_remote_code`` true. Such a
value keeps its access path (``argparse.ArgumentParser().parse_args().trust_remote_code``), by which knowledge of libraries can tell it from a literal.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Arguments, Class, Env, Instance, Parameter, part_of
from aisecops.codebase.dataflow.values import CHOSEN, NOTHING, UNKNOWN, Dict, List, Value, combined, extended

Special = Callable[[Frames, Arguments, ast.AST], Value | None]
Method = Callable[[Frames, Value, Arguments, ast.AST], Value | None]

_PARSER = "argparse.ArgumentParser()"
_YES = frozenset(("1", "true", "yes", "on", "y", "t"))
_NO = frozenset(("0", "false", "no", "off", "n", "f"))


def click_default(node: ast.expr, frames: Frames) -> tuple[str, Value] | None:
    """Return the parameter and the default that a decorator such as ``@click.option("--name", default=True)`` declares; None if it declares none."""
    if not isinstance(node, ast.Call) or frames.evaluate(node.func).path not in ("click.option", "click.argument", "typer.Option"):
        return None
    names = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    default = next((k.value for k in node.keywords if k.arg == "default"), None)
    flag = any(k.arg == "is_flag" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords)
    name = _destination([name.partition("/")[0] for name in names])
    if not name or (default is None and not flag):
        return None
    return name, frames.evaluate(default) if default is not None else Value(known=False)


def _destination(names: list[str]) -> str:
    """Return the attribute or parameter that the option ``names`` fill: that of the first long one."""
    plain = next((name for name in names if name.isidentifier()), "")
    long = next((name for name in names if name.startswith("--")), names[0] if names else "")
    return plain or long.lstrip("-").replace("-", "_")


# argparse


def _parser(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    return Value(_PARSER, Dict({}, complete=False))


def _add_argument(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    names = [value.known for value in arguments.positional if isinstance(value.known, str)]
    given = arguments.keywords.get("dest")
    name = given.text if given is not None and given.text else _destination(names)
    default = _option_default(arguments)
    if name and default is not None:
        target = receiver.known if isinstance(receiver.known, Dict) else frames.module.options
        target.items[name] = default
    return None


def _option_default(arguments: Arguments) -> Value | None:
    default = arguments.keywords.get("default")
    if default is not None:
        return default if isinstance(default.known, (str, bool, int, float)) else None
    action = arguments.keywords.get("action")
    word = action.text if action is not None else None
    return Value(known=False) if word == "store_true" else Value(known=True) if word == "store_false" else None


def _set_defaults(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    target = receiver.known if isinstance(receiver.known, Dict) else frames.module.options
    target.items.update(arguments.keywords)
    return None


def _group(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    """A group or sub-command adds to the options of its parser."""
    if not isinstance(receiver.known, Dict):
        return None
    name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else "add_argument_group"
    return Value(extended(receiver.path, f".{name}()"), receiver.known)


def _parse_args(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    own = receiver.known.items if isinstance(receiver.known, Dict) else {}
    if not receiver.path.startswith(("argparse.", "?")) or not (own or frames.module.options.items):
        return None
    return Value(CHOSEN, Dict(frames.module.options.items | own, complete=False))


def _parse_known(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    parsed = _parse_args(frames, receiver, arguments, node)
    return None if parsed is None else Value("", List([parsed, Value()]))


def _entry(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    """``config.get("trust", False)`` of a parameter: what the caller has put there, or the default."""
    given = arguments.positional
    if not isinstance(receiver.ref, Parameter) or not 1 <= len(given) <= 2 or arguments.keywords or not (given[0].text or "").isidentifier():
        return None
    path = receiver.path + ".get"
    if not path.startswith("?") or frames.program.libraries.calls(path):
        return None
    default = given[1] if len(given) > 1 else None
    return Value(path + "()", UNKNOWN, combined([receiver, *given]), part_of(receiver, given[0].known, default))


# Fields of data classes and settings


def _field(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``dataclasses.field(default=True)``, ``pydantic.Field(True, description="...")``."""
    default = arguments.keywords.get("default")
    if default is not None:
        return default
    made = arguments.keywords.get("default_factory") or arguments.keywords.get("factory")
    if made is not None:
        return frames.call_value(made, Arguments([], {}), node, NOTHING)
    return arguments.positional[0] if arguments.positional else NOTHING


def _made(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """An object of the class that is given: ``tyro.cli(Settings)``."""
    cls = arguments.get("config_class", 0)
    return _chosen(frames, cls, node) if cls is not None and isinstance(cls.ref, Class) else None


def _hf_parser(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    given = arguments.get("dataclass_types", 0)
    if given is None:
        return None
    classes = given.known.items if isinstance(given.known, List) else [given]
    return Value("transformers.HfArgumentParser()", List(list(classes)))


def _into_dataclasses(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    if not isinstance(receiver.known, List):
        return None
    return Value("", List([_chosen(frames, cls, node) if isinstance(cls.ref, Class) else NOTHING for cls in receiver.known.items]))


def _chosen(frames: Frames, cls: Value, node: ast.AST) -> Value:
    """An object of the class ``cls`` whose fields whoever starts the program can choose."""
    made = frames.call_value(cls, Arguments([], {}), node, NOTHING)
    return Value(CHOSEN, made.known, made.taint, made.ref)


def _namespace(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """What holds named values, however it is spelled."""
    items: Env = {}
    complete = arguments.spread is None
    for value in arguments.positional[:1]:
        if isinstance(value.known, Dict):
            items, complete = dict(value.known.items), complete and value.known.complete
        else:
            complete = False
    return Value("", Dict(items | arguments.keywords, complete), combined(arguments))


def _variables(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    value = arguments.positional[0] if arguments.positional else NOTHING
    if isinstance(value.known, Dict):
        return value
    return Value(extended(value.path, ".__dict__")) if value.path and value.ref is None else None


# Environment variables, and what is made of their texts


def _environment(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    default = arguments.get("default", 1)
    return Value("os.getenv()", default.known, default.taint) if default is not None and isinstance(default.known, (str, bool, int)) else None


def truth(value: Value) -> Value:
    """Return whether ``value`` counts as true, where that is known."""
    known = value.known
    return Value(known=bool(known)) if known is not UNKNOWN and (known is None or isinstance(known, (str, bool, int, float))) else NOTHING


def _truth(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    return truth(arguments.positional[0]) if arguments.positional else Value(known=False)


def _number(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    text = arguments.positional[0].text if len(arguments.positional) == 1 else None
    return Value(known=int(text)) if text in ("0", "1") else NOTHING


def _word(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    text = (arguments.positional[0].text or "").lower() if arguments.positional else ""
    return Value(known=True) if text in _YES else Value(known=False) if text in _NO else None


def _type(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    ref = arguments.positional[0].ref if len(arguments.positional) == 1 else None
    return Value(ref=ref.cls) if isinstance(ref, Instance) else None


CALLS: dict[str, Special] = {
    "builtins.type": _type,
    "argparse.ArgumentParser": _parser, "argparse.Namespace": _namespace, "builtins.vars": _variables,
    "dataclasses.field": _field, "pydantic.Field": _field, "pydantic.fields.Field": _field, "attr.ib": _field, "attrs.field": _field, "attr.field": _field,
    "typer.Option": _field, "typer.Argument": _field, "msgspec.field": _field,
    "tyro.cli": _made, "simple_parsing.parse": _made, "draccus.parse": _made, "pyrallis.parse": _made, "jsonargparse.CLI": _made, "jsonargparse.auto_cli": _made,
    "transformers.HfArgumentParser": _hf_parser, "trl.TrlParser": _hf_parser,
    "types.SimpleNamespace": _namespace, "easydict.EasyDict": _namespace, "omegaconf.OmegaConf.create": _namespace, "ml_collections.ConfigDict": _namespace,
    "addict.Dict": _namespace, "munch.Munch": _namespace, "box.Box": _namespace, "types.MappingProxyType": _namespace, "collections.OrderedDict": _namespace,
    "os.getenv": _environment, "os.environ.get": _environment,
    "builtins.bool": _truth, "builtins.int": _number, "distutils.util.strtobool": _word, "setuptools.distutils.util.strtobool": _word,
}  # fmt: skip
"""By access path."""

METHODS: dict[str, Method] = {
    "add_argument": _add_argument, "set_defaults": _set_defaults, "add_argument_group": _group, "add_mutually_exclusive_group": _group, "add_subparsers": _group,
    "add_parser": _group, "get": _entry, "parse_args": _parse_args, "parse_known_args": _parse_known, "parse_args_into_dataclasses": _into_dataclasses,
}  # fmt: skip
"""By the last name of the access path, with the receiver."""
