"""Model names that stand in an object of settings which the function around is handed: what its class says is a default, and another name a setting away."""

from __future__ import annotations

import ast
import re

from aisecops.checks.source_file.surroundings import Surroundings
from aisecops.codebase.dataflow.program import Hit, Module, Span

_SETTINGS = re.compile(r"(^|_)(config|cfg|conf|args|arguments|params|opts|options|settings|hparams|flags)$")


class HandedOver:
    """Looks at where the names come from that calls of one module are given."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._around = Surroundings(module)
        self._parameters = {function.qualname: function.signature.known for function in module.functions}

    def decides(self, hit: Hit) -> bool:
        """Whether what ``hit`` is about comes out of such an object: ``from_pretrained(config.model)`` in ``def train(config)``."""
        return any(self._takes(span) for span in (hit.span, *hit.sites) if span.path == self._module.path)

    def _takes(self, span: Span) -> bool:
        call = self._around.scope(span.scope).calls.get((span.line, span.column))
        if call is None:
            return False
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        return any(self._is_of_settings(argument, span.scope) for argument in given)

    def _is_of_settings(self, node: ast.expr, scope: str) -> bool:
        if isinstance(node, ast.Attribute) and not node.attr.isupper():
            node = node.value
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":  # what the object was handed
                return _SETTINGS.search(node.attr) is not None
        return isinstance(node, ast.Name) and _SETTINGS.search(node.id) is not None and node.id in self._parameters.get(scope, ())
