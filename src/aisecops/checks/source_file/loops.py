"""Loops in which a model is asked again and again, and what ends them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import msgspec

from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.dataflow.program import Call, Function, Module
from aisecops.codebase.syntax.walking import children, walk

_POLLED = frozenset(("retrieve", "list", "last_message", "messages", "get_last_message_by_role", "parse_result", "parse"))
"""Last names of calls that read an answer which is there already: waiting for one costs nothing."""
_WAITS = re.compile(
    r"(^|\.)\??(input|raw_input|readline|ask|prompt_async|receive|receive_text|receive_json|receive_bytes|recv|recv_json|recv_string|accept|listen|listen_in_background|get_nowait"
    r"|get_updates|blpop|brpop|xread|xreadgroup|receive_message|receive_messages|poll|consume|get_message|wait_for_message|basic_get|wait_for|wait|chat_input|record|getch|read_message"
    r"|fetchone|fetchmany|popleft|pop|heappop|get_task|get_job|next|anext|__next__|dequeue|claim|select|getMessage|input_stream|transcribe_mic)(\(\))?$"
)
"""Calls that wait for, or take, the next thing from outside: whoever gives it decides how often the loop runs."""
_ASKS_SOMEBODY = re.compile(
    r"(?i)(^|_)(input|readline|confirm|approv(e|al)|yes_no|yesno|prompt_(for|user)|ask_(user|human|for|person))(_|$)"
    r"|^(get|read|wait_for|ask|listen|prompt|next|receive)_?(for_)?(the_)?(user|human|player|voice|speech|mic|next|new|incoming|message|command|audio)"
)
"""Names of functions that ask a person, or wait for the next message."""
_QUEUE_GET = re.compile(r"(?i)(queue|inbox|mailbox|channel|stream|jobs|tasks|requests|events|q)(\(\))?\.get$")
_LIMIT = re.compile(
    r"(?i)(^|_|\b)(max|min|limit|budget|deadline|timeout|timed_?out|steps?|iter\w*|turns?|attempts?|retr(y|ies)|tries|cost|spent|usage|tokens?|elapsed|counts?|counter|rounds?|remaining|depth|quota|cap"
    r"|expired|exceeded|exhausted|stop_event|cancelled)(_|$|\b|\d)"
)
"""Names that limits have."""
_TAKES = frozenset(("pop", "popleft", "heappop"))
_PUTS = frozenset(("append", "appendleft", "extend", "extendleft", "insert", "put", "add", "update"))
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_RETRIES = {
    "tenacity.retry": frozenset(("stop", "retry_error_callback")),
    "backoff.on_exception": frozenset(("max_tries", "max_time")),
    "backoff.on_predicate": frozenset(("max_tries", "max_time")),
    "retrying.retry": frozenset(("stop_max_attempt_number", "stop_max_delay", "stop_func", "stop")),
    "retry.retry": frozenset(("tries",)),
}
"""Decorators that retry for ever unless they get one of these."""
_TOOL_WORDS = frozenset(("tool_calls", "tool_use", "function_call", "stop_reason", "finish_reason"))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_ENDLESS_ITERATORS = frozenset(("itertools.count", "itertools.cycle"))


class Loop(msgspec.Struct, frozen=True):
    """A loop that nothing is seen to end but the model itself. ``asks`` is a call in it that asks the model."""

    node: ast.While | ast.For | ast.AsyncFor
    asks: Call


def endless_loops(file: SourceFile) -> Iterator[Loop]:
    """Yield the loops of ``file`` that ask a model and that only the model ends, the outermost first."""
    module = file.module
    if module is None or file.source is None or not any(_asks_model(call) for call in module.calls):
        return
    asking = {call.function for call in module.calls if call.function is not None and call.target is None and _asks_model(call)}
    found: list[ast.AST] = []
    for node, limited in _loops(file.source.tree):
        if any(inner is node for outer in found for inner in walk(outer)):
            continue
        calls = _calls_in(node, module)
        asking_here = [call for call in calls if _asks_model(call) or (call.target is not None and call.target in asking)]
        asks = next(iter(asking_here), None)
        if asks is None or limited or not _can_go_on(node, calls, asking_here) or _is_limited(node) or _is_driven(node, calls, module):
            continue
        found.append(node)
        yield Loop(node, asks)


class Repeat(msgspec.Struct, frozen=True):
    """A function that asks a model and is called again, by a decorator or by itself, without a number of times. ``place`` is what says so."""

    function: Function
    place: ast.AST
    by_itself: bool


def endless_repeats(file: SourceFile) -> Iterator[Repeat]:
    """Yield the functions of ``file`` that ask a model and are retried, or call themselves, for ever."""
    module = file.module
    if module is None:
        return
    asking = {call.function for call in module.calls if call.function is not None and _asks_model(call)}
    for function in module.functions:
        if function not in asking:
            continue
        for decorator, written in zip(function.decorators, getattr(function.node, "decorator_list", ()), strict=False):
            limits = _RETRIES.get(decorator.path.removesuffix("()"))
            given = {keyword.arg for keyword in getattr(written, "keywords", ())}
            if (
                limits is not None
                and not limits & given
                and None not in given
                and not (isinstance(written, ast.Call) and written.args and "tenacity" in decorator.path)
            ):
                yield Repeat(function, written, by_itself=False)
        if (again := _calls_itself(function, module)) is not None:
            yield Repeat(function, again.node, by_itself=True)


def _calls_itself(function: Function, module: Module) -> Call | None:
    """The call by which an agent's step takes the next one, if no parameter and no length limits how deep."""
    calls = [call for call in module.calls if call.function is function]
    again = next((call for call in calls if call.target is function), None)
    names = " ".join(function.signature.names)
    if again is None or re.search(r"(?i)depth|level|step|turn|attempt|retr|tries|iter|remaining|limit|max|budget|count", names):
        return None
    if isinstance(again.node, ast.Call) and any(
        _is_counted(value, function) for value in (*again.node.args, *(k.value for k in again.node.keywords))
    ):
        return None
    node = function.node
    uses_tools = any(argument.label("model-output") for argument in (*again.arguments.positional, *again.arguments.keywords.values())) or any(
        isinstance(part, (ast.Attribute, ast.Constant)) and getattr(part, "attr", getattr(part, "value", "")) in _TOOL_WORDS for part in walk(node)
    )
    answers = _from_model(node, calls)
    uses_tools = uses_tools or any(_asks_again(part, again, answers) for part in walk(node))
    limited = any(
        isinstance(part, ast.If)
        and (_names_limit(part.test) or _counts(part.test, set()) or "len(" in ast.unparse(part.test))
        and not any(isinstance(name, ast.Name) and name.id in answers for name in walk(part.test))
        for part in walk(node)
    )
    return again if uses_tools and not limited else None


def _asks_again(part: ast.AST, again: Call, answers: frozenset[str]) -> bool:
    """Whether ``part`` tries the model's answer, or tests it, and calls the function again if it is not good enough."""
    if isinstance(part, ast.Try):
        tried = any(isinstance(name, ast.Name) and name.id in answers for statement in part.body for name in walk(statement))
        return tried and any(inner is again.node for handler in part.handlers for inner in walk(handler))
    if isinstance(part, ast.If):
        tested = any(isinstance(name, ast.Name) and name.id in answers for name in walk(part.test))
        return tested and any(inner is again.node for statement in (*part.body, *part.orelse) for inner in walk(statement))
    return False


def _is_counted(value: ast.expr, function: Function) -> bool:
    """``left - 1``, of a parameter."""
    return (
        isinstance(value, ast.BinOp)
        and isinstance(value.op, (ast.Add, ast.Sub))
        and isinstance(value.left, ast.Name)
        and value.left.id in function.signature.known
        and isinstance(value.right, ast.Constant)
        and isinstance(value.right.value, (int, float))
    )


_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
"""Where statements stand in others; a lambda's body, too, is one, and holds no loop."""


def _loops(tree: ast.AST) -> Iterator[tuple[ast.While | ast.For | ast.AsyncFor, bool]]:
    """Yield every loop, and whether a time limit stands around it."""
    todo: list[tuple[ast.AST, bool]] = [(tree, False)]
    while todo:
        node, limited = todo.pop()
        if isinstance(node, (ast.While, ast.For, ast.AsyncFor)):
            yield node, limited
        if isinstance(node, (ast.With, ast.AsyncWith)):
            limited = limited or any("timeout" in ast.unparse(item.context_expr).lower() for item in node.items)
        inside = [child for field in _BLOCKS for child in getattr(node, field, ()) if isinstance(child, ast.AST)]
        todo += [(child, limited) for child in reversed(inside)]


def _asks_model(call: Call) -> bool:
    """Whether ``call`` asks a model, itself or through a function of the project."""
    if call.target is not None:
        summary = call.target.summary
        return summary is not None and summary.returns.label("model-output") is not None
    answers = call.result.label("model-output") is not None
    asks = any(entry.source == "model-output" and (answers or not entry.needs) for entry in call.entries)
    return asks and call.path.rpartition(".")[2] not in _POLLED


def _calls_in(node: ast.While | ast.For | ast.AsyncFor, module: Module) -> list[Call]:
    """Return the calls in the body and test of the loop, without those of functions defined in it."""
    inside = {id(part) for part in _own(node)}
    return [call for call in module.calls if id(call.node) in inside]


def _own(node: ast.AST) -> Iterator[ast.AST]:
    todo = [node]
    while todo:
        part = todo.pop()
        yield part
        todo += [child for child in children(part) if not isinstance(child, _FUNCTIONS)]


def _from_model(node: ast.AST, calls: list[Call]) -> frozenset[str]:
    """Return the names in the loop that hold what the model has answered there."""
    return _holding(node, frozenset(id(call.node) for call in calls if _asks_model(call)))


def _holding(node: ast.AST, asking: frozenset[int]) -> frozenset[str]:
    """Return the names in ``node`` that hold what the calls ``asking``, by ``id``, have given, or what was made of it."""
    names: set[str] = set()
    bindings = [
        (target, part.value if isinstance(part, ast.Assign) else part.iter)
        for part in (walk(node) if isinstance(node, _FUNCTIONS) else _own(node))
        if isinstance(part, (ast.Assign, ast.For, ast.AsyncFor, ast.comprehension)) and part is not node
        for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
    ]
    for _ in range(3):
        for target, value in bindings:
            if any(id(part) in asking or (isinstance(part, ast.Name) and part.id in names) for part in walk(value)):
                names |= {part.id for part in walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return frozenset(names)


def _is_filled(node: ast.While | ast.For | ast.AsyncFor, calls: list[Call]) -> bool:
    """Whether the loop works off a list into which it puts what the model has answered: ``tasks.extend(answer.splitlines())``."""
    used = [part for part in _own(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)]
    owners = {_owner(call) for call in used if isinstance(call.func, ast.Attribute) and call.func.attr in _TAKES}
    filling = [call for call in used if isinstance(call.func, ast.Attribute) and call.func.attr in _PUTS and _owner(call) in owners]
    if not filling:
        return False
    answers = _from_model(node, calls)
    return any(isinstance(name, ast.Name) and name.id in answers for call in filling for argument in call.args for name in walk(argument))


def _owner(call: ast.Call) -> str:
    """``tasks`` of ``tasks.pop()`` and of ``self.tasks.pop()``."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    return owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")


def _can_go_on(node: ast.While | ast.For | ast.AsyncFor, calls: list[Call], asking: list[Call]) -> bool:
    """Whether nothing in the head of the loop ends it: neither a number of rounds nor a list that runs out, unless the model fills that."""
    if isinstance(node, ast.While):
        compared = [part for part in walk(node.test) if isinstance(part, ast.Compare) and isinstance(part.ops[0], _ORDER)]
        asked = frozenset(id(call.node) for call in asking)
        if compared and not all(_is_judged(part, asked, _holding(node, asked)) for part in compared):
            return False
        return not (
            _names_limit(node.test, asked) or (_is_work_list(node) and not _is_filled(node, calls)) or "interrupt" in ast.unparse(node.test)
        )  # each round is somebody's decision
    return any(
        call.node is node.iter and (call.path in _ENDLESS_ITERATORS or (call.path == "builtins.iter" and len(call.arguments.positional) == 2))
        for call in calls
    )


def _is_judged(test: ast.Compare, asking: frozenset[int], answers: frozenset[str]) -> bool:
    """Whether ``test`` compares a mark that the model gives (``while judge(draft) < 0.9``): that may never be reached."""
    return any(id(part) in asking or (isinstance(part, ast.Name) and part.id in answers) for part in walk(test))


def _is_work_list(node: ast.While) -> bool:
    """``while tasks: task = tasks.pop()``."""
    names = {part.id for part in walk(node.test) if isinstance(part, ast.Name)} | {
        part.attr for part in walk(node.test) if isinstance(part, ast.Attribute)
    }
    for part in _own(node):
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr in ("pop", "popleft", "get", "get_nowait", "remove", "popitem")
        ):
            owner = part.func.value
            if (owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")) in names:
                return True
    return False


def _is_limited(node: ast.While | ast.For | ast.AsyncFor) -> bool:
    """Whether a condition in the loop counts, or looks at the time or the cost, and leaves it."""
    counters = {
        part.target.id if isinstance(part.target, ast.Name) else getattr(part.target, "attr", "")
        for part in _own(node)
        if isinstance(part, ast.AugAssign)
    }
    for part in _own(node):
        if isinstance(part, ast.If) and (_leaves(part.body) or _leaves(part.orelse)) and (_names_limit(part.test) or _counts(part.test, counters)):
            return True
        if isinstance(part, ast.Assert) and _counts(part.test, counters):
            return True
    return False


def _leaves(body: list[ast.stmt]) -> bool:
    for statement in body:
        for part in walk(statement):
            if isinstance(part, (ast.Break, ast.Return, ast.Raise)):
                return True
            if isinstance(part, ast.Call) and (getattr(part.func, "attr", "") or getattr(part.func, "id", "")) in ("exit", "quit", "_exit", "abort"):
                return True
    return False


def _counts(test: ast.expr, counters: set[str]) -> bool:
    """Whether ``test`` compares a counter, a length or the time with something."""
    for part in walk(test):
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], (*_ORDER, ast.Eq, ast.GtE)):
            for side in (part.left, *part.comparators):
                for name in walk(side):
                    if isinstance(name, (ast.Name, ast.Attribute)) and (name.id if isinstance(name, ast.Name) else name.attr) in counters:
                        return True
                if (
                    isinstance(side, ast.Call)
                    and isinstance(part.ops[0], _ORDER)
                    and (getattr(side.func, "id", "") == "len" or "time" in ast.unparse(side.func))
                ):
                    return True
    return False


def _names_limit(test: ast.expr, asking: frozenset[int] = frozenset()) -> bool:
    """Whether ``test`` looks at something that is called like a limit, in a way that can tell that it is reached; a call that asks the model is none."""
    asked = {id(part.func) for part in walk(test) if isinstance(part, ast.Call) and id(part) in asking}
    for part in walk(test):
        if id(part) in asked:
            continue
        name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
        if name and _LIMIT.search(name) and not re.search(r"(?i)(stop|finish)_reason|max_tokens|length", name):
            return True
    return False


def _is_driven(node: ast.While | ast.For | ast.AsyncFor, calls: list[Call], module: Module) -> bool:
    """Whether each round waits for somebody outside, for the next piece of data, or for time to pass; or the loop hands out what it makes."""
    nested = {id(part) for inner in _own(node) if inner is not node and isinstance(inner, ast.While) for part in walk(inner)}
    own_list = _TAKES if _is_filled(node, calls) else ()
    for call in calls:
        if id(call.node) not in nested and call.path.rpartition(".")[2] not in own_list and _waits(call, module):
            return True
    for part in _own(node):
        if isinstance(part, (ast.Yield, ast.YieldFrom)) or (isinstance(part, ast.ExceptHandler) and part.type is not None and _ends(part.type)):
            return True
        if isinstance(part, ast.Call) and id(part) not in nested and _waits_by_name(part):
            return True
    return any(_sleeps(statement) for statement in node.body)


def _ends(caught: ast.expr) -> bool:
    """Whether what is caught says that there is nothing more: of a generator, a queue."""
    return any(
        getattr(part, "attr", getattr(part, "id", "")) in ("StopIteration", "StopAsyncIteration", "Empty", "QueueEmpty", "EOFError")
        for part in walk(caught)
    )


def _waits(call: Call, module: Module) -> bool:
    """Whether ``call`` waits for something from outside; a function of the project, whether it calls something that does."""
    if call.target is not None:
        return any(inner.function is call.target and inner.target is None and _waits(inner, module) for inner in module.calls)
    return _WAITS.search(call.path) is not None or _QUEUE_GET.search(call.path) is not None


def _waits_by_name(node: ast.Call) -> bool:
    return _ASKS_SOMEBODY.search(getattr(node.func, "attr", "") or getattr(node.func, "id", "")) is not None


def _sleeps(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    return isinstance(value, ast.Call) and (getattr(value.func, "attr", "") or getattr(value.func, "id", "")) in ("sleep", "run_pending", "wait")
