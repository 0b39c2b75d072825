"""Where a person has said yes: ``input(...) == "y"``, ``if not click.confirm(...): return``, ``if approved:``.

What happens only after that is confirmed. A switch that leaves the question out (``auto_approve``) is no person's word, and neither is an argument that the model fills.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Bound, Function
from aisecops.codebase.dataflow.values import Value
from aisecops.codebase.syntax.walking import walk

SAID_YES = "click.confirm()"
"""The access path of what is true if a person has agreed, wherever it was asked."""
_PERSON = (
    r"(?i)(^|_)(confirm|approv|consent|permission_granted|sign_?off|human_(ok|said|agree|decision|allow|approv|confirm|review|in_the_loop|gate)|user_(ok|agree|accept|said|allow|approv|confirm)"
    r"|(ask|prompt|check_with|query)_(the_)?(user|human|person|operator|permission|approval|confirmation))"
)
"""Names of functions and variables that hold a person's word."""
_NO_PERSON = r"(?i)(^|_)(auto|skip|no|without|bypass|require[sd]?|needs?|must|should|pending|disable|un)_|_(required|needed|message|prompt|text|id)$|(^|_)(yolo|force)"
_YES = r"(?i)\b(y|yes|yep|yeah|ok|okay|sure|j|ja|oui|si|t|true|1|go|approved?|accept(ed)?|confirm(ed)?|allow(ed)?|agree[ds]?|run|execute|proceed|continue|delete|send)\b"
_NO = r"(?i)\b(n|no|nope|nein|cancel(led)?|abort|den(y|ied)|reject(ed)?|declined?|refused?|stop|f|false|0)\b"


_PLAIN = frozenset((ast.Name, ast.Attribute, ast.Constant, ast.Subscript))


class Consent(Frames):
    """Looks at conditions for a person's word."""

    def agreed(self, test: ast.expr) -> tuple[bool, bool]:
        """Return whether a person has said yes where ``test`` holds, and where it does not."""
        if type(test) in _PLAIN:
            return self._says_yes(test), False
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.agreed(test.operand)[::-1]
        if isinstance(test, ast.BoolOp):
            parts = [self.agreed(part) for part in test.values]
            return any(yes for yes, _ in parts), any(no for _, no in parts)
        if isinstance(test, ast.NamedExpr):
            return self.agreed(test.value)
        if isinstance(test, ast.Compare):
            return self._compared_word(test) if len(test.ops) == 1 else (False, False)
        if isinstance(test, ast.Await):
            return self.agreed(test.value)
        if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.func.attr in ("startswith", "__eq__") and test.args:
            return self._words(test.args[0]) if self._is_word(test.func.value) else (False, False)
        return self._says_yes(test) or (isinstance(test, ast.Call) and _checks(test) and self._proves(test)), False

    def demands(self, node: ast.expr) -> bool:
        """Whether the program goes on after the statement ``node`` only if a person has agreed: ``click.confirm(..., abort=True)``, ``require_approval(...)``."""
        node = node.value if isinstance(node, ast.Await) else node
        if not isinstance(node, ast.Call):
            return False
        value = self.peek(node.func)
        function = value.ref.function if isinstance(value.ref, Bound) else value.ref
        if isinstance(function, Function):
            return function.summary is not None and function.summary.asks
        aborts = any(keyword.arg == "abort" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True for keyword in node.keywords)
        return aborts and self.confirms(value.path + "()")

    def _compared_word(self, test: ast.Compare) -> tuple[bool, bool]:
        op, left, right = test.ops[0], test.left, test.comparators[0]
        if isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) or (isinstance(right, ast.Constant) and right.value is None):
            return False, False
        if isinstance(left, ast.Constant):
            left, right = right, left
        if not (self._is_word(left) or (isinstance(left, ast.Call) and self._says_yes(left))):
            proved = isinstance(op, (ast.Eq, ast.NotEq)) and self._proves(left)
            return (proved and isinstance(op, ast.Eq), proved and isinstance(op, ast.NotEq))
        said = self._words(right)
        return said[::-1] if isinstance(op, (ast.NotEq, ast.NotIn, ast.IsNot)) else said

    def _proves(self, node: ast.expr) -> bool:
        """Whether ``node`` is what came of something that a person has typed for it: ``check(input("PIN: "))``."""
        calls = [part for part in walk(node) if isinstance(part, ast.Call)]
        given = [part for call in calls for argument in (*call.args, *(k.value for k in call.keywords)) for part in walk(argument)]
        return any(isinstance(part, (ast.Name, ast.Call)) and self._is_persons(self.peek(part)) for part in given)

    def _words(self, node: ast.expr) -> tuple[bool, bool]:
        """What it means that a person's answer is ``node``, or one of it: yes, no, or (``exit``) neither."""
        items = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
        if not all(isinstance(item, ast.Constant) for item in items):
            return True, False  # the name of what is to be deleted, typed again
        texts = [str(item.value) for item in items if isinstance(item, ast.Constant)]
        if any(re.search(_YES, text) for text in texts):
            return True, False
        return False, any(re.search(_NO, text) for text in texts)

    def _is_word(self, node: ast.expr) -> bool:
        """Whether ``node`` is what a person has typed or chosen."""
        value = self.peek(node)
        return self._is_persons(value) or self._named(node, value)

    def _says_yes(self, node: ast.expr) -> bool:
        """Whether ``node`` is true only if a person has agreed: not so for a text, which may say no."""
        value = self.peek(node.func if isinstance(node, ast.Call) else node)
        path = value.path + "()" if isinstance(node, ast.Call) else value.path
        if path and not path.startswith("builtins.") and self.confirms(path):
            return True  # whatever the question has shown of a model
        if isinstance(node, ast.Call):
            function = value.ref.function if isinstance(value.ref, Bound) else value.ref
            if isinstance(function, Function) and function.summary is not None and function.summary.confirms:
                return True
        return self._named(node, value)

    def peek(self, node: ast.expr) -> Value:
        """Return what ``node`` is, without noting again what it does."""
        if isinstance(node, ast.Name):
            return self.evaluate(node)
        if self.noted is not None and (found := self.noted.get(id(node))) is not None:
            return found
        module, current, recording = self.module, self.current, self.recording
        hits, effects, deferred = len(module.hits), len(current.effects), len(current.deferred)
        self.recording = False
        value = self.evaluate(node)
        self.recording = recording
        del module.hits[hits:], current.effects[effects:], current.deferred[deferred:]
        return value

    def _is_persons(self, value: Value) -> bool:
        return bool(value.path) and self.confirms(value.path)

    def _named(self, node: ast.expr, value: Value) -> bool:
        """Whether its name says that it holds a person's word."""
        if isinstance(node, ast.Call):
            node = node.func
        if isinstance(node, ast.Subscript):
            node = node.slice
        name = (
            node.attr
            if isinstance(node, ast.Attribute)
            else node.id
            if isinstance(node, ast.Name)
            else node.value
            if isinstance(node, ast.Constant)
            else ""
        )
        return isinstance(name, str) and _speaks_of_person(name) and not value.label("model-output") and value.known not in (True, False)


def _checks(node: ast.Call) -> bool:
    name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
    return re.search(r"(?i)verif|check|valid|pin(_|$)|passw|auth|match", name) is not None


@lru_cache(maxsize=50_000)
def _speaks_of_person(name: str) -> bool:
    return len(name) < 60 and re.search(_PERSON, name) is not None and re.search(_NO_PERSON, name) is None
