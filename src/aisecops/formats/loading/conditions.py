"""Permissions that depend on the arguments: a few reconstructors that every pickle uses take the class, or the name, that matters as an argument."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from aisecops.core.asset import FileVerdict
from aisecops.core.settings import Operation
from aisecops.core.text import inert
from aisecops.formats.pickle.trace import Argument, Global, Trace, Use
from aisecops.knowledge.callables import (
    ARRAY_MAKERS,
    HARMLESS_REFERENCES,
    ONLY_MADE,
    PLAIN_BASES,
    TEXT_ENCODINGS,
    VALUE_TYPES,
    VETTED,
    Condition,
    Ruling,
    Table,
)

_ALLOWED = Ruling(FileVerdict.CLEAN, "condition-holds", "its arguments are harmless")
_UNSEEN = Ruling(FileVerdict.BLOCK, "arguments-unseen", "what it does depends on its arguments, and the stream hides them")
_ESCAPED = Ruling(
    FileVerdict.BLOCK, "conditional-reference", "it is harmless only with certain arguments, and whatever the file hands it to chooses others"
)
"""``partial(getattr, f, "__globals__")`` and a ``defaultdict`` that calls it walk from any function to ``exec`` while the file loads, all of it allowed names."""
TYPE_OF_VALUE = Ruling(FileVerdict.CLEAN, "type-of-value", "it fetches the type of a plain value, such as that of None")
_ENDLESS = frozenset({("itertools", "count"), ("builtins", "range"), ("decimal", "Decimal"), ("_pydecimal", "Decimal")})
"""What counts up, or stands for more digits than it is written with. A stream without them may keep to itself what it fills a container with."""
_EXPONENT = re.compile(r"[eE]\+?[0-9]{4}")
_TENSORS = frozenset({("torch", "Tensor"), ("torch.nn.parameter", "Parameter"), ("torch.nn.parameter", "Buffer")})
"""What a tensor with attributes of its own is cast to: no instance of these is made for it."""
_MAKERS = (Condition.RECONSTRUCTOR, Condition.CLASS_FIRST)
_HANDLE_ESCAPED = Ruling(
    FileVerdict.BLOCK,
    "handle-class",
    "its instances free an address that they hold; named outside of making one, it can be given to an object whose address the file has chosen",
)
_FALSE_STATE = Ruling(
    FileVerdict.BLOCK, "handle-state", "its state decides which address it frees, and is no plain dictionary but an object with methods of its own"
)
_CLASS_ESCAPED = Ruling(
    FileVerdict.BLOCK,
    "class-escaped",
    "its instances run what their state holds; named outside of making one, it can be given to an object whose state nobody has read",
)
_STATE_UNSEEN = Ruling(FileVerdict.BLOCK, "state-unseen", "setting its state runs a text of that state, and the stream cannot be followed to it")
_OWN_METHOD = Ruling(
    FileVerdict.CLEAN, "own-method", "keeps a method of an object whose class, of a package that the table does not know, is judged by itself"
)
BY_VALUE = Ruling(FileVerdict.REVIEW, "function-by-value", "it builds functions or classes from byte code in the file")

Arguments = tuple[Argument, ...]


class Conditions:
    """Evaluates the conditions that the table names, on the arguments that the walk kept."""

    def __init__(self, trace: Trace, table: Table) -> None:
        self._trace = trace
        self._table = table

    def ruling(self, use: Use, named: Global) -> Ruling | None:
        """What the arguments of the call ``use`` make of it; None where they do not matter."""
        condition = self._table.condition(*named.resolved)
        if not condition or (use.operation is not Operation.CALL and use.operation is not Operation.REFERENCE and condition != Condition.BOUNDED):
            return None
        if condition in ONLY_MADE:
            return self._outside_of_making(use, _HANDLE_ESCAPED if condition == Condition.HANDLE else _CLASS_ESCAPED)
        if use.operation is Operation.REFERENCE:
            return None if condition in HARMLESS_REFERENCES or self._only_makes_arrays(use, named) else _ESCAPED
        if use.arguments is None:
            return None if condition == Condition.BOUNDED and _ENDLESS.isdisjoint(each.resolved for each in self._trace.globals) else _UNSEEN
        return self._EVALUATE[condition](self, use.arguments)

    def on_result(self, use: Use, maker: Use) -> Ruling:
        """Rule on ``use`` of what ``maker`` made: a state set, items added, or a call of it."""
        if maker.callee < 0:
            if use.operation is Operation.STATE and self._is_namespace(maker):
                return BY_VALUE
            return self._by_value_class(use.operation) if self._is_instance_by_value(maker) else COMPUTED
        named = self._trace.globals[maker.callee]
        condition = self._table.condition(*named.resolved)
        arguments = maker.arguments or ()
        made_of = self._made_of(maker)
        if use.arguments is not None and made_of is not None and self._table.condition(*made_of.resolved) == Condition.HANDLE:
            return _FALSE_STATE
        if use.operation is Operation.STATE and made_of is not None and self._table.condition(*made_of.resolved) in VETTED:
            return self._vetted(made_of)
        condition = condition if maker.operation is Operation.CALL else ""
        if condition == Condition.MEMBER:
            owner = self._global(arguments, 0)
            return COMPUTED if owner is None or len(arguments) < 2 else self._table.member(*owner.resolved, arguments[1].text, use.operation)
        if use.operation in (Operation.CALL, Operation.INSTANTIATE):
            return self._runs_result(named, condition, use.operation)
        if condition in _MAKERS:
            made = self._global(arguments, 0)
            return COMPUTED if made is None else self._table.rule(*made.resolved, use.operation)
        return self._table.rule(*named.resolved, use.operation)

    def _vetted(self, made_of: Global) -> Ruling:
        """Rule on the states that instances of such a class are given: by the worst of them."""
        given = [state for state in self._trace.states or () if (state.module, state.name) == made_of.resolved]
        if len(given) != sum(use.count for use in self._trace.uses if self._gives_state(use, made_of)):
            return _STATE_UNSEEN
        from aisecops.formats.loading.vetting import vet  # its patterns take a millisecond of every start, and few files have such states

        return max((vet(self._table.condition(*made_of.resolved), state) for state in given), key=lambda ruling: ruling.verdict.rank)

    def _gives_state(self, use: Use, made_of: Global) -> bool:
        """Whether ``use`` sets the state of an instance of that class."""
        made = self._made_of(self._trace.uses[use.origin]) if use.operation is Operation.STATE and use.origin >= 0 else None
        return made is not None and made.resolved == made_of.resolved

    def _made_of(self, maker: Use) -> Global | None:
        """The class of what ``maker`` made; None where that cannot be told."""
        if maker.callee < 0:
            return None
        named = self._trace.globals[maker.callee]
        return self._global(maker.arguments or (), 0) if self._table.condition(*named.resolved) in _MAKERS else named

    def _outside_of_making(self, use: Use, escaped: Ruling) -> Ruling | None:
        """Rule on a class that is named elsewhere than in the calls of reconstructors that make its instances."""
        makes = sum(
            other.count
            for other in self._trace.uses
            if other.operation is Operation.CALL
            and other.callee >= 0
            and other.arguments
            and other.arguments[0] == Argument("global", index=use.callee)
            and self._table.condition(*self._trace.globals[other.callee].resolved) in _MAKERS
        )
        return None if use.operation is Operation.REFERENCE and use.count <= makes else escaped

    def _runs_result(self, named: Global, condition: str, operation: Operation) -> Ruling:
        """Rule on running what a call made: only the parts of functions by value are made to be built further."""
        if condition == Condition.VALUE_TYPE:
            return BY_VALUE
        if operation is Operation.INSTANTIATE and self._table.rule(*named.resolved, Operation.CALL).rule == BY_VALUE.rule:
            return self._by_value_class(operation)
        return COMPUTED

    def _is_namespace(self, use: Use) -> bool:
        """Whether ``use`` made a ``SimpleNamespace`` of a fetched type: plain attributes, and no hook of its own is looked up in them when they are set."""
        maker = self._trace.uses[use.origin] if use.origin >= 0 and use.operation is Operation.CALL else None
        return maker is not None and self._is_value_type(maker) and [argument.text for argument in maker.arguments or ()] == ["SimpleNamespace"]

    def _is_instance_by_value(self, use: Use) -> bool:
        """Whether ``use`` made an instance of a class that the stream built by value."""
        maker = self._trace.uses[use.origin] if use.origin >= 0 and use.operation is Operation.INSTANTIATE else None
        if maker is None or maker.callee < 0:
            return False
        return self._table.rule(*self._trace.globals[maker.callee].resolved, Operation.CALL).rule == BY_VALUE.rule

    def _by_value_class(self, operation: Operation) -> Ruling:
        """Rule on making an instance of a class by value, or giving it its state: its own hooks run then, if it has any."""
        if operation is Operation.CALL:
            return COMPUTED
        if self._trace.hooks:
            hooks = ", ".join(self._trace.hooks)
            return Ruling(
                FileVerdict.BLOCK, "class-by-value-hook", f"it makes an instance of a class by value that names hooks which run on load ({hooks})"
            )
        return BY_VALUE

    def _global(self, arguments: Arguments, index: int) -> Global | None:
        """The callable that stands at ``index``; None if something else does."""
        if index >= len(arguments) or arguments[index].kind != "global":
            return None
        return self._trace.globals[arguments[index].index]

    def _class_first(self, arguments: Arguments) -> Ruling:
        """The class named first is instantiated without its ``__init__``: judged as an instantiation of it. dill fetches the class of classes by a call."""
        if arguments and arguments[0].kind == "result" and self._is_value_type(self._trace.uses[arguments[0].index]):
            return BY_VALUE
        made = self._global(arguments, 0)
        return _UNSEEN if made is None else self._table.rule(*made.resolved, Operation.INSTANTIATE)

    def _reconstructor(self, arguments: Arguments) -> Ruling:
        base = self._global(arguments, 1) if len(arguments) == 3 else None
        if base is None:
            return _UNSEEN
        if base.resolved not in PLAIN_BASES:
            return Ruling(FileVerdict.BLOCK, "reconstructor-base", f"it initialises the instance through {inert('.'.join(base.resolved))}")
        return self._class_first(arguments)

    def _callable_first(self, arguments: Arguments) -> Ruling:
        function, made = self._global(arguments, 0), self._global(arguments, 1)
        if function is None or made is None or self._table.condition(*function.resolved):
            return _UNSEEN
        rulings = (
            self._table.rule(*function.resolved, Operation.CALL),
            self._table.rule(*made.resolved, Operation.CALL if made.resolved in _TENSORS else Operation.INSTANTIATE),
            self._table.rule(*made.resolved, Operation.STATE),
        )
        return max(rulings, key=lambda ruling: ruling.verdict.rank)

    def _only_makes_arrays(self, use: Use, named: Global) -> bool:
        """Whether a reconstructor of arrays is named only where another callable is given it to make one."""
        if named.resolved not in ARRAY_MAKERS:
            return False
        given = Argument("global", index=use.callee)
        return use.count <= sum(
            other.count
            for other in self._trace.uses
            if other.operation is Operation.CALL
            and other.callee >= 0
            and other.arguments
            and other.arguments[0] == given
            and self._table.condition(*self._trace.globals[other.callee].resolved) == Condition.ARRAY_MAKER
        )

    def _array_maker(self, arguments: Arguments) -> Ruling:
        maker = self._global(arguments, 0)
        if maker is None or maker.resolved not in ARRAY_MAKERS:
            return Ruling(FileVerdict.BLOCK, "array-maker", "it calls what it is given, and that is not the reconstructor of arrays")
        return _ALLOWED if len(arguments) in (3, 4) and all(argument.kind == "data" for argument in arguments[1:]) else _UNSEEN

    def _subscript(self, arguments: Arguments) -> Ruling:
        form = self._global(arguments, 0)
        known = form is not None and self._table.rule(*form.resolved, Operation.REFERENCE).rule == "stdlib/annotation"
        return (
            _ALLOWED
            if known
            else Ruling(FileVerdict.BLOCK, "subscript", "it takes an item out of an object, which may be one that answers with code")
        )

    def _encode(self, arguments: Arguments) -> Ruling:
        if len(arguments) == 2 and arguments[1].kind == "text" and arguments[1].text.lower() in TEXT_ENCODINGS:
            return _ALLOWED  # whatever is encoded: these codecs take text and nothing else
        return Ruling(FileVerdict.BLOCK, "encode-codec", "it encodes with a codec that pickling never uses")

    def _member(self, arguments: Arguments) -> Ruling:
        owner, made = self._global(arguments, 0), self._instance_of(arguments)
        if len(arguments) == 2 and arguments[1].kind == "text":
            if owner is not None:
                return self._table.member(*owner.resolved, arguments[1].text)
            if made is not None and self._table.has_member(*made.resolved, arguments[1].text):
                return self._table.member(*made.resolved, arguments[1].text)
            if made is not None and self._table.is_foreign(made.resolved[0]) and not arguments[1].text.startswith("__"):
                return _OWN_METHOD
        return Ruling(
            FileVerdict.BLOCK, "computed-attribute", "it takes an attribute of an object by name, which reaches anything that the object can reach"
        )

    def _instance_of(self, arguments: Arguments) -> Global | None:
        """The class of the instance of which a method is taken. What its state puts in the method's place is a value that the stream has anyway; either is only kept."""
        return self._made_of(self._trace.uses[arguments[0].index]) if arguments and arguments[0].kind == "result" else None

    def _named(self, arguments: Arguments) -> Ruling:
        if len(arguments) != 2 or any(argument.kind != "text" for argument in arguments):
            return _UNSEEN
        return self._table.rule(arguments[0].text, arguments[1].text, Operation.REFERENCE)

    def _import(self, arguments: Arguments) -> Ruling:
        if len(arguments) != 1 or arguments[0].kind != "text":
            return _UNSEEN
        return self._table.importable(arguments[0].text)

    def _value_type(self, arguments: Arguments) -> Ruling:
        if len(arguments) == 1 and arguments[0].kind == "text" and arguments[0].text in VALUE_TYPES:
            return BY_VALUE
        return Ruling(FileVerdict.BLOCK, "value-type", "it fetches a type that functions by value are not made of")

    def _is_value_type(self, use: Use) -> bool:
        return use.callee >= 0 and self._table.condition(*self._trace.globals[use.callee].resolved) == Condition.VALUE_TYPE

    def _type_of(self, arguments: Arguments) -> Ruling:
        if len(arguments) == 1 and arguments[0].kind in ("data", "text", "bytes"):
            return TYPE_OF_VALUE
        return Ruling(
            FileVerdict.BLOCK, "type-of-object", "it makes a class, or fetches that of an object, without the operations that make functions by value"
        )

    def _result_first(self, arguments: Arguments) -> Ruling:
        if arguments and arguments[0].kind == "result":
            maker = self._trace.uses[arguments[0].index]
            if maker.callee >= 0 and self._table.rule(*self._trace.globals[maker.callee].resolved, maker.operation).rule == BY_VALUE.rule:
                return BY_VALUE
        return Ruling(
            FileVerdict.BLOCK, "changes-foreign-object", "it changes an object that the file did not build by value: it may replace code of a library"
        )

    def _bounded(self, arguments: Arguments) -> Ruling:
        if not any(argument.kind == "result" or _EXPONENT.search(argument.text) for argument in arguments):
            return _ALLOWED
        return Ruling(FileVerdict.BLOCK, "unbounded", "it fills memory with what another call counts up, or with digits that the file only announces")

    def _nested_loader(self, arguments: Arguments) -> Ruling:
        """The reader takes the bytes of such an argument for a part of the file (``aisecops.formats.pickles``), so they are judged like the rest of it."""
        if len(arguments) == 1 and arguments[0].kind == "bytes":
            return Ruling(FileVerdict.CLEAN, "nested-file", "it loads a file from bytes in the stream, and that file was examined, too")
        return Ruling(FileVerdict.BLOCK, "nested-loader", "it loads a second file, without restriction, that does not stand in the stream as it is")

    _EVALUATE: ClassVar[dict[str, Callable[[Conditions, Arguments], Ruling]]] = {
        Condition.RECONSTRUCTOR: _reconstructor,
        Condition.CLASS_FIRST: _class_first,
        Condition.CALLABLE_FIRST: _callable_first,
        Condition.ARRAY_MAKER: _array_maker,
        Condition.SUBSCRIPT: _subscript,
        Condition.ENCODE: _encode,
        Condition.MEMBER: _member,
        Condition.NAMED: _named,
        Condition.IMPORT: _import,
        Condition.VALUE_TYPE: _value_type,
        Condition.RESULT_FIRST: _result_first,
        Condition.TYPE_OF: _type_of,
        Condition.BOUNDED: _bounded,
        Condition.NESTED_LOADER: _nested_loader,
    }
    """What decides on the arguments of a call; those of ``ONLY_MADE`` are about everything but calls."""


COMPUTED = Ruling(FileVerdict.BLOCK, "computed-callable", "it uses what an earlier call returned, so nobody can tell from the file what runs")
