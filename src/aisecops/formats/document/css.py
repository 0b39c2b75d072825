"""As much of CSS as decides whether text is seen: declarations, simple selectors, lengths and colours. Linear in the size of the style sheet.

References
----------
CSS Syntax Module Level 3; Selectors Level 4 (``:is``, ``:not``); CSS Nesting Module; CSS Custom Properties Level 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

TELLING = frozenset(
    "display visibility opacity font-size font color background background-color background-image position left top right bottom text-indent clip clip-path"
    " width height max-width max-height overflow overflow-x overflow-y transform margin-left margin-top content-visibility filter line-height"
    " -webkit-text-fill-color zoom inset translate scale rotate backface-visibility letter-spacing fill fill-opacity animation animation-name"
    " transition transition-property".split()
)
"""Properties that can put text out of sight, or back; custom ones (``--ink``) are kept, too."""
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?)(px|pt|pc|em|rem|ex|ch|%|vw|vh|vmin|vmax|cm|mm|in|q)?(?![\w.%])", re.IGNORECASE)
_PIXELS = {
    "": 1,
    "px": 1,
    "pt": 4 / 3,
    "pc": 16,
    "rem": 16,
    "vw": 12.8,
    "vh": 8,
    "vmin": 8,
    "vmax": 12.8,
    "cm": 37.8,
    "mm": 3.78,
    "in": 96,
    "q": 0.945,
}
_MOST_RULES = 20_000
_LONGEST_SELECTOR = 300
_DEEPEST = 32
_MOST_NESTED = 64
"""Selectors that nesting may multiply to."""
_SIMPLE = re.compile(
    r"(?P<tag>\*|[a-zA-Z][\w-]*)|\#(?P<id>(?:[\w-]|[^\x00-\x7f])+)|\.(?P<cls>(?:[\w-]|[^\x00-\x7f])+)"
    r"|\[\s*(?P<attr>[\w-]+)\s*(?:(?P<op>[~|^$*]?=)\s*(?P<val>\"[^\"]*\"|'[^']*'|[^\]\s]+)\s*(?:[iIsS]\s*)?)?\]|(?P<pseudo>::?[\w-]+)(?:\((?P<args>[^()]*)\))?"
)
_JOINTS = " \t\r\n\f>+~"
_MOST_COMPOUNDS = 12
_COUNTED = re.compile(r"(?P<step>[+-]?[0-9]{0,6})(?P<n>n)(?P<first>[+-][0-9]{1,6})?|(?P<only>[+-]?[0-9]{1,6})")
_TOKEN = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[{};]", re.DOTALL)
_AT_SEEN = re.compile(r"@(?:media|supports|layer|container|scope|document)\b(?P<query>[^{]*)$", re.IGNORECASE)


class Declarations(msgspec.Struct, frozen=True):
    """Telling declarations: property to value (lower case), ordinary and ``!important`` ones."""

    normal: dict[str, str]
    important: dict[str, str]


class Nth(msgspec.Struct, frozen=True):
    """``:nth-child(an+b)``, or with ``of_type`` ``:nth-of-type(an+b)``: which of the children of its parent an element has to be, from 1."""

    step: int
    first: int
    of_type: bool

    def holds(self, place: tuple[int, int]) -> bool:
        """Whether it holds for the child that ``place`` counts among all and among those with its tag; zeros: not known, it does not."""
        ahead = place[self.of_type] - self.first
        return place[self.of_type] > 0 and (ahead == 0 if self.step == 0 else ahead % self.step == 0 and ahead // self.step >= 0)


class Compound(msgspec.Struct, frozen=True):
    """A compound selector: what one element has to be.

    ``state``: it holds only in a state (hover, checked) or of what is made by CSS; ``never``: what the element must not be; ``one_of``: it has to be one of each;
    ``places``: which of the children, or of those with its tag, it has to be.
    """

    tag: str = ""
    id: str = ""
    classes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str, str], ...] = ()
    state: bool = False
    never: tuple[Compound, ...] = ()
    one_of: tuple[tuple[Compound, ...], ...] = ()
    places: tuple[Nth, ...] = ()


class Element(msgspec.Struct, frozen=True):
    """An element as selectors see it.

    Parameters
    ----------
    tag, attributes, classes
        As written, the tag in small letters.
    place
        Which of the children of its parent it is, and which of those with its tag; zeros: unknown.
    parent, before
        What it stands in, and the sibling before it (None also where no rule asks for it).
    """

    tag: str
    attributes: Mapping[str, str]
    classes: tuple[str, ...]
    place: tuple[int, int] = (0, 0)
    parent: Element | None = None
    before: Element | None = None


class Rule(msgspec.Struct, frozen=True):
    """A rule: the compounds from left to right, what joins each to the one before it, its weight in the cascade, and what it declares.

    ``joints``: a space (within), ``>`` (a child), ``+`` (the next sibling) or ``~`` (a later one), one less than compounds.
    ``elsewhere``: it holds in a state, in print or on a narrow screen only: it says what can be seen, not what is seen first.
    """

    compounds: tuple[Compound, ...]
    joints: str
    weight: tuple[int, int, int, int]
    declarations: Declarations
    elsewhere: bool = False


def plain(text: str) -> str:
    """Return a piece of CSS without comments and escapes."""
    if "/*" in text:
        text = _COMMENT.sub(" ", text)
    if "\\" in text:
        text = _ESCAPE.sub(lambda m: chr(min(int(m[1], 16), 0x10FFFF)) if m[1] else m[2], text)
    return text


def declarations(text: str) -> Declarations:
    """Return the telling declarations of a ``style`` attribute or of a rule's block; what is malformed is passed over, as browsers do."""
    normal: dict[str, str] = {}
    important: dict[str, str] = {}
    for part in plain(text).split(";"):
        name, colon, value = part.partition(":")
        name = name.strip().lower()
        if not colon or not (name in TELLING or name.startswith("--")):
            continue
        value = value.strip().lower()
        if _IMPORTANT.search(value):
            important |= _longhands(name, _IMPORTANT.sub("", value))
        elif value:
            normal |= _longhands(name, value)
    return Declarations(normal, important)


def _longhands(name: str, value: str) -> dict[str, str]:
    """A declaration, and of ``inset`` the four that it stands for."""
    if name != "inset":
        return {name: value}
    return dict(zip(("top", "right", "bottom", "left"), four_sides(value), strict=False))


def four_sides(value: str) -> tuple[str, ...]:
    """Return what one to four values say of the top, the right, the bottom and the left; nothing of another number of them."""
    sides = value.split()
    if not 1 <= len(sides) <= 4:
        return ()
    right = sides[1] if len(sides) > 1 else sides[0]
    return sides[0], right, sides[2] if len(sides) > 2 else sides[0], sides[3] if len(sides) > 3 else right


def rules(sheet: str) -> Iterator[Rule]:
    """Yield the rules of a style sheet that declare something telling, at most twenty thousand; those for states, print and narrow screens are ``elsewhere``."""
    number = 0
    for selectors, block, elsewhere in _blocks(_COMMENT.sub(" ", sheet)):
        declared = declarations(block)
        if not declared.normal and not declared.important:
            continue
        for selector in selectors:
            compounds, joints = _compounds(plain(selector)) if len(selector) <= _LONGEST_SELECTOR else ((), "")
            if compounds:
                number += 1
                if number > _MOST_RULES:
                    return
                yield Rule(compounds, joints, (*_weight(compounds), number), declared, elsewhere or any(c.state for c in compounds))


def _weight(compounds: Sequence[Compound]) -> tuple[int, int, int]:
    """The specificity, of ``:not`` and ``:is`` that of the heaviest in them."""
    total = [0, 0, 0]
    for one in compounds:
        inner = [max((_weight([other]) for other in some), default=(0, 0, 0)) for some in (one.never, *one.one_of)]
        own = (bool(one.id), len(one.classes) + len(one.attributes) + len(one.places), bool(one.tag))
        for part in (own, *inner):
            total = [a + b for a, b in zip(total, part, strict=True)]
    return total[0], total[1], total[2]


class _Nest(msgspec.Struct):
    """An open block: the selectors that its declarations are for (none: a condition around others), whether it is passed over or holds elsewhere only."""

    selectors: tuple[str, ...]
    skipped: bool
    elsewhere: bool
    held: list[str]


def _blocks(text: str) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Yield (selectors, declarations, whether they hold elsewhere only) of all blocks of a sheet, nested ones with the selectors that they stand in."""
    open_blocks, at = [_Nest((), False, False, [])], 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark not in "{};":
            continue
        here, piece = open_blocks[-1], text[at : token.start()]
        at = token.end()
        if mark == ";":
            here.held.append(piece)
            continue
        if mark == "}":
            here.held.append(piece)
        if here.selectors and here.held and not here.skipped:
            yield here.selectors, ";".join(here.held), here.elsewhere
        here.held = []
        if mark == "{" and len(open_blocks) < _DEEPEST:
            open_blocks.append(_nested(piece.strip(), here))
        elif mark == "}" and len(open_blocks) > 1:
            open_blocks.pop()
    here = open_blocks[-1]  # a sheet that ends within a block is read as if it were closed
    if here.selectors and not here.skipped:
        yield here.selectors, ";".join([*here.held, text[at:]]), here.elsewhere


def _nested(prelude: str, outer: _Nest) -> _Nest:
    if not prelude.startswith("@"):
        return _Nest(_combined(outer.selectors, _parts(prelude, ",")), outer.skipped, outer.elsewhere, [])
    condition = _AT_SEEN.match(prelude)
    elsewhere = condition is not None and _is_elsewhere(condition["query"])
    return _Nest(outer.selectors, outer.skipped or condition is None, outer.elsewhere or elsewhere, [])


def _combined(outer: Sequence[str], inner: Sequence[str]) -> tuple[str, ...]:
    if not outer:
        return tuple(inner)
    both = (one.replace("&", parent) if "&" in one else f"{parent} {one}" for parent in outer for one in inner)
    return tuple(one for _, one in zip(range(_MOST_NESTED), both, strict=False))


def _parts(text: str, at: str) -> list[str]:
    """Split where one of the characters ``at`` stands outside of brackets."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(text[: 20 * _LONGEST_SELECTOR]):
        if letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter in at and depth <= 0:
            found.append(text[start:place].strip())
            start = place + 1
    return [part for part in (*found, text[start:].strip()) if part]


def _is_elsewhere(query: str) -> bool:
    """Whether a media query is not about the first sight of a page on a screen."""
    return (
        re.search(r"print|speech|max-width|max-height|max-device|width\s*<|prefers-|orientation|hover|forced-colors|\bnot\b", query.lower())
        is not None
    )


def _compounds(selector: str) -> tuple[tuple[Compound, ...], str]:
    """Return the compounds of a selector and what joins them; empty where it holds something that we do not judge."""
    parts, joints = _chained(selector.strip())
    found = []
    for part in parts[-_MOST_COMPOUNDS:]:
        compound = _compound(part)
        if compound is None:
            return (), ""
        found.append(compound)
    return tuple(found), joints[len(joints) - len(found) + 1 :] if found else ""


def _chained(selector: str) -> tuple[list[str], str]:
    """Split a selector into its compounds and what joins them."""
    parts, joints, depth, joint = [""], "", 0, ""
    for letter in selector:
        if depth <= 0 and letter in _JOINTS:
            joint = letter if letter in ">+~" else joint or " "
            continue
        if joint and parts[-1]:
            parts.append("")
            joints += joint
        joint = ""
        depth += (letter in "([") - (letter in ")]")
        parts[-1] += letter
    return [part for part in parts if part], joints


def _compound(part: str) -> Compound | None:
    tag = identity = ""
    classes: list[str] = []
    attributes: list[tuple[str, str, str]] = []
    never: list[Compound] = []
    one_of: list[tuple[Compound, ...]] = []
    places: list[Nth] = []
    state, at = False, 0
    while at < len(part):
        match = _SIMPLE.match(part, at)
        if match is None:
            return None
        at = match.end()
        if match["tag"]:
            tag = "" if match["tag"] == "*" else match["tag"].lower()
        elif match["id"]:
            identity = match["id"]
        elif match["cls"]:
            classes.append(match["cls"])
        elif match["attr"]:
            attributes.append((match["attr"].lower(), match["op"] or "", (match["val"] or "").strip("\"'")))
        elif match["pseudo"] == ":root":
            tag = "html"
        elif match["pseudo"] in (":is", ":where", ":not", ":-webkit-any", ":matches") and match["args"]:
            inner = [_compound(one) for one in _parts(match["args"], ",")]
            known = tuple(one for one in inner if one is not None)
            if match["pseudo"] == ":not":
                state |= len(known) < len(inner)
                never += known
            else:
                one_of.append(known)
        elif (nth := _nth(match["pseudo"], match["args"] or "")) is not None:
            places.append(nth)
        else:
            state = True
    return Compound(tag, identity, tuple(classes), tuple(attributes), state, tuple(never), tuple(one_of), tuple(places))


def _nth(pseudo: str, counted: str) -> Nth | None:
    """Return what ``:first-child``, ``:nth-of-type(2n+1)`` and their like ask for; None for those that count from the end, and for what is none."""
    name, of_type = pseudo.removesuffix("-of-type").removesuffix("-child"), pseudo.endswith("-of-type")
    if name == ":first" and name != pseudo:
        return Nth(0, 1, of_type)
    if name != ":nth" or name == pseudo:
        return None
    said = {"odd": "2n+1", "even": "2n"}.get(counted.strip().lower(), re.sub(r"\s", "", counted.lower()))
    match = _COUNTED.fullmatch(said)
    if match is None:
        return None
    step = {"": 1, "+": 1, "-": -1}.get(match["step"] or "", 0) or int(match["step"]) if match["n"] else 0
    return Nth(step, int(match["first"] or match["only"] or 0), of_type)


def matches(compound: Compound, element: Element) -> bool:
    """Whether an element is what ``compound`` asks for."""
    if compound.tag and compound.tag != element.tag:
        return False
    if compound.id and element.attributes.get("id") != compound.id:
        return False
    if not (all(name in element.classes for name in compound.classes) and all(_has(element.attributes, *wanted) for wanted in compound.attributes)):
        return False
    if not all(nth.holds(element.place) for nth in compound.places):
        return False
    if any(not other.state and matches(other, element) for other in compound.never):
        return False
    return all(any(matches(other, element) for other in some) for some in compound.one_of)


def _has(attributes: Mapping[str, str], name: str, operator: str, wanted: str) -> bool:
    value = attributes.get(name)
    if value is None or not operator:
        return value is not None
    match operator:
        case "=":
            return value == wanted
        case "~=":
            return wanted in value.split()
        case "|=":
            return value == wanted or value.startswith(wanted + "-")
        case "^=":
            return bool(wanted) and value.startswith(wanted)
        case "$=":
            return bool(wanted) and value.endswith(wanted)
        case _:
            return bool(wanted) and wanted in value


def pixels(value: str, em: float = 16.0, whole: float = 1000.0) -> float | None:
    """Return a length in pixels; ``em`` is the size of the font, ``whole`` what 100 % are. None: no single length (``auto``, ``calc(...)``)."""
    match = _LENGTH.fullmatch(value.strip())
    if match is None:
        inner = re.fullmatch(r"(?:calc|max|min)\(\s*([^()]+?)\s*\)", value.strip())
        return pixels(inner[1], em, whole) if inner else None
    number, unit = float(match[1]), (match[2] or "").lower()
    if unit in ("em", "ex", "ch"):
        return number * em * (1.0 if unit == "em" else 0.5)
    return number * whole / 100 if unit == "%" else number * _PIXELS[unit]
