"""Statements, and what is saved of those that are broken."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aisecops.codebase.syntax.lowering.definitions import Definitions
from aisecops.codebase.syntax.lowering.expressions import BINARY, EXPRESSIONS, bound
from aisecops.codebase.syntax.lowering.shape import BROKEN, DEEPEST, EXTRAS, LOAD, STATEMENTS, STORE

if TYPE_CHECKING:
    from tree_sitter import Node

_TARGETS = frozenset(("identifier", "attribute", "subscript", "pattern_list", "tuple_pattern", "list_pattern"))


class Statements(Definitions):
    """Lowers statements."""

    def suite(self, node: Node) -> list[ast.stmt]:
        """Lower the statements of a block; ``pass`` if there are none."""
        return self.statements(node) or [ast.Pass(**self.at(node))]

    def statements(self, node: Node) -> list[ast.stmt]:
        """Lower the statements directly below ``node``."""
        found: list[ast.stmt] = []
        for part in node.children:
            if part.type in STATEMENTS:
                found += self.stmt(part)
            elif part.type == "ERROR":
                found += self.saved(part)
            elif part.type == "block":
                found += self.statements(part)
        return found

    def stmt(self, node: Node) -> list[ast.stmt]:
        """Lower a statement; before it stands what was saved out of errors within it."""
        self.spend()
        if self.depth >= DEEPEST:
            self.gap(node, "is nested too deeply to be followed")
            return []
        before, self.pending = self.pending, []
        self.depth += 1
        try:
            made = _KINDS[node.type](self, node)
            if node.has_error:
                self.save_errors(node)
            return [*self.pending, made]
        except BROKEN:
            return [*self.pending, *self._rescued(node)]
        finally:
            self.depth -= 1
            self.pending = before

    # Errors

    def save_errors(self, node: Node) -> None:
        """Keep what stands in the errors directly below ``node``."""
        for part in node.children:
            if part.type == "ERROR":
                self.pending += self.saved(part)

    def _rescued(self, node: Node) -> list[ast.stmt]:
        self.pending = []
        return self.saved(node)

    def saved(self, node: Node) -> list[ast.stmt]:
        """Return the statements and expressions that stand in a broken part."""
        if self.depth >= DEEPEST:
            self.gap(node, "is nested too deeply to be followed")
            return []
        self.depth += 1
        try:
            return self._saved_parts(node)
        finally:
            self.depth -= 1

    def _saved_parts(self, node: Node) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        parts = [part for part in node.children if part.type not in EXTRAS]
        skip = 0
        for number, part in enumerate(parts):
            following = [after.type for after in parts[number + 1 : number + 3]]
            if skip:
                skip -= 1
            elif part.type in STATEMENTS:
                found += self.stmt(part)
            elif part.type in _TARGETS and following[:1] == ["="] and following[1:] and following[1] in EXPRESSIONS:
                found += self._alone(parts[number + 2], part)
                skip = 2
            elif part.type in ("identifier", "attribute") and following[:1] == ["argument_list"]:
                found += self._unfinished_call(part, parts[number + 1])
                skip = 1
            elif part.type in EXPRESSIONS:
                found += self._alone(part)
            elif part.child_count:
                found += self.saved(part)
        return found

    def _alone(self, node: Node, target: Node | None = None) -> list[ast.stmt]:
        before, self.pending = self.pending, []
        value = self.expr(node)
        found, self.pending = self.pending, before
        if target is not None:
            return [*found, ast.Assign([self.target(target)], value, None, **self.between(target, node))]
        if isinstance(value, (ast.Name, ast.Constant)):
            return found
        return [*found, ast.Expr(value, **self.at(node))]

    def _unfinished_call(self, function: Node, arguments: Node) -> list[ast.stmt]:
        before, self.pending = self.pending, []
        positional, keywords = self.arguments(arguments)
        where = self.between(function, arguments)
        call = ast.Call(self.expr(function), positional, keywords, **where)
        found, self.pending = self.pending, before
        return [*found, ast.Expr(call, **where)]

    # Simple statements

    def _expression(self, node: Node) -> ast.stmt:
        parts = self.parts(node)
        if len(parts) == 1 and not self.has(node, ","):
            if parts[0].type == "assignment":
                return self._assignment(parts[0])
            if parts[0].type == "augmented_assignment":
                return self._augmented(parts[0])
            return ast.Expr(_printed(self.expr(parts[0])), **self.at(node))
        value: ast.expr = ast.Tuple([self.expr(part) for part in parts], LOAD, **self.at(node))
        return ast.Expr(value, **self.at(node))

    def _assignment(self, node: Node) -> ast.stmt:
        where = self.at(node)
        left = self.part(node, "left")
        annotation = node.child_by_field_name("type")
        right = node.child_by_field_name("right")
        if annotation is not None:
            target = self.target(left)
            value = self.expr(right) if right is not None else None
            simple = int(isinstance(target, ast.Name) and left.type == "identifier")
            made: ast.stmt = ast.AnnAssign(target, self.expr(annotation), value, simple, **where)  # type: ignore[call-overload]
            return made
        targets = [self.target(left)]
        while right is not None and right.type == "assignment":
            self.spend()
            targets.append(self.target(self.part(right, "left")))
            right = self.part(right, "right")
        if right is None:
            raise AttributeError("right")
        return ast.Assign(targets, self.expr(right), None, **where)

    def _augmented(self, node: Node) -> ast.stmt:
        operator = BINARY[self.part(node, "operator").type.removesuffix("=")]()
        target: Any = self.target(self.part(node, "left"))
        return ast.AugAssign(target, operator, self.expr(self.part(node, "right")), **self.at(node))

    def _return(self, node: Node) -> ast.stmt:
        parts = self.parts(node)
        return ast.Return(self.expr(parts[0]) if parts else None, **self.at(node))

    def _delete(self, node: Node) -> ast.stmt:
        (part,) = self.parts(node)
        targets = self.parts(part) if part.type == "expression_list" else [part]
        return ast.Delete([self.deleted(target) for target in targets], **self.at(node))

    def _raise(self, node: Node) -> ast.stmt:
        where = self.at(node)
        cause = node.child_by_field_name("cause")
        parts = [part for part in self.parts(node) if cause is None or part.id != cause.id]
        raised = self.expr(parts[0]) if parts else None
        if raised is not None and parts[0].type == "expression_list" and isinstance(raised, ast.Tuple):
            # Python 2: class, argument, traceback
            raised = ast.Call(raised.elts[0], raised.elts[1:2], [], **self.at(parts[0]))
        return ast.Raise(raised, self.expr(cause) if cause is not None else None, **where)

    def _assert(self, node: Node) -> ast.stmt:
        parts = self.parts(node)
        return ast.Assert(self.expr(parts[0]), self.expr(parts[1]) if len(parts) > 1 else None, **self.at(node))

    def _global(self, node: Node) -> ast.stmt:
        kind = ast.Global if node.type == "global_statement" else ast.Nonlocal
        return kind([self.name(part) for part in self.parts(node)], **self.at(node))

    def _pass(self, node: Node) -> ast.stmt:
        kind = {"pass_statement": ast.Pass, "break_statement": ast.Break}.get(node.type, ast.Continue)
        return kind(**self.at(node))

    def _type_alias(self, node: Node) -> ast.stmt:
        """``type X[T] = ...`` as an assignment: what X is counts, not when it is found out."""
        left = self.parts(self.part(node, "left"))[0]
        target = self.expr(left)
        if left.type == "generic_type" and isinstance(target, ast.Subscript):
            target = target.value
        elif not isinstance(target, ast.Name):
            self._of_type(node, target)
        return ast.Assign([bound(target, STORE)], self.expr(self.part(node, "right")), None, **self.at(node))

    def _of_type(self, node: Node, target: ast.expr) -> None:
        """``type(x).y = ...``, which the grammar takes for an alias of ``(x).y``."""
        token = node.children[0]
        inner: Any = target
        while isinstance(inner.value, (ast.Attribute, ast.Subscript)):
            inner = inner.value
        where = self.between(token, node) | {"end_lineno": inner.value.end_lineno, "end_col_offset": inner.value.end_col_offset + 1}
        inner.value = ast.Call(ast.Name("type", LOAD, **self.at(token)), [inner.value], [], **where)

    def _print(self, node: Node) -> ast.stmt:
        """``print`` of Python 2 as the function."""
        where = self.at(node)
        keywords: list[ast.keyword] = []
        arguments: list[ast.expr] = []
        for part in self.parts(node):
            if part.type == "chevron":
                keywords.append(ast.keyword("file", self.expr(self.parts(part)[0]), **self.at(part)))
            else:
                arguments.append(self.expr(part))
        name = ast.Name("print", LOAD, **self.at(node.children[0]))
        return ast.Expr(ast.Call(name, arguments, keywords, **where), **where)

    def _exec(self, node: Node) -> ast.stmt:
        """``exec`` of Python 2 as the function."""
        where = self.at(node)
        name = ast.Name("exec", LOAD, **self.at(node.children[0]))
        return ast.Expr(ast.Call(name, [self.expr(part) for part in self.parts(node)], [], **where), **where)

    # Compound statements

    def _if(self, node: Node) -> ast.stmt:
        clauses = [part for part in self.parts(node) if part.type in ("elif_clause", "else_clause")]
        orelse: list[ast.stmt] = []
        for clause in reversed(clauses):
            orelse = self.suite(self.part(clause, "body")) if clause.type == "else_clause" else [self._branch(clause, orelse)]
        return self._branch(node, orelse)

    def _branch(self, node: Node, orelse: list[ast.stmt]) -> ast.stmt:
        test = self.expr(self.part(node, "condition"))
        body = self.suite(self.part(node, "consequence"))
        return ast.If(test, body, orelse, **self.ending(node, orelse or body))

    def _else(self, node: Node) -> list[ast.stmt]:
        clause = next((part for part in self.parts(node) if part.type == "else_clause"), None)
        return self.suite(self.part(clause, "body")) if clause is not None else []

    def _for(self, node: Node) -> ast.stmt:
        target = self.target(self.part(node, "left"))
        iterated = self.expr(self.part(node, "right"))
        body = self.suite(self.part(node, "body"))
        orelse = self._else(node)
        kind: Any = ast.AsyncFor if self.has(node, "async") else ast.For
        made: ast.stmt = kind(target, iterated, body, orelse, None, **self.ending(node, orelse or body))
        return made

    def _while(self, node: Node) -> ast.stmt:
        test = self.expr(self.part(node, "condition"))
        body = self.suite(self.part(node, "body"))
        orelse = self._else(node)
        return ast.While(test, body, orelse, **self.ending(node, orelse or body))

    def _with(self, node: Node) -> ast.stmt:
        clause = next(part for part in self.parts(node) if part.type == "with_clause")
        items = [self._item(self.part(part, "value")) for part in self.parts(clause)]
        body = self.suite(self.part(node, "body"))
        kind: Any = ast.AsyncWith if self.has(node, "async") else ast.With
        made: ast.stmt = kind(items, body, None, **self.ending(node, body))
        return made

    def _item(self, node: Node) -> ast.withitem:
        if node.type != "as_pattern":
            return ast.withitem(self.expr(node), None)
        target = self.parts(self.part(node, "alias"))[0]
        return ast.withitem(self.expr(self.parts(node)[0]), self.target(target))

    def _try(self, node: Node) -> ast.stmt:
        body = self.suite(self.part(node, "body"))
        clauses = [part for part in self.parts(node) if part.type.startswith("except")]
        handlers = [self._handler(clause) for clause in clauses]
        orelse = self._else(node)
        last = next((part for part in self.parts(node) if part.type == "finally_clause"), None)
        final = self.suite(next(part for part in self.parts(last) if part.type == "block")) if last is not None else []
        end = final or orelse or (handlers[-1].body if handlers else body)
        groups = any(self.has(clause, "*") or clause.type == "except_group_clause" for clause in clauses)
        kind = ast.TryStar if groups else ast.Try
        return kind(body, handlers, orelse, final, **self.ending(node, end))

    def _handler(self, node: Node) -> ast.ExceptHandler:
        caught = [part for part in self.parts(node) if part.type != "block"]
        body = self.suite(next(part for part in self.parts(node) if part.type == "block"))
        where = self.ending(node, body)
        if not caught:
            return ast.ExceptHandler(None, None, body, **where)
        if caught[0].type == "as_pattern":
            name = self.parts(self.part(caught[0], "alias"))[0]
            return ast.ExceptHandler(self.expr(self.parts(caught[0])[0]), self.name(name), body, **where)
        if len(caught) == 1:
            return ast.ExceptHandler(self.expr(caught[0]), None, body, **where)
        if len(caught) == 2 and caught[1].type == "identifier" and not self.name(caught[1])[:1].isupper():
            # Python 2; Python 3.14 has classes in its place, and those begin with a capital letter
            return ast.ExceptHandler(self.expr(caught[0]), self.name(caught[1]), body, **where)
        classes = ast.Tuple([self.expr(part) for part in caught], LOAD, **self.between(caught[0], caught[-1]))
        return ast.ExceptHandler(classes, None, body, **where)

    def _match(self, node: Node) -> ast.stmt:
        subjects = [part for part in node.children_by_field_name("subject") if part.is_named]
        block = self.part(node, "body")
        before_colon = [part for part in node.children if part.end_byte <= block.start_byte]
        if len(subjects) == 1 and not any(part.type == "," for part in before_colon):
            subject = self.expr(subjects[0])
        else:
            subject = ast.Tuple([self.expr(part) for part in subjects], LOAD, **self.between(subjects[0], subjects[-1]))
        cases = [self._match_case(part) for part in self.parts(block) if part.type == "case_clause"]
        return ast.Match(subject, cases, **self.ending(node, cases[-1].body if cases else []))

    def _match_case(self, node: Node) -> ast.match_case:
        patterns = [part for part in self.parts(node) if part.type == "case_pattern"]
        guard = node.child_by_field_name("guard")
        condition = self.expr(self.parts(guard)[0]) if guard is not None else None
        pattern = self.case(patterns, comma=self.has(node, ","))
        return ast.match_case(pattern, condition, self.suite(self.part(node, "consequence")))


def _printed(value: ast.expr) -> ast.expr:
    """``print ("...").format(x)`` of Python 2: what it prints is all of it, for nothing can be done with what the function returns."""
    outer: Any = None
    field = ""
    node: Any = value
    while isinstance(node, (ast.Attribute, ast.Call, ast.BinOp, ast.Subscript)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if outer is None or node.func.id != "print" or len(node.args) != 1 or node.keywords:
                return value
            setattr(outer, field, node.args[0])
            return ast.copy_location(ast.Call(node.func, [value], []), value)
        outer = node
        field = "left" if isinstance(node, ast.BinOp) else "func" if isinstance(node, ast.Call) else "value"
        node = getattr(node, field)
    return value


# ruff: noqa: SLF001 - the table below is part of the class
_KINDS: dict[str, Callable[[Any, Node], ast.stmt]] = {
    "import_statement": Statements.import_,
    "future_import_statement": Statements.import_from,
    "import_from_statement": Statements.import_from,
    "print_statement": Statements._print,
    "exec_statement": Statements._exec,
    "assert_statement": Statements._assert,
    "expression_statement": Statements._expression,
    "return_statement": Statements._return,
    "delete_statement": Statements._delete,
    "raise_statement": Statements._raise,
    "pass_statement": Statements._pass,
    "break_statement": Statements._pass,
    "continue_statement": Statements._pass,
    "global_statement": Statements._global,
    "nonlocal_statement": Statements._global,
    "type_alias_statement": Statements._type_alias,
    "if_statement": Statements._if,
    "for_statement": Statements._for,
    "while_statement": Statements._while,
    "try_statement": Statements._try,
    "with_statement": Statements._with,
    "function_definition": Statements.function,
    "class_definition": Statements.class_,
    "decorated_definition": Statements.decorated,
    "match_statement": Statements._match,
}
