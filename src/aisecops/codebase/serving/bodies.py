"""Functions and classes with their statements: of other modules, an analysis keeps the heads alone."""

from __future__ import annotations

import ast
import copy

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Class, Function

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def whole_function(function: Function, program: Program) -> Definition | None:
    """Return the definition of ``function`` with its statements; None for a lambda."""
    node = function.node
    if isinstance(node, ast.Lambda):
        return None
    if node.body:
        return node
    filled = copy.copy(node)
    filled.body = program.body(function)
    return filled


def whole_class(cls: Class, program: Program) -> ast.ClassDef:
    """Return the definition of ``cls``, its methods with their statements."""
    filled = copy.copy(cls.node)
    methods = {id(method.node): whole_function(method, program) for method in cls.methods.values()}
    filled.body = [methods.get(id(statement)) or statement for statement in cls.node.body]
    return filled
