"""From names to columns: formulas and relations tied to the columns that they speak of, and every way in which they do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from aisecops.core.text import inert
from aisecops.core.yaml_text import Mistake
from aisecops.datasets.domain.declaration import Change, Column, ColumnType, Domain
from aisecops.datasets.domain.formula import Call, Comparison, FormulaError, Name, Node, Number, Text, parse_formula, parse_relation


class Cell(NamedTuple):
    """The value of the column with this index."""

    column: int


class Operation(NamedTuple):
    """A function or operator of its arguments."""

    function: str
    arguments: tuple[Term, ...]


Term: TypeAlias = float | Cell | Operation


class Claim(NamedTuple):
    """A comparison between terms."""

    left: Term
    sign: str
    right: Term

    @property
    def columns(self) -> frozenset[int]:
        """The columns that it reads."""
        return columns_of(self.left) | columns_of(self.right)


class BoundRelation(NamedTuple):
    """A relation tied to columns; ``text`` names it in reports."""

    text: str
    conditions: tuple[Claim, ...]
    consequences: tuple[Claim, ...]

    @property
    def columns(self) -> frozenset[int]:
        """The columns that it reads."""
        return frozenset().union(*(claim.columns for claim in (*self.conditions, *self.consequences)))


def columns_of(term: Term) -> frozenset[int]:
    """The columns that a term reads."""
    match term:
        case Cell(column):
            return frozenset((column,))
        case Operation(_, arguments):
            return frozenset().union(*map(columns_of, arguments))
        case _:
            return frozenset()


def mistakes(domain: Domain) -> Iterator[Mistake]:
    """Yield what contradicts itself in ``domain``, each with its path from the domain's own keys."""
    if not domain.columns:
        yield Mistake(("columns",), "a domain without columns", "list the columns of the table that the model gets")
    seen: set[str] = set()
    for number, column in enumerate(domain.columns):
        if not column.name or column.name in seen:
            yield Mistake(
                ("columns", number, "name"), f"a column named `{inert(column.name, 40)}`, again or empty", "give each column a name of its own"
            )
        seen.add(column.name)
        for key, what, fix in column.mistakes():
            yield Mistake(("columns", number, key), f"column `{inert(column.name, 40)}`: {what}", fix)
        if not isinstance(column.type, ColumnType) or not isinstance(column.change, Change):
            yield Mistake(
                ("columns", number, "type"), f"column `{inert(column.name, 40)}` has an unknown type or change", "use ColumnType and Change"
            )
    yield from _group_mistakes(domain)
    if not 0 <= domain.tolerance < 1:
        yield Mistake(("tolerance",), f"a tolerance of {domain.tolerance}", "give a share of the values such as 1e-6")
    yield from _language_mistakes(domain)


def _group_mistakes(domain: Domain) -> Iterator[Mistake]:
    members: dict[str, list[int]] = {}
    for number, column in enumerate(domain.columns):
        if column.group:
            members.setdefault(column.group, []).append(number)
    for group, numbers in members.items():
        if len(numbers) == 1:
            yield Mistake(
                ("columns", numbers[0], "group"),
                f"`{inert(group, 40)}` is a group of one",
                "give the other columns of the one-hot group the same `group`",
            )


def _language_mistakes(domain: Domain) -> Iterator[Mistake]:
    binder = Binder(domain.columns)
    formulas: dict[int, Term] = {}
    for number, column in enumerate(domain.columns):
        if column.formula:
            try:
                formulas[number] = binder.formula(column.formula)
            except FormulaError as wrong:
                yield Mistake(
                    ("columns", number, "formula"), f"formula of `{inert(column.name, 40)}`: {wrong.what} at character {wrong.at}", wrong.fix
                )
    if (circle := _circle(formulas)) is not None:
        what = f"`{inert(domain.columns[circle].name, 40)}` follows from itself"
        yield Mistake(("columns", circle, "formula"), what, "of columns that follow from each other, give one no formula")
    for number, text in enumerate(domain.relations):
        try:
            binder.relation(text)
        except FormulaError as wrong:
            yield Mistake(("relations", number), f"relation `{inert(text, 80)}`: {wrong.what} at character {wrong.at}", wrong.fix)


def _circle(formulas: Mapping[int, Term]) -> int | None:
    """Return a column that follows from itself, if one does."""
    ordered = set(derivation_order(formulas))
    return min(set(formulas) - ordered, default=None)


def derivation_order(formulas: Mapping[int, Term]) -> list[int]:
    """Return the derived columns so that each stands behind those that it reads; those on a circle are left out."""
    order: list[int] = []
    left = dict(formulas)
    while ready := [column for column, term in left.items() if not columns_of(term) & left.keys()]:
        order += ready
        for column in ready:
            del left[column]
    return order


class Binder:
    """Ties trees to columns: names to their indices, categories to their numbers, members of a one-hot group to ``member == 1``."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.index = {column.name: number for number, column in enumerate(columns)}
        self.groups = {column.group for column in columns if column.group}

    def formula(self, text: str) -> Term:
        """Parse and bind a formula. Raises ``FormulaError``."""
        return self.term(parse_formula(text))

    def relation(self, text: str) -> BoundRelation:
        """Parse and bind a relation. Raises ``FormulaError``."""
        tree = parse_relation(text)
        return BoundRelation(text, tuple(map(self.claim, tree.conditions)), tuple(map(self.claim, tree.consequences)))

    def term(self, node: Node) -> Term:
        """Bind a tree of numbers."""
        match node:
            case Number(value):
                return value
            case Name(name, at):
                if (number := self.index.get(name)) is None:
                    raise self._unknown(name, at)
                if self.columns[number].type == ColumnType.CATEGORY:
                    raise FormulaError(f"`{inert(name, 40)}` is a category, not a number", at, f'compare it with a category: {name} == "..."')
                return Cell(number)
            case Text(value, at):
                raise FormulaError(f'"{inert(value, 40)}" is a category, not a number', at, "compare it, by == or !=, with a column of categories")
            case Call(function, arguments):
                return Operation(function, tuple(map(self.term, arguments)))

    def claim(self, comparison: Comparison) -> Claim:
        """Bind a comparison, of numbers or of a category."""
        for subject, other in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
            if isinstance(subject, Name) and isinstance(other, Name | Text) and self._categorical(subject.name):
                if comparison.sign not in {"==", "!="}:
                    raise FormulaError("categories have no order", comparison.at, "compare them by == or !=")
                column, value = self._category(subject.name, other.name if isinstance(other, Name) else other.value, other.at)
                return Claim(Cell(column), comparison.sign, value)
        return Claim(self.term(comparison.left), comparison.sign, self.term(comparison.right))

    def _categorical(self, name: str) -> bool:
        number = self.index.get(name)
        return name in self.groups if number is None else self.columns[number].type == ColumnType.CATEGORY

    def _category(self, subject: str, value: str, at: int) -> tuple[int, float]:
        """Return the column and the number that ``subject == value`` asks for."""
        number = self.index.get(subject)
        if number is not None:
            known = self.columns[number].categories
            if value in known:
                return number, float(known.index(value))
        else:
            known = tuple(column.name for column in self.columns if column.group == subject)
            for name in (value, *(f"{subject}{joint}{value}" for joint in ("_", "=", "-", ".", " ", ": "))):
                if name in known:
                    return self.index[name], 1.0
        raise FormulaError(
            f"`{inert(subject, 40)}` has no category `{inert(value, 40)}`", at, f"it has {', '.join(inert(name, 40) for name in known[:8])}"
        )

    def _unknown(self, name: str, at: int) -> FormulaError:
        import difflib

        if name in self.groups:
            return FormulaError(f"`{inert(name, 40)}` is a one-hot group, not a number", at, f'compare it with a member: {name} == "..."')
        near = difflib.get_close_matches(name, self.index, n=1)
        fix = (
            f"did you mean `{inert(near[0], 40)}`?"
            if near
            else "name a column of the domain; names with other characters than letters, digits and _ need backticks"
        )
        return FormulaError(f"there is no column `{inert(name, 40)}`", at, fix)
