"""Functions of other modules of the project: which one a name means, its statements, and what its names mean there."""

from __future__ import annotations

import ast

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Function, Module


def named_function(node: ast.expr, module: Module, program: Program) -> Function | None:
    """Return the function of the project that a global name, or a name of an imported module, stands for in ``module``; None if there is none."""
    if isinstance(node, ast.Name):
        known = module.env.get(node.id)
        ref = program.now(known).ref if known is not None else None
        return ref if isinstance(ref, Function) else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        known = module.env.get(node.value.id)
        other = program.now(known).ref if known is not None else None
        return named_function(ast.Name(node.attr), other, program) if isinstance(other, Module) else None
    return None


def access_path(node: ast.expr, module: Module, program: Program) -> str:
    """Return the access path that a (dotted) name has by the imports of ``module``; empty if there is none."""
    if isinstance(node, ast.Name):
        known = module.env.get(node.id)
        return program.now(known).path if known is not None else ""
    if isinstance(node, ast.Attribute):
        base = access_path(node.value, module, program)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Call):
        base = access_path(node.func, module, program)
        return f"{base}()" if base else ""
    return ""


def statements(function: Function, program: Program) -> list[ast.stmt]:
    """Return the statements of ``function``; none for a lambda."""
    return [] if isinstance(function.node, ast.Lambda) else function.node.body or program.body(function)
