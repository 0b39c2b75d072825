"""Where the interpreter is: the module, the function, the environment; and what its parts ask of each other."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from aisecops.codebase.dataflow.program import Arguments, Env, Function, Module, Summary
from aisecops.codebase.dataflow.values import Taint, Value

if TYPE_CHECKING:
    from aisecops.codebase.dataflow.linking import Program


class Frames(ABC):
    """The state of an interpreter. An environment is replaced, never changed, where ways part."""

    program: Program
    examined: Module
    module: Module
    function: Function | None
    env: Env
    closure: Env | None
    dotted: bool
    """Whether the environment holds names such as ``self.x``: looking them up costs, and most functions have none."""
    walrus: set[str]
    returns: list[Value]
    loops: int
    confirmed: bool
    recording: bool
    current: Summary
    noted: dict[int, Value] | None
    """What the parts of the condition just evaluated are, by node: whoever looks at a condition once more need not evaluate it again. None: nobody will."""

    @abstractmethod
    def evaluate(self, node: ast.expr) -> Value:
        """Return what ``node`` is."""

    @abstractmethod
    def call(self, node: ast.Call) -> Value:
        """Return what the call ``node`` gives, and note what it does."""

    @abstractmethod
    def call_function(self, function: Function, positional: list[Value], keywords: Env, node: ast.AST) -> Value:
        """Return what ``function`` of the project gives for these arguments."""

    @abstractmethod
    def call_value(self, callee: Value, arguments: Arguments, node: ast.AST, receiver: Value) -> Value:
        """Return what calling ``callee`` gives."""

    @abstractmethod
    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind ``target``."""

    @abstractmethod
    def lookup(self, name: str) -> Value:
        """Return what ``name`` means here."""

    @abstractmethod
    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """Return ``value.name``."""

    @abstractmethod
    def item(self, value: Value, key: Value, node: ast.AST) -> Value:
        """Return ``value[key]``."""

    @abstractmethod
    def element(self, value: Value) -> Value:
        """Return what iterating over ``value`` gives."""

    @abstractmethod
    def builtin(self, name: str) -> Value:
        """Return the builtin ``name``."""

    @abstractmethod
    def submodule(self, module: Module, name: str) -> Value | None:
        """Return the module ``name`` inside the package ``module``."""

    @abstractmethod
    def marks(self, labels: tuple[str, ...], node: ast.AST, what: str) -> Taint:
        """Return marks for labels that begin at ``node``."""

    @abstractmethod
    def make_lambda(self, node: ast.Lambda) -> Function:
        """Return the function that ``node`` makes."""

    @abstractmethod
    def confirms(self, path: str) -> bool:
        """Whether a value with this path is what a person said."""

    @abstractmethod
    def refined(self, test: ast.expr, env: Env, *, truth: bool) -> Env:
        """Return ``env`` where ``test`` has come out as ``truth``."""
