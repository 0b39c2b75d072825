"""What an expression is: its abstract value."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable
from typing import Any

from aisecops.codebase.dataflow.answers import Shaped, declared_value, field_of, form_of, validator
from aisecops.codebase.dataflow.binding import bound, speaks_of_parameters, substituted, without_parameters
from aisecops.codebase.dataflow.chains import piped
from aisecops.codebase.dataflow.consent import SAID_YES
from aisecops.codebase.dataflow.files import named
from aisecops.codebase.dataflow.guards import Guards, dotted_name
from aisecops.codebase.dataflow.program import (
    Annotation,
    Arguments,
    Bound,
    Choice,
    Class,
    Env,
    Function,
    Instance,
    Later,
    Module,
    Parameter,
    Partial,
    part_of,
)
from aisecops.codebase.dataflow.shared import STORES, shared_value
from aisecops.codebase.dataflow.values import (
    CHOSEN,
    CLEAN,
    MUTABLE,
    NONE,
    NOTHING,
    UNKNOWN,
    Dict,
    List,
    Mark,
    Prefix,
    Step,
    Taint,
    Value,
    combined,
    extended,
    fresh,
    joined,
    merged,
    pieces,
    tainted,
    without,
)
from aisecops.codebase.syntax.walking import children

_BUILTINS = frozenset(dir(builtins))
_LONGEST_TEXT = 4096
_WHOLLY = frozenset(("all", "clean"))
"""Guards after which nothing is left to carry."""
_MOST_CHOICES = 40
_SCHEMAS = ("parameters", "input_schema", "inputSchema")
"""What describes a tool to a model, besides its name."""
_ANNOTATED = frozenset(("typing.Annotated", "typing_extensions.Annotated"))
_ADDRESSES = frozenset(("model-output-to-url",))
_CONSTANTS: dict[Any, Value] = {True: Value(known=True), False: Value(known=False), None: NONE}


class Expressions(Guards):
    """Evaluates expressions in the current environment."""

    def evaluate(self, node: ast.expr) -> Value:
        """Return what ``node`` is."""
        kind = type(node)
        if kind is _NAME:
            return self.lookup(node.id)  # type: ignore[attr-defined]
        value = EVALUATORS.get(kind, _PARTS)(self, node)
        if self.noted is not None:
            self.noted[id(node)] = value
        return value

    def tested(self, node: ast.expr) -> tuple[bool, bool]:
        """Evaluate a condition; return whether a person has said yes where it holds, and where it does not."""
        noted, self.noted = self.noted, {}
        self.evaluate(node)
        agreed = self.agreed(node)
        self.noted = noted
        return agreed

    def _parts(self, node: ast.expr) -> Value:
        """Anything else: carries what its parts carry."""
        return Value(taint=combined([self.evaluate(part) for part in children(node) if isinstance(part, ast.expr)]))

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if type(value) is str:
            return Value("", value, named(self.module.files, value) if self.module.files else None)
        if value is True or value is False or value is None:
            return _CONSTANTS[value]
        return Value("", value)

    def lookup(self, name: str) -> Value:
        """Return what ``name`` means here."""
        value = self.env.get(name)
        if value is None and self.closure is not None and name in self.closure:
            value = self.closure[name]
        if value is not None:
            return value if type(value.ref) is not Later else self._here(self.env, name, value)
        value = self.module.env.get(name)
        if value is not None:
            if type(value.ref) is Later:
                value = self._here(self.module.env, name, value)
            if self.module.settled:
                return fresh(value)
            if value.known is not UNKNOWN and value.ref is None:
                self.program.reads(name, None)
            return value
        if name in _BUILTINS:
            return self.builtin(name)
        if len(self.module.stars) == 1:
            return Value(f"{self.module.stars[0]}.{name}")
        return Value("?" + name)

    def _here(self, env: Env, name: str, value: Value) -> Value:
        """What ``value`` puts off, which ``name`` in ``env`` means from now on."""
        value = self.program.now(value)
        if name in env:
            env[name] = value
        return value

    def _attribute(self, node: ast.Attribute) -> Value:
        if self.dotted and (key := dotted_name(node)) and (found := self.env.get(key)) is not None:
            return found
        return self.attribute(self.evaluate(node.value), node.attr, node)

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """Return ``value.name``."""
        ref = value.ref
        if ref is not None:
            if isinstance(ref, Module):
                member = ref.env.get(name)
                if member is not None:
                    return self.program.now(member)
                return self.submodule(ref, name) or Value(f"{ref.name}.{name}", taint=value.taint)
            if isinstance(ref, Instance):
                if name == "__class__":
                    return Value(ref=ref.cls)
                found = self._of_instance(value, ref, name, node)
                if found is not None:
                    return found
            elif isinstance(ref, Class):
                method = ref.method(name)
                if method is not None:
                    return Value(ref=method if method.is_static else Bound(method, value))
                self.program.make(ref)
                stored = ref.field(name)
                if stored is not None:
                    return stored
                if ref.library:
                    return validator(ref, name) or Value(f"{ref.library}.{name}")
            elif isinstance(ref, Shaped) and (of_form := field_of(ref, name, value.taint)) is not None:
                return of_form
        path = extended(value.path, "." + name)
        taint = value.taint
        if path and (found_source := self.program.libraries.attribute_labels(path)):
            taint = merged(taint, self.marks(found_source, node, path))
        elif taint and path and (harmless := self.program.libraries.attribute_guards(path)):
            taint = without(Value(taint=taint), None if harmless & _WHOLLY else harmless).taint
        known = value.known
        if isinstance(known, Dict) and name in known.items:
            item = known.items[name]
            return Value(item.path or path, item.known, merged(item.taint, taint if taint is not value.taint else None), item.ref)
        result = Value(path, UNKNOWN, taint, (part_of(value, name) or form_of(value)) if ref is not None else None)
        return shared_value(self, value.path, name, result) if value.path.endswith(STORES) else result

    def _of_instance(self, value: Value, ref: Instance, name: str, node: ast.AST) -> Value | None:
        cls = ref.cls
        method = cls.method(name)
        if method is not None:
            if method.is_property:
                return self.call_function(method, [value], {}, node)
            if method.is_abstract and (made := self._overriding(cls, name)):
                bound_methods = [Value(ref=Bound(one, value)) for one in made[:_MOST_CHOICES]]
                return Value(ref=Choice(bound_methods)) if len(bound_methods) > 1 else bound_methods[0]
            return Value(ref=method if method.is_static else Bound(method, value))
        self.program.make(cls)
        self.program.reads(name, cls)
        stored = cls.field(name)
        if stored is not None and speaks_of_parameters(stored):
            stored = self.kept(cls, stored)
        declared = cls.declared(name)
        if declared is not None and declared.known is CLEAN:
            return without(stored, None) if stored is not None else NOTHING
        if stored is not None and value.path == CHOSEN and not stored.path:
            stored = Value(extended(CHOSEN, "." + name), stored.known, stored.taint, stored.ref)
        if stored is not None and not (declared is not None and stored.known is None):
            return tainted(stored, merged(stored.taint, value.taint)) if value.taint else stored
        if declared is not None:
            return declared_value(declared, value.taint)
        if not cls.library:
            return Value("?" + name, UNKNOWN, value.taint)
        return None

    def _overriding(self, cls: Class, name: str) -> list[Function]:
        """The methods of classes derived from ``cls`` that do what its own only promises."""
        classes = {id(c): c for module in (cls.module, self.module) for c in module.classes}
        return [c.methods[name] for c in classes.values() if c is not cls and name in c.methods and any(one is cls for one in c.lineage())]

    def kept(self, cls: Class, stored: Value) -> Value:
        """What the constructor has kept of its arguments, as another method finds it: its defaults, if nothing more is known."""
        init = cls.method("__init__")
        if init is None or self.function is None or self.function is init or self.function.name in ("__init__", "__post_init__"):
            return stored
        key = id(stored), self.module.path
        known = cls.kept.get(key)
        if known is not None:
            return known[1]
        found = self._left_to_defaults(stored, init)
        if type(found.known) not in MUTABLE:
            cls.kept[key] = stored, found
        return found

    def _left_to_defaults(self, stored: Value, init: Function) -> Value:
        """What ``stored``, which says what the callers of ``init`` give, is where they give nothing."""
        defaults = bound(init, Arguments([], {}))
        if isinstance(stored.ref, Parameter) and stored.ref.name not in defaults:
            return without_parameters(stored)
        return without_parameters(substituted(stored, defaults, Step(self.module.path, 1, ""), self.program))

    def _subscript(self, node: ast.Subscript) -> Value:
        value = self.evaluate(node.value)
        index = node.slice
        if value.path in _ANNOTATED:
            return Value("typing.Annotated[]", ref=Annotation(node))
        if isinstance(index, ast.Slice):
            known = value.known
            if isinstance(known, str):
                return tainted(Value(known=Prefix("", (known,))), value.taint)
            return Value(value.path, UNKNOWN, value.taint)
        if self.dotted and (key := dotted_name(node)) and (found := self.env.get(key)) is not None:
            return found
        return self.item(value, self.evaluate(index), node)

    def item(self, value: Value, key: Value, node: ast.AST) -> Value:
        """Return ``value[key]``."""
        known = value.known
        at = key.known
        if isinstance(known, Dict):
            if isinstance(at, (str, int)) and at in known.items:
                return known.items[at]
            if at is UNKNOWN and known.complete and known.items:
                # Looked up in a table of the program's own: whoever chose the key gets nothing but what stands there.
                taint = combined(known.items.values())
                first = next(iter(known.items.values()))
                functions = [item for item in list(known.items.values())[:_MOST_CHOICES] if _is_callable(item)]
                return Value(first.path, UNKNOWN, taint, Choice(functions) if len(functions) > 1 else first.ref)
        if isinstance(known, List) and isinstance(at, int) and -len(known.items) <= at < len(known.items):
            return known.items[at]
        if isinstance(at, str) and value.path.endswith(("sys.modules", ".__dict__")) and at.isidentifier():
            return self._looked_up(value.path, at, node)
        path = extended(value.path, "[]")
        taint = value.taint
        if path and (found := self.program.libraries.attribute_labels(path)):
            taint = merged(taint, self.marks(found, node, path))
        if isinstance(value.ref, Shaped) and isinstance(at, str) and (of_form := field_of(value.ref, at, taint)) is not None:
            return of_form
        result = Value(path, UNKNOWN, taint, (part_of(value, at) or form_of(value)) if value.ref is not None else None)
        return shared_value(self, value.path, at, result) if value.path.endswith(STORES) else result

    def _looked_up(self, path: str, name: str, node: ast.AST) -> Value:
        """``sys.modules["pickle"]``, ``pickle.__dict__["loads"]``."""
        if path == "sys.modules":
            return self.program.imported(self.module, name)
        return self.attribute(Value(path.removesuffix(".__dict__")), name, node)

    def _joined(self, node: ast.JoinedStr) -> Value:
        parts: list[Value] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.evaluate(part.value)
                if part.format_spec is not None:
                    self.evaluate(part.format_spec)
                parts.append(value)
            else:
                parts.append(self.evaluate(part))
        return concatenated(parts)

    def _formatted(self, node: ast.FormattedValue) -> Value:
        return self.evaluate(node.value)

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self._operands(node)
        return left if right is None else self._operation(node.op, left, right, node)

    def _operands(self, node: ast.BinOp) -> tuple[Value, Value | None]:
        """Evaluate both sides; a long chain of operators of one kind is walked, not recursed into: generated code adds up hundreds of texts."""
        chain = [node]
        while isinstance(chain[-1].left, ast.BinOp):
            chain.append(chain[-1].left)
        value = self.evaluate(chain[-1].left)
        for link in reversed(chain[1:]):
            value = self._operation(link.op, value, self.evaluate(link.right), link)
        return value, self.evaluate(node.right)

    def _operation(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        if isinstance(op, ast.Add):
            if isinstance(left.known, List):
                items = right.known.items if isinstance(right.known, List) else []
                whole = isinstance(right.known, List) and left.known.complete and right.known.complete
                return Value(left.path, List([*left.known.items, *items], complete=whole), merged(left.taint, right.taint))
            if left.path.startswith("guidance.models."):  # a model to which text is added is the model, with what it has written so far
                return tainted(left, merged(left.taint, right.taint))
            return concatenated([left, right])
        if isinstance(op, ast.Mod) and isinstance(left.known, str) and (filled := _filled_in(left.known, right)) is not None:
            return tainted(filled, merged(left.taint, filled.taint))
        if isinstance(op, ast.Mod) and isinstance(left.known, (str, Prefix)):
            known = left.known
            text = known if isinstance(known, str) else known.text
            start = text.partition("%")[0]
            return Value(known=Prefix(start, tuple(p for p in text.split("%s") if p)), taint=merged(left.taint, right.taint))
        if isinstance(op, ast.Div):
            return Value(left.path or right.path, UNKNOWN, merged(left.taint, right.taint), None)
        if isinstance(op, ast.BitOr) and isinstance(left.known, Dict) and isinstance(right.known, Dict):
            both = Dict(left.known.items | right.known.items, left.known.complete and right.known.complete)
            return Value("", both, merged(left.taint, right.taint))
        if isinstance(op, ast.BitOr):
            return piped(self, left, right, node)
        if isinstance(op, (ast.Mult, ast.Pow)) and isinstance(left.known, (int, float)) and isinstance(right.known, (int, float)):
            return Value(known=_number(op, left.known, right.known)) if isinstance(getattr(node, "right", None), ast.Constant) else Value()
        return Value("", UNKNOWN, merged(left.taint, right.taint)) if left.taint or right.taint else NOTHING

    def _bool(self, node: ast.BoolOp) -> Value:
        before, confirmed = self.env, self.confirmed
        noted, self.noted = self.noted, None  # each part is evaluated where those before it hold
        value: Value | None = None
        for part in node.values:
            found = self.evaluate(part)
            value = found if value is None else (joined(value, found) if isinstance(node.op, ast.Or) else found)
            refined = self.refined(part, self.env, truth=isinstance(node.op, ast.And))
            self.env = refined
            self.confirmed = self.confirmed or self.agreed(part)[isinstance(node.op, ast.Or)]
        self.confirmed, self.noted = confirmed, noted
        # Names bound on the way (`:=`) stay; what was learnt of `x.y` holds on that way alone.
        self.env = (
            before | {name: v for name, v in self.env.items() if name not in before and name.isidentifier()} if self.env is not before else before
        )
        return value or NOTHING

    def _conditional(self, node: ast.IfExp) -> Value:
        agreed = self.tested(node.test)
        before, confirmed = self.env, self.confirmed
        self.env, self.confirmed = self.refined(node.test, before, truth=True), confirmed or agreed[0]
        yes = self.evaluate(node.body)
        self.env, self.confirmed = self.refined(node.test, before, truth=False), confirmed or agreed[1]
        no = self.evaluate(node.orelse)
        self.env, self.confirmed = before, confirmed
        return joined(yes, no)

    def _compare(self, node: ast.Compare) -> Value:
        left = self.evaluate(node.left)
        right = [self.evaluate(part) for part in node.comparators]
        if len(right) == 1 and left.path and self.confirms(left.path) and self.agreed(node)[0]:
            return Value(SAID_YES)
        return _compared(node.ops[0], left, right[0]) if len(right) == 1 else NOTHING

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.evaluate(node.operand)
        if isinstance(node.op, ast.Not):
            return _CONSTANTS[not value.known] if isinstance(value.known, bool) else NOTHING
        if isinstance(node.op, ast.USub) and isinstance(value.known, (int, float)):
            return Value(known=-value.known)
        return NOTHING

    def _tuple(self, node: ast.Tuple | ast.List | ast.Set) -> Value:
        items: list[Value] = []
        complete = True
        for element in node.elts:
            if isinstance(element, ast.Starred):
                value = self.evaluate(element.value)
                if isinstance(value.known, List):
                    items += value.known.items
                    complete = complete and value.known.complete
                else:
                    items.append(self.element(value))
                    complete = False
            else:
                items.append(self.evaluate(element))
        return Value("", List(items, complete), combined(items))

    def _dict(self, node: ast.Dict) -> Value:
        items: dict[Any, Value] = {}
        complete = True
        for key, value_node in zip(node.keys, node.values, strict=True):
            value = self.evaluate(value_node)
            if key is None:
                if isinstance(value.known, Dict):
                    items |= value.known.items
                    complete = complete and value.known.complete
                else:
                    complete = False
                    items[("**", len(items))] = value
                continue
            at = self.evaluate(key)
            name = at.known if isinstance(at.known, (str, int, bool, float)) else ("?", len(items))
            items[name] = tainted(value, merged(value.taint, at.taint)) if at.taint else value
        if self.recording and "name" in items and not items.keys().isdisjoint(_SCHEMAS) and (described := items["name"].text):
            self.module.described.add(described)
        return Value("", Dict(items, complete), combined(items.values()))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        before = self.env
        self.env = dict(before)
        self.loops += 1
        for generator in node.generators:
            self.assign(generator.target, self.element(self.evaluate(generator.iter)))
            for test in generator.ifs:
                self.evaluate(test)
                self.env = self.refined(test, self.env, truth=True)
        if isinstance(node, ast.DictComp):
            key, value = self.evaluate(node.key), self.evaluate(node.value)
            result = Value("", Dict({("?", 0): value}, complete=False), merged(key.taint, value.taint))
        else:
            value = self.evaluate(node.elt)
            result = Value("", List([value], complete=False), value.taint)
        walrus = {name: v for name, v in self.env.items() if name in self.walrus}
        self.loops -= 1
        self.env = before | walrus if walrus else before
        return result

    def _lambda(self, node: ast.Lambda) -> Value:
        return Value(ref=self.make_lambda(node))

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        self.walrus.add(node.target.id)
        self.assign(node.target, value)
        return value

    def _await(self, node: ast.Await) -> Value:
        return self.evaluate(node.value)

    def _starred(self, node: ast.Starred) -> Value:
        return self.element(self.evaluate(node.value))

    def _yield(self, node: ast.Yield) -> Value:
        if node.value is not None:
            value = self.evaluate(node.value)
            self.returns.append(Value("", List([value], complete=False), value.taint))
        return NOTHING

    def _yield_from(self, node: ast.YieldFrom) -> Value:
        self.returns.append(self.evaluate(node.value))
        return NOTHING

    def element(self, value: Value) -> Value:
        """Return what iterating over ``value`` gives."""
        known = value.known
        if isinstance(known, List) and known.items:
            result = known.items[0]
            for item in known.items[1:40]:
                result = joined(result, item)
            return result
        if isinstance(known, Dict):
            return Value("", UNKNOWN, None)
        if isinstance(value.ref, (Function, Class, Module)):
            return NOTHING
        return Value(extended(value.path, "[]"), UNKNOWN, value.taint, form_of(value))

    def marks(self, labels: tuple[str, ...], node: ast.AST, what: str) -> Taint:
        """Return marks for labels that begin at ``node``."""
        step = Step(self.module.path, getattr(node, "lineno", 1), f"{what} gives {' and '.join(_WORDS.get(label, label) for label in labels)}")
        return {label: Mark((step,)) for label in labels}


_WORDS = {
    "untrusted": "what somebody outside controls",
    "model-output": "what a model has written",
    "tool-call": "what a model wants to call",
    "retrieved": "what a store of documents holds",
    "archive-name": "the name of a file inside an archive",
    "fetched": "a file that was just downloaded",
    "sent-file": "a file that somebody has sent",
    "command-line": "what the command line says",
    "secret": "a secret",
    "personal": "personal data",
    "prompt": "a prompt",
    "all-data": "all data",
    "train": "training data",
    "test": "test data",
}


def _number(op: ast.Mult | ast.Pow, left: float, right: float) -> Any:
    """``60 * 60`` or ``10**9``, if that is no number of absurd length."""
    if isinstance(op, ast.Mult):
        return left * right
    return left**right if 0 <= right <= 64 and abs(left) <= 1024 else UNKNOWN


def _compared(op: ast.cmpop, left: Value, right: Value) -> Value:
    """Return what comparing two constants gives: ``os.getenv("TRUST", "1") == "1"``."""
    if not isinstance(left.known, (str, int)):
        return NOTHING
    if isinstance(op, (ast.Eq, ast.NotEq)) and isinstance(right.known, (str, int)):
        return _CONSTANTS[(left.known == right.known) is isinstance(op, ast.Eq)]
    if isinstance(op, (ast.In, ast.NotIn)) and isinstance(right.known, List) and right.known.complete:
        items = [item.known for item in right.known.items]
        if all(isinstance(item, (str, int)) for item in items):
            return _CONSTANTS[(left.known in items) is isinstance(op, ast.In)]
    return NOTHING


def _filled_in(text: str, right: Value) -> Value | None:
    """Return ``text % right`` where each place of ``text`` has its value; None where that is not plain."""
    values = right.known.items if isinstance(right.known, List) and right.known.complete else [right]
    pieces = re.split(r"%[-+ 0-9.]{0,8}[sdi]", text) if len(text) <= _LONGEST_TEXT else []
    if len(pieces) != len(values) + 1 or any("%" in piece for piece in pieces):
        return None
    parts = [Value(known=pieces[0])]
    for value, piece in zip(values, pieces[1:], strict=True):
        number = isinstance(value.known, int) and not isinstance(value.known, bool)
        parts += [Value(known=str(value.known), taint=value.taint) if number else value, Value(known=piece)]
    return concatenated(parts)


def _is_callable(value: Value) -> bool:
    """Whether it is a function: of the project, partly called, or one that a library offers under its name."""
    if isinstance(value.ref, (Function, Bound, Partial)):
        return True
    return value.ref is None and value.known is UNKNOWN and "." in value.path and not value.path.endswith((")", "]"))


def concatenated(parts: list[Value]) -> Value:
    """Return the text that ``parts`` make, one after the other."""
    if not parts:
        return Value(known="")
    if all(isinstance(part.known, str) for part in parts):
        text = "".join(part.known for part in parts)
        if len(text) <= _LONGEST_TEXT:
            return Value(known=text, taint=combined(parts))
    if all(isinstance(part.known, (int, float)) and not isinstance(part.known, bool) for part in parts):
        return Value(taint=combined(parts))
    if parts[0].known is UNKNOWN and not parts[0].taint and any("/" in part.start for part in parts[1:2]):
        parts = [parts[0], parts[1], *(without(part, _ADDRESSES) for part in parts[2:])]  # f"{BASE}/items/{name}": the host is the owner's
    start = ""
    found: list[str] = []
    whole = True
    for part in parts:
        if whole and isinstance(part.known, str):
            start += part.known[:_LONGEST_TEXT]
        elif whole and isinstance(part.known, Prefix):
            start += part.known.text
            whole = False
        else:
            whole = False
        found += pieces(part)
    return Value(known=Prefix(start[:_LONGEST_TEXT], tuple(found[:24])) if found else UNKNOWN, taint=combined(parts), path=_only_path(parts))


def _only_path(parts: list[Value]) -> str:
    """What stands alone in an f-string is still itself: ``f"{code}"``."""
    return parts[0].path if len(parts) == 1 else ""


_NAME = ast.Name
_PARTS: Callable[[Any, Any], Value] = Expressions._parts
EVALUATORS: dict[type[ast.expr], Callable[[Any, Any], Value]] = {
    ast.Constant: Expressions._constant,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.JoinedStr: Expressions._joined,
    ast.FormattedValue: Expressions._formatted,
    ast.BinOp: Expressions._binary,
    ast.BoolOp: Expressions._bool,
    ast.IfExp: Expressions._conditional,
    ast.Compare: Expressions._compare,
    ast.UnaryOp: Expressions._unary,
    ast.Tuple: Expressions._tuple,
    ast.List: Expressions._tuple,
    ast.Set: Expressions._tuple,
    ast.Dict: Expressions._dict,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.Lambda: Expressions._lambda,
    ast.NamedExpr: Expressions._walrus,
    ast.Await: Expressions._await,
    ast.Starred: Expressions._starred,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield_from,
}
"""By type of node; calls are added by those who know them (``aisecops.codebase.dataflow.calls``)."""
