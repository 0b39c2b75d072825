"""States that a class turns into code: what they may hold, key by key.

Two libraries keep text in their pickles that runs when the state is set: scipy the text of three small functions that read the arguments of a distribution,
statsmodels the formula of a model. A memory of joblib unpickles results from the folder that its state names. All are harmless as most models write them, and
exactly so much is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from aisecops.core.asset import FileVerdict
from aisecops.core.text import inert
from aisecops.formats.pickle.trace import State
from aisecops.knowledge.callables import Condition, Ruling

_UNSEEN = Ruling(FileVerdict.BLOCK, "state-unseen", "what it does depends on its state, and the stream hides that")
_HELD = Ruling(FileVerdict.CLEAN, "state-condition-holds", "its state is what the library writes")

_DISTRIBUTION_KEYS = frozenset(
    "__doc__ _ctor_param _density _hbin_widths _hbins _hcdf _histogram _hpdf _parse_arg_template _random_state _rvs_uses_size_attribute _stats_has_moments "
    "_rvs_size_warned _size _support a b badvalue extradoc inc moment_tol moment_type name numargs pk qvals return_integers shapes vecentropy xa xb xk xtol".split()
)
"""What scipy 1.6 to 1.17 keeps. Not a name more: the object looks up its methods among them."""
_SHAPES = r"(?P<shapes>(?:[A-Za-z_]\w{0,40}, ){0,12})"
_TEMPLATE = re.compile(
    rf"\ndef _parse_args\(self, {_SHAPES} (?P<given>loc=0(?:, scale=1)?)\):\n"
    r"    return \((?P=shapes)\), (?P<taken>loc, (?:scale|1))\n"
    r"\ndef _parse_args_rvs\(self, (?P=shapes) (?P=given), size=None\):\n"
    r"    return self\._argcheck_rvs\((?P=shapes) (?P=taken), size=size\)\n"
    r"\ndef _parse_args_stats\(self, (?P=shapes) (?P=given), moments='mv'\):\n"
    r"    return \((?P=shapes)\), (?P=taken), moments\n",
    re.ASCII,
)
"""``parse_arg_template`` of scipy.stats._distn_infrastructure, the same from 1.6 to 1.17: three functions that return their arguments."""

_EVALUATES = ("restore_design_info", "restore_model_spec")
"""What asks statsmodels (0.14 and before, 0.15) to evaluate the formula."""
_LONGEST = 1000
"""Characters of a formula that is read."""
_WORD = r"[^\W\d]\w*"
_LOOKUPS = re.compile(rf"(?:{_WORD}(?!\w|\s*\()|\d{{1,2}}(?![\w.])|[~+\-:*/()|\s])*")
"""Names, small numbers (a power) and the operators of formulas, and no name followed by a parenthesis: nothing is called."""
_FUNCTIONS = (
    "C|I|Q|center|scale|standardize|bs|cr|cc|te|poly|Treatment|Sum|Poly|Helmert|Diff|log|log10|exp|abs|(?:np|numpy)\\.(?:log|log1p|log2|log10|exp|expm1|sqrt|cbrt"
    "|abs|sign|square|power|sin|cos|tan|tanh|arcsinh|floor|ceil|minimum|maximum)"
)
_TEXT = r"(?:\"[^\"'\\{}]*\"|'[^\"'\\{}]*')"
_CALLS = re.compile(
    rf"(?:(?:{_FUNCTIONS})(?=\s*\()|{_WORD}(?!\w|\s*\()|\d{{1,3}}(?:\.\d{{1,6}})?(?![\w.])|[~+\-:*/(|,=<>!\s]|\)(?!\s*\()|(?<=[(,=\s]){_TEXT})*"
)
"""The same with the functions that formulas are known for, and nothing that such a function returns is called."""


def vet(condition: str, state: State) -> Ruling:
    """Rule on a state by the condition of its class, one of ``VETTED``."""
    if state.items is None or len({key for key, _ in state.items}) < len(state.items):
        return _UNSEEN
    if condition == Condition.MEMORY:
        return _memory({key for key, _ in state.items}, state.empty)
    return _VETTERS[condition](dict(state.items))


_MEMORY_KEYS = frozenset(
    "depth _name _verbose mmap_mode timestamp backend compress backend_options location store_backend cachedir bytes_limit".split()
)
"""What joblib 0.14 to 1.6 keeps."""
_PLACES = frozenset({"location", "store_backend", "cachedir"})


def _memory(keys: set[str], empty: frozenset[str]) -> Ruling:
    if strange := sorted(keys - _MEMORY_KEYS):
        return Ruling(FileVerdict.BLOCK, "memory-state", f"its state replaces parts of the memory: {inert(', '.join(strange), 100)}")
    if "store_backend" not in keys or not keys & _PLACES <= empty:
        return Ruling(FileVerdict.BLOCK, "memory-place", "it keeps results in a folder, from which it unpickles them when it is used")
    return _HELD


def _distribution(state: dict[str, str | None]) -> Ruling:
    if strange := sorted(state.keys() - _DISTRIBUTION_KEYS):
        return Ruling(FileVerdict.BLOCK, "distribution-state", f"its state replaces parts of the distribution: {inert(', '.join(strange), 100)}")
    template = state.get("_parse_arg_template", "")
    if template is None:
        return _UNSEEN
    if template and not _TEMPLATE.fullmatch(template):
        return Ruling(
            FileVerdict.BLOCK, "distribution-code", "its state brings a text that setting it runs as Python code, and that is not scipy's own"
        )
    return _HELD


def _formula(state: dict[str, str | None]) -> Ruling:
    if not any(key in state for key in _EVALUATES):
        return _HELD
    formula = state.get("formula")
    if formula is None or len(formula) > _LONGEST or "frame" not in state:  # without its table, statsmodels calls a method of what it finds instead
        return Ruling(FileVerdict.BLOCK, "formula-unseen", "setting its state evaluates a formula, and the stream does not show which")
    shown = inert(formula, 100)
    if _LOOKUPS.fullmatch(formula) or _CALLS.fullmatch(formula):
        return _HELD
    return Ruling(FileVerdict.BLOCK, "formula-code", f"setting its state evaluates the formula {shown}, and formulas are Python code")


_VETTERS: dict[str, Callable[[dict[str, str | None]], Ruling]] = {Condition.DISTRIBUTION: _distribution, Condition.FORMULA: _formula}
