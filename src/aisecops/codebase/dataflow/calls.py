"""What a call gives, and what it does on the way."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

from aisecops.codebase.dataflow.answers import Prompt, Shaped, shape_of_call
from aisecops.codebase.dataflow.assemblies import CALLS as ASSEMBLIES
from aisecops.codebase.dataflow.assemblies import METHODS as OF_ASSEMBLIES
from aisecops.codebase.dataflow.assemblies import Assembly, handed_in
from aisecops.codebase.dataflow.binding import bound, substituted, without_parameters
from aisecops.codebase.dataflow.chains import CALLS as CHAINS
from aisecops.codebase.dataflow.chains import SYSTEM_MESSAGE, filled
from aisecops.codebase.dataflow.expressions import EVALUATORS, Expressions, concatenated
from aisecops.codebase.dataflow.files import CALLS as FILES
from aisecops.codebase.dataflow.files import WRITES, Opened, written
from aisecops.codebase.dataflow.graphs import CALLS as GRAPHS
from aisecops.codebase.dataflow.graphs import METHODS as OF_GRAPHS
from aisecops.codebase.dataflow.guards import dotted_name
from aisecops.codebase.dataflow.matching import Judgement, judge
from aisecops.codebase.dataflow.options import CALLS, METHODS
from aisecops.codebase.dataflow.program import (
    MAKERS,
    Arguments,
    Bound,
    Call,
    Choice,
    Class,
    Deferred,
    Effect,
    Env,
    Function,
    Hit,
    Instance,
    Parameter,
    Partial,
    Span,
    Summary,
    Versions,
    part_of,
)
from aisecops.codebase.dataflow.python_calls import CALLS as OF_PYTHON
from aisecops.codebase.dataflow.shared import STORES, carry_out, keep, keep_global, place, shared_value
from aisecops.codebase.dataflow.values import (
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
    inner,
    joined,
    merged,
    passed,
    without,
)
from aisecops.knowledge.libraries.model import EVERYTHING

_MOST_DEFERRED = 60
_WORTH_ASKING = frozenset(("model-output-to-code", "model-output-to-shell", "model-output-to-sql", "model-output-to-path", "model-output-to-url"))
"""What is harmless if a person has seen it and said yes."""
_ACCEPTABLE = frozenset(("model-output-to-path", "model-output-to-url", "model-output-to-sql"))
"""What a function that looks at a path, an address or a statement may have made harmless."""
_NO_FOLDERS = frozenset(("model-output-to-path",))
_DEEPEST = 6
_LONGEST = 4096
_CALLING = frozenset((
    "map", "apply", "applymap", "transform", "imap", "imap_unordered", "starmap", "map_async", "apply_async", "submit", "foreach", "flatMap", "mapPartitions", "filter",
    "run_in_executor", "run_sync", "add_done_callback", "process", "delayed", "wrap", "register",
))  # fmt: skip
"""Methods that call what they are given."""
_MOST_PIECES = 64
_SHARING = frozenset(("get", "set", "pop", "setdefault"))
"""Methods of what a framework keeps for a program: the first argument is the name."""


class Calls(Expressions):
    """Evaluates calls."""

    current: Summary
    parameters: frozenset[str]
    recording: bool
    versions: Versions

    def span(self, node: ast.AST) -> Span:
        """Return where ``node`` stands."""
        raise NotImplementedError

    def call(self, node: ast.Call) -> Value:
        """Return what the call ``node`` gives, and note what it does."""
        function = node.func
        if not isinstance(function, ast.Attribute):
            return self.call_value(self.evaluate(function), self._arguments(node), node, NOTHING)
        receiver = self.evaluate(function.value)
        kept = self.env.get(dotted_name(function)) if self.dotted else None
        callee = kept if kept is not None else self.attribute(receiver, function.attr, function)
        if callee.ref is None and not callee.path and type(function.value) is ast.Name and self.program.libraries.names_tail(function.attr):
            callee = Value(f"?{function.value.id}.{function.attr}", callee.known, callee.taint)  # all that is known of it is its name
        if self.noted is not None:
            self.noted[id(function)] = callee
        arguments = self._arguments(node)
        if callee.ref is None or isinstance(callee.ref, (Parameter, Shaped, Opened)):
            result = self._method(function, receiver, arguments, node)
            if result is not None:
                return result
        return self.call_value(callee, arguments, node, receiver)

    def _arguments(self, node: ast.Call) -> Arguments:
        positional: list[Value] = []
        rest: Value | None = None
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                value = self.evaluate(argument.value)
                if isinstance(value.known, List) and value.known.complete and rest is None:
                    positional += value.known.items
                else:
                    rest = value if rest is None else joined(rest, value)
            else:
                positional.append(self.evaluate(argument))
        keywords: Env = {}
        spread: Value | None = None
        for keyword in node.keywords:
            value = self.evaluate(keyword.value)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value.known, Dict):
                keywords |= {name: item for name, item in value.known.items.items() if isinstance(name, str)}
                if not value.known.complete:
                    spread = value
            else:
                spread = value
        return Arguments(positional, keywords, rest, spread)

    def call_value(self, callee: Value, arguments: Arguments, node: ast.AST, receiver: Value) -> Value:
        """Return what calling ``callee`` gives."""
        ref = callee.ref
        if ref is None:
            return self._call_library(callee, arguments, node, receiver)
        if isinstance(ref, Partial):
            return self.call_value(ref.callee, ref.arguments.completed(arguments), node, receiver)
        if isinstance(ref, Bound):
            return self._call_project(ref.function, self._with_self(ref, arguments), node)
        if isinstance(ref, Function):
            return self._call_project(ref, arguments, node)
        if isinstance(ref, Choice):
            results = [self.call_value(one, arguments, node, receiver) for one in ref.values]
            return reduce(joined, results)
        if isinstance(ref, Class):
            return self._construct(ref, callee, arguments, node)
        if isinstance(ref, Instance):
            method = ref.cls.method("__call__") or ref.cls.method("forward")
            if method is not None:
                return self._call_project(
                    method, Arguments([callee, *arguments.positional], arguments.keywords, arguments.rest, arguments.spread), node
                )
        return self._call_library(callee, arguments, node, receiver)

    def _call_library(self, callee: Value, arguments: Arguments, node: ast.AST, receiver: Value) -> Value:
        result = None
        path = callee.path
        name = path[path.rfind(".") + 1 :]
        if (special := _SPECIAL.get(path)) is not None:
            result = special(self, arguments, node)
        elif (declared := _METHODS.get(name)) is not None:
            result = declared(self, receiver, arguments, node)
        outside = self._external(callee, name, arguments, node, receiver)
        return outside if result is None else result

    def _with_self(self, bound_method: Bound, arguments: Arguments) -> Arguments:
        return Arguments([bound_method.receiver, *arguments.positional], arguments.keywords, arguments.rest, arguments.spread)

    # Functions of the project

    def call_function(self, function: Function, positional: list[Value], keywords: Env, node: ast.AST) -> Value:
        """Return what ``function`` of the project gives for these arguments."""
        return self._call_project(function, Arguments(positional, keywords), node)

    def _call_project(self, function: Function, arguments: Arguments, node: ast.AST) -> Value:
        summary = self.program.summary(function)
        if self.insists(function):
            arguments = self._accepted(arguments, node)
        if summary.is_plain:  # no caller has a say in anything
            self._record_project(function, arguments, node)
            return summary.returns
        binding = bound(function, arguments)
        line = getattr(node, "lineno", 1)
        step = Step(self.module.path, line, f"passed to {function.name}()")
        for deferred in summary.deferred[:_MOST_DEFERRED]:
            self._redo(deferred, binding, step, node)
        for effect in summary.effects:
            self._effect(Effect(effect.fact, effect.path, effect.span, confirmed=effect.confirmed or self.confirmed, reached=effect.reached))
        if summary.stores:
            carry_out(self, summary, binding, step)
        if summary.checked and isinstance(node, ast.Call):
            self._checked_by(function, summary, node)
        self._record_project(function, arguments, node)
        back = Step(self.module.path, line, f"returned by {function.name}()")
        returned = substituted(summary.returns, binding, step, self.program)
        return passed(fresh(returned), back)

    def _accepted(self, arguments: Arguments, node: ast.AST) -> Arguments:
        """The arguments of a call that comes back only if they are acceptable; so they are from here on."""
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)] if isinstance(node, ast.Call) else ():
            self.env = self._clean(argument, self.env, _ACCEPTABLE)
        positional = [without(value, _ACCEPTABLE) for value in arguments.positional]
        keywords = {name: without(value, _ACCEPTABLE) for name, value in arguments.keywords.items()}
        return Arguments(positional, keywords, arguments.rest, arguments.spread)

    def _record_project(self, function: Function, arguments: Arguments, node: ast.AST) -> None:
        if self.recording:
            call = Call("call", f"{function.module.name}.{function.qualname}", node, self.span(node), NOTHING, arguments)
            call.target = function
            self._note(call)
            self.module.calls.append(call)

    def _checked_by(self, function: Function, summary: Summary, node: ast.Call) -> None:
        """What a function raises about is harmless once it has returned."""
        names = function.signature.positional
        skip = 1 if function.cls is not None and not function.is_static else 0
        for position, argument in enumerate(node.args):
            if position + skip < len(names) and (found := summary.checked.get(names[position + skip])):
                self.env = self._clean(argument, self.env, None if EVERYTHING in found else found)
        for keyword in node.keywords:
            if keyword.arg and (found := summary.checked.get(keyword.arg)):
                self.env = self._clean(keyword.value, self.env, None if EVERYTHING in found else found)

    def _construct(self, cls: Class, callee: Value, arguments: Arguments, node: ast.AST) -> Value:
        library = cls.library
        path = f"{library}()" if library else ""
        carried = combined(arguments)
        result = Value(path or extended(callee.path, "()"), UNKNOWN, carried, Instance(cls))
        init = cls.method("__init__")
        if cls.inherits(*_ENUMS):
            return Value(ref=Instance(cls))
        if init is not None:
            own = Value(result.path, UNKNOWN, None, result.ref)
            given = Arguments([own, *arguments.positional], arguments.keywords, arguments.rest, arguments.spread)
            self._call_project(init, given, node)
            self._fill_fields(cls, init, bound(init, given))
            return own
        for name, value in zip(cls.annotations, arguments.positional, strict=False):
            keep(self, cls, name, value)
        for name, value in arguments.keywords.items():
            if name in cls.annotations:
                keep(self, cls, name, value)
        if library:
            self._external(Value(library), library[library.rfind(".") + 1 :], arguments, node, NOTHING)
        clean = all(name in cls.annotations for name in arguments.keywords) and not arguments.positional and arguments.spread is None
        return Value(result.path, UNKNOWN, None if clean and cls.annotations else carried, result.ref)

    def _fill_fields(self, cls: Class, init: Function, binding: Env) -> None:
        """What the constructor keeps of its arguments is what it was given here."""
        if cls.module.settled:
            return
        for name, value in list(cls.fields.items()):
            parameters = {label[1:] for label in value.taint or () if label[0] == "#"}
            if isinstance(value.ref, Parameter) or value.path.startswith("?"):
                parameters.add(value.ref.name if isinstance(value.ref, Parameter) else value.path[1:].partition(".")[0].partition("(")[0])
            if any((given := binding.get(parameter)) is not None and _tells(given) for parameter in parameters):
                cls.fields[name] = without_parameters(substituted(value, binding, Step(self.module.path, 1, ""), self.program))

    # What a caller's arguments decide

    def _redo(self, deferred: Deferred, binding: Env, step: Step, node: ast.AST) -> None:
        """Judge a call inside a function again, now that its arguments are known."""
        receiver = substituted(deferred.receiver, binding, step, self.program)
        arguments = self.substituted_arguments(deferred.arguments, binding, step)
        path, ref = redirected(deferred.path, binding)
        trail = (step, *deferred.trail) if len(deferred.trail) < 8 else deferred.trail
        if isinstance(ref, Partial):
            arguments = ref.arguments.completed(arguments)
            path = ref.callee.path
        elif isinstance(ref, (Function, Bound)) and deferred.depth < _DEEPEST:
            self.call_value(Value(ref=ref), arguments, node, receiver)
            return
        self._judge(
            path,
            deferred.span,
            None,
            receiver,
            arguments,
            trail,
            deferred.depth + 1,
            deferred.confirmed or self.confirmed,
            site=self.span(node),
            form=deferred.form,
            told=deferred.told,
        )

    def substituted_arguments(self, arguments: Arguments, binding: Env, step: Step) -> Arguments:
        """Return what ``arguments`` are for a call that binds the parameters so."""

        def of(value: Value) -> Value:
            return substituted(value, binding, step, self.program)

        keywords = {name: of(value) for name, value in arguments.keywords.items()}
        spread = of(arguments.spread) if arguments.spread is not None else None
        if spread is not None and isinstance(spread.known, Dict):
            keywords = {name: v for name, v in spread.known.items.items() if isinstance(name, str)} | keywords
            spread = None if spread.known.complete else spread
        positional = [of(value) for value in arguments.positional]
        rest = of(arguments.rest) if arguments.rest is not None else None
        if rest is not None and isinstance(rest.known, List) and rest.known.complete:
            positional += rest.known.items
            rest = None
        return Arguments(positional, keywords, rest, spread)

    # Everything else: libraries

    def _external(self, callee: Value, name: str, arguments: Arguments, node: ast.AST, receiver: Value) -> Value:
        """Return what a call of ``callee``, whose path ends with ``name``, gives if no function of the project is meant."""
        path = callee.path
        entries = self.program.libraries.calls(path) if path else ()
        taint: Taint | None = None
        keeps = True
        span: Span | None = None
        if entries:
            safe_for: frozenset[str] = frozenset()
            for entry in entries:
                if entry.source and self._is_source(entry, arguments):
                    taint = merged(taint, self.marks((entry.source,), node, _readable(path)))
                    keeps = False
                elif entry.guard:
                    if entry.needs and not judge(entry, arguments, receiver, self.versions).reported:
                        continue
                    if "clean" in entry.guard:
                        keeps = False
                    else:
                        safe_for |= frozenset(entry.guard)
                elif entry.handler:
                    self._handles(entry, arguments, node)
            if keeps:
                carried = merged(callee.taint, arguments.taint())
                if carried and safe_for:
                    everything = "all" in safe_for
                    carried = None if everything else {label: Mark(mark.trail, mark.safe | safe_for) for label, mark in carried.items()}
                taint = merged(taint, carried)
            span = self.span(node)
            self._judge(path, span, node, receiver, arguments, (), 0, self.confirmed)
        else:
            taint = merged(callee.taint, arguments.taint())
            if path[:1] == "?":
                span = self.span(node)
                self._judge(path, span, node, receiver, arguments, (), 0, self.confirmed)
        if receiver.ref is not None and isinstance(receiver.ref, (Prompt, Assembly)):
            told = handed_in(name, receiver, arguments)
            for value in (*told, *(filled(self, name, receiver.ref, arguments, node) if isinstance(receiver.ref, Prompt) else ())):
                self._judge(SYSTEM_MESSAGE, self.span(node), node, NOTHING, Arguments([value], {}), (), 0, self.confirmed)
        for value in arguments.keywords.values():
            if value.path or value.ref is not None:
                self._called_back(value, node)
        if name in _CALLING:
            for value in arguments.positional:
                self._called_back(value, node)
        form = shape_of_call(callee, name, arguments, receiver, is_source=bool(taint) and not keeps)
        if form is not None and form.cls is None:
            taint = None
        result = Value(extended(path, "()"), UNKNOWN, taint, form)
        if self.recording and path:
            call = Call("call", path, node, span or self.span(node), receiver, arguments)
            call.entries = entries
            call.result = result
            self._note(call)
            self.module.calls.append(call)
        return result

    def _called_back(self, value: Value, node: ast.AST) -> None:
        """A function of a library that is handed over to be called: ``frame["x"].apply(pickle.loads)``, ``value_deserializer=pickle.loads``."""
        given = Arguments([NOTHING], {})
        path = value.path
        if isinstance(value.ref, Partial):
            path, given = value.ref.callee.path, value.ref.arguments.completed(given)
        elif value.ref is not None:
            return
        if path and any(entry.sink and not entry.tainted for entry in self.program.libraries.calls(path)):
            self._judge(path, self.span(node), node, NOTHING, given, (), 0, self.confirmed)

    def _is_source(self, entry: Any, arguments: Arguments) -> bool:
        if not (entry.needs or entry.safe):
            return True
        judgement = judge(entry, arguments, NOTHING, self.versions)
        return judgement.reported or judgement.open  # what callers pass might be harmless; where it comes from, it is not

    def _note(self, call: Call) -> None:
        call.function = self.function
        call.confirmed = self.confirmed
        call.loops = self.loops

    def _handles(self, entry: Any, arguments: Arguments, node: ast.AST) -> None:
        """A function handed to a framework that calls it with what comes from outside: ``gradio.Interface(fn=answer)``."""
        for name in entry.callbacks or entry.arguments or ("fn",):
            value = arguments.get(name, entry.arguments.index(name) if name in entry.arguments else -1)
            for part in inner(value, 1) if value is not None else ():
                function = part.ref.function if isinstance(part.ref, Bound) else part.ref
                if isinstance(function, Function):
                    self._handled(function, entry, node)

    def _handled(self, function: Function, entry: Any, node: ast.AST) -> None:
        if function.module.settled:
            given = Value(taint=self.marks((entry.handler,), node, _readable(entry.id)))
            self._call_project(function, Arguments([given] * len(function.signature.positional), {}), node)
            if entry.handler == "model-output" and not function.handled and self.recording:
                self.module.handed.setdefault(function, self.span(node))
        else:
            self.program.handle(function, entry.handler)

    def _judge(
        self,
        path: str,
        span: Span,
        node: ast.AST | None,
        receiver: Value,
        arguments: Arguments,
        trail: tuple[Step, ...],
        depth: int,
        confirmed: bool,
        site: Span | None = None,
        form: str = "call",
        told: frozenset[str] = frozenset(),
    ) -> None:
        """Judge a call or assignment by everything that is known of ``path``, but for the entries ``told``; keep for the callers what only they can judge."""
        is_call = form == "call"
        later = is_call and path.startswith("?") and self._names_parameter(path) and depth < _DEEPEST
        for entry in self.program.libraries.calls(path) if is_call else self.program.libraries.assignments(path):
            if entry.fact and (not entry.needs or judge(entry, arguments, receiver, self.versions).reported):
                reached = any(part.taint for value in (receiver, *arguments) for part in inner(value, 2))
                asked = confirmed or (entry.fact == "effect-request" and self._is_typed(arguments))
                self._effect(Effect(entry.fact, path, span, confirmed=asked, reached=reached))
                continue
            if not entry.sink or entry.id in told:
                continue
            judgement = judge(entry, arguments, receiver, self.versions)
            if judgement.reported and not (confirmed and entry.sink in _WORTH_ASKING):
                self._hit(entry, path, span, node, judgement, trail, site)
                told |= {entry.id}
            if judgement.depends and depth < _DEEPEST:
                later = True
        if later and self.function is not None and len(self.current.deferred) < _MOST_DEFERRED:
            deferred = Deferred(path, span, receiver, arguments, trail, depth, confirmed, form, site)
            deferred.reported = told
            deferred.told = told | self._by_default(deferred)
            self.current.deferred.append(deferred)

    def _is_typed(self, arguments: Arguments) -> bool:
        """Whether a person has typed a part of what is sent: to check a number, say, before anything is done."""
        return any(part.path and self.confirms(part.path) for value in arguments for part in inner(value, 2))

    def by_default(self, function: Function, deferred: Deferred) -> Iterator[tuple[str, Any, Judgement]]:
        """Yield what is reported of ``deferred`` (path, entry, judgement) where the caller of ``function`` leaves everything to the defaults."""
        binding = bound(function, Arguments([], {}))
        if not binding:
            return
        step = Step(self.module.path, 1, "")
        receiver = substituted(deferred.receiver, binding, step, self.program)
        arguments = self.substituted_arguments(deferred.arguments, binding, step)
        path, _ = redirected(deferred.path, binding)
        libraries = self.program.libraries
        for entry in libraries.calls(path) if deferred.form == "call" else libraries.assignments(path):
            if entry.sink and entry.id not in deferred.reported:
                judgement = judge(entry, arguments, receiver, self.versions)
                if judgement.reported and not judgement.label:
                    yield path, entry, judgement

    def _by_default(self, deferred: Deferred) -> frozenset[str]:
        """The entries of which the function's own place tells already, since its defaults are enough: its callers need not be told of."""
        if self.function is None or not self.function.signature.defaults:
            return frozenset()
        return frozenset(entry.id for _, entry, _ in self.by_default(self.function, deferred))

    def assignment(self, form: str, path: str, node: ast.AST, receiver: Value, arguments: Arguments) -> None:
        """Note that ``path`` is assigned to, as an attribute (``assign``) or item (``item``)."""
        if self.program.libraries.assignments(path):
            self._judge(path, self.span(node), node, receiver, arguments, (), 0, self.confirmed, form=form)
        if self.recording and (form == "assign" or not path.startswith("{}")):
            call = Call(form, path, node, self.span(node), receiver, arguments)
            self._note(call)
            self.module.calls.append(call)

    def _names_parameter(self, path: str) -> bool:
        """Whether the unknown root of ``path`` is a parameter, and what is called on it may matter."""
        root, dot, rest = path[1:].partition(".")
        root = root.partition("(")[0].partition("[")[0]
        if self.function is None or root not in self.parameters:
            return False
        return not dot or self.program.libraries.names_tail(rest.rpartition(".")[2])

    def _hit(self, entry: Any, path: str, span: Span, node: ast.AST | None, judgement: Judgement, trail: tuple[Step, ...], site: Span | None) -> None:
        if not self.recording and self.module is not self.examined:
            return
        hit = Hit(entry, path, span, node, judgement.arguments, lowered=judgement.doubtful, label=judgement.label, trail=(*judgement.trail, *trail))
        hit.receiver = judgement.receiver
        if site is not None:
            hit.sites = (site,)
        self.module.hits.append(hit)

    def _effect(self, effect: Effect) -> None:
        if self.function is not None and len(self.current.effects) < _MOST_DEFERRED:
            self.current.effects.append(effect)

    # Methods of values

    def _method(self, function: ast.Attribute, receiver: Value, arguments: Arguments, node: ast.Call) -> Value | None:
        """Methods of texts, lists and dictionaries; None for those of anything else."""
        name = function.attr
        known = receiver.known
        if name == "replace" and receiver.taint and _joins_folders(arguments):
            receiver = without(receiver, _NO_FOLDERS)  # a name without separators leads to no other folder
        if name in WRITES and (names := written(self, function.value, receiver, arguments)):
            self.env = self.env | names
        if name == "format" and receiver.taint:
            self._judge("builtins.str.format", self.span(node), node, receiver, arguments, (), 0, self.confirmed)
        if isinstance(known, (str, Prefix)):
            return self._text_method(name, receiver, arguments)
        if isinstance(known, List):
            return self._list_method(function, name, receiver, known, arguments)
        if isinstance(known, Dict):
            return self._dict_method(function, name, receiver, known, arguments)
        if name in _TEXT_METHODS and receiver.taint and not self.program.libraries.calls(receiver.path + "." + name):
            if name in _NUMBER_METHODS:
                return NOTHING
            return Value(extended(receiver.path, f".{name}()"), UNKNOWN, merged(receiver.taint, combined(arguments)))
        if (
            name in _SHARING
            and arguments.positional
            and receiver.path.endswith(STORES)
            and (at := place(receiver.path, arguments.positional[0].text))
        ):
            if name == "set" and len(arguments.positional) > 1:
                keep_global(self, at, arguments.positional[1])
            return shared_value(self, receiver.path, arguments.positional[0].text, NOTHING)
        if name == "append" and arguments.positional and (receiver.taint or arguments.positional[0].taint):
            item = arguments.positional[0]
            known = (
                List([item], complete=False) if isinstance(item.known, Dict) and type(receiver.ref) is Parameter else known
            )  # messages of the caller's
            self._rebind(function.value, Value(receiver.path, known, merged(receiver.taint, item.taint), receiver.ref))
        return None

    def _text_method(self, name: str, receiver: Value, arguments: Arguments) -> Value | None:
        text = receiver.text
        if name == "join" and arguments.positional:
            items = arguments.positional[0]
            if text is not None and isinstance(items.known, List) and items.known.complete:
                parts = [part for item in items.known.items for part in (Value(known=text), item)][1:]
                return concatenated(parts)
            return Value("", UNKNOWN, merged(receiver.taint, items.taint))
        if name == "format":
            start = receiver.start.partition("{")[0]
            if text is not None and not arguments.positional and not arguments.keywords:
                return receiver
            if text == "{}" and len(arguments.positional) == 1:
                return arguments.positional[0]
            constant = tuple(p for p in re.split(r"\{[^{}]*\}", receiver.start) if p)
            return Value("", Prefix(start, constant), merged(receiver.taint, combined(arguments)))
        if text is not None and not receiver.taint and not list(arguments) and name in _PURE:
            return Value(known=_PURE[name](text))
        if name == "replace" and text is not None and len(arguments.positional) == 2:
            old, new = arguments.positional[0].text, arguments.positional[1].text
            if old and new is not None and len(text) + len(new) * text.count(old) < _LONGEST:
                return Value(known=text.replace(old, new), taint=receiver.taint)
        if name in ("split", "splitlines", "rsplit"):
            separator = arguments.positional[0].text if len(arguments.positional) == 1 else None
            if text is not None and not receiver.taint and name == "split" and separator:
                return Value("", List([Value(known=piece) for piece in text.split(separator)[:_MOST_PIECES]], complete=True))
            return Value("", UNKNOWN, receiver.taint)
        if name in _TEXT_METHODS:
            return NOTHING if name in _NUMBER_METHODS else Value("", UNKNOWN, merged(receiver.taint, combined(arguments)))
        return None

    def _list_method(self, function: ast.Attribute, name: str, receiver: Value, known: List, arguments: Arguments) -> Value | None:
        if name in ("append", "add", "appendleft") and arguments.positional:
            self._grow(function.value, receiver, known, [arguments.positional[0]])
            return NOTHING
        if name == "insert" and len(arguments.positional) > 1:
            self._grow(function.value, receiver, known, [arguments.positional[1]])
            return NOTHING
        if name in ("extend", "update", "union") and arguments.positional:
            other = arguments.positional[0]
            self._grow(function.value, receiver, known, other.known.items if isinstance(other.known, List) else [self.element(other)])
            return NOTHING
        if name in ("pop", "popleft"):
            return self.element(receiver)
        return receiver if name == "copy" else NOTHING if name in ("sort", "reverse", "index", "count", "clear", "remove") else None

    def _grow(self, target: ast.expr, receiver: Value, known: List, items: list[Value]) -> None:
        if len(known.items) < 200:
            known.items.extend(items)
        if self.loops:
            known.complete = False
        taint = merged(receiver.taint, combined(items))
        if taint is not receiver.taint:
            self._rebind(target, Value(receiver.path, known, taint, receiver.ref))

    def _dict_method(self, function: ast.Attribute, name: str, receiver: Value, known: Dict, arguments: Arguments) -> Value | None:
        given = arguments.positional
        if name in ("get", "pop", "setdefault") and given:
            key = given[0].known
            default = given[1] if len(given) > 1 else NOTHING
            found = known.items.get(key) if isinstance(key, (str, int)) else None
            if name == "setdefault" and isinstance(key, str) and found is None:
                known.items[key] = default
                return default
            if name == "pop" and found is not None:
                del known.items[key]
            if found is not None:
                return found
            if key is UNKNOWN and known.complete:
                return self.item(receiver, given[0], function)
            if known.complete:
                return default
            ref = default.ref if default.ref is not None else part_of(receiver, key, default)
            return Value(extended(receiver.path, "[]"), UNKNOWN, merged(receiver.taint, default.taint), ref)
        if name == "update":
            items = dict(arguments.keywords)
            if given and isinstance(given[0].known, Dict):
                items = given[0].known.items | items
            elif given:
                known.complete = False
            known.items.update(items)
            taint = merged(receiver.taint, combined(arguments))
            if taint is not receiver.taint:
                self._rebind(function.value, Value(receiver.path, known, taint, receiver.ref))
            return NOTHING
        if name in ("items", "values"):
            values = list(known.items.values())
            if name == "items" and values:  # a key carries nothing of the values
                each = reduce(joined, values)
                values = [Value("", List([NOTHING, each]), each.taint)]
            return Value("", List(values, complete=False), receiver.taint)
        if name == "keys":
            return Value("", UNKNOWN, None)
        if name == "copy":
            return Value(receiver.path, Dict(dict(known.items), known.complete), receiver.taint, receiver.ref)
        return None

    def _rebind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            if self.function is not None and target.id not in self.env and target.id in self.module.env:  # a global that is changed, not bound
                keep_global(self, target.id, value)
            self.env[target.id] = value
        elif key := dotted_name(target):
            self.dotted = True
            self.env[key] = value
            if key.startswith("self.") and key.count(".") == 1 and self.function is not None and self.function.cls is not None:
                keep(self, self.function.cls, key[5:], value, making=self.function.name in MAKERS)


def _joins_folders(arguments: Arguments) -> bool:
    """Whether ``text.replace("/", "_")`` takes the separators out of a path."""
    given = arguments.positional
    return len(given) == 2 and given[0].text in ("/", "\\") and given[1].text is not None and not set(given[1].text) & set("/\\.")


_ROOT = re.compile(r"\?(\w+)")


def redirected(path: str, binding: Env) -> tuple[str, Any]:
    """Return what ``path``, said of a parameter, is for a call that binds it so; and what of the program is called, if it is the parameter itself."""
    root = _ROOT.match(path) if path.startswith("?") else None
    given = binding.get(root[1]) if root else None
    if given is None or root is None:
        return path, None
    return given.path + path[root.end() :] if given.path else path, given.ref if root.end() == len(path) else None


_TEXT_METHODS = frozenset((
    "strip lstrip rstrip lower upper title capitalize casefold swapcase replace split rsplit splitlines join format format_map encode decode zfill ljust rjust center"
    " removeprefix removesuffix partition rpartition translate expandtabs startswith endswith isdigit isalpha isalnum count find index"
).split())  # fmt: skip
_NUMBER_METHODS = frozenset(("startswith", "endswith", "isdigit", "isalpha", "isalnum", "count", "find", "index"))
_PURE: dict[str, Callable[[str], str]] = {
    "strip": str.strip, "lower": str.lower, "upper": str.upper, "lstrip": str.lstrip, "rstrip": str.rstrip, "title": str.title, "capitalize": str.capitalize,
}  # fmt: skip
_ENUMS = ("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag")


def _tells(given: Value) -> bool:
    """Whether an argument says more than that it is some caller's."""
    if any(label[0] != "#" for label in given.taint or ()):
        return True
    return not isinstance(given.ref, Parameter) and (bool(given.path) or given.ref is not None or given.known is not UNKNOWN)


def _readable(path: str) -> str:
    return path.removeprefix("builtins.").replace("()", "").lstrip("?")


EVALUATORS[ast.Call] = Calls.call
_SPECIAL = ASSEMBLIES | CALLS | CHAINS | FILES | GRAPHS | OF_PYTHON
_METHODS = METHODS | OF_ASSEMBLIES | OF_GRAPHS
