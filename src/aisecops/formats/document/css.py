"""As much of CSS as decides whether text is seen: declarations, simple selectors, lengths and colours. Linear in the size of the style sheet.

References
----------
CSS Syntax Module Level 3; Selectors Level 3; CSS Color Module Level 4 (names, hex, rgb, hsl).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

TELLING = frozenset(
    "display visibility opacity font-size font color background background-color background-image position left top right bottom text-indent clip clip-path"
    " width height max-width max-height overflow overflow-x overflow-y transform margin-left margin-top content-visibility filter line-height"
    " -webkit-text-fill-color zoom".split()
)
"""Properties that can put text out of sight, or back."""
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
_SIMPLE = re.compile(
    r"(?P<tag>\*|[a-zA-Z][\w-]*)|\#(?P<id>(?:[\w-]|[^\x00-\x7f])+)|\.(?P<cls>(?:[\w-]|[^\x00-\x7f])+)"
    r"|\[\s*(?P<attr>[\w-]+)\s*(?:(?P<op>[~|^$*]?=)\s*(?P<val>\"[^\"]*\"|'[^']*'|[^\]\s]+)\s*(?:[iIsS]\s*)?)?\]|(?P<pseudo>::?[\w-]+(?:\([^()]*\))?)"
)
_AT_SEEN = re.compile(r"@(?:media|supports|layer|container|scope|document)\b(?P<query>[^{]*)$", re.IGNORECASE)
_ALPHA = re.compile(r"[,/]\s*([0-9.]+%?)\s*$")


class Declarations(msgspec.Struct, frozen=True):
    """Telling declarations: property to value (lower case), ordinary and ``!important`` ones."""

    normal: dict[str, str]
    important: dict[str, str]


class Compound(msgspec.Struct, frozen=True):
    """A compound selector: what one element has to be. ``state``: it holds only in a state (hover, checked) or of what is made by CSS."""

    tag: str = ""
    id: str = ""
    classes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str, str], ...] = ()
    state: bool = False


class Rule(msgspec.Struct, frozen=True):
    """A rule: the compounds from left to right (an element and its ancestors), its weight in the cascade, and what it declares."""

    compounds: tuple[Compound, ...]
    weight: tuple[int, int, int, int]
    declarations: Declarations


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
        if not colon or name not in TELLING:
            continue
        value = value.strip().lower()
        if _IMPORTANT.search(value):
            important[name] = _IMPORTANT.sub("", value)
        elif value:
            normal[name] = value
    return Declarations(normal, important)


def rules(sheet: str) -> Iterator[Rule]:
    """Yield the rules of a style sheet that declare something telling, at most twenty thousand; blocks for print and narrow screens are no one's first sight."""
    number = 0
    for selectors, block in _blocks(_COMMENT.sub(" ", sheet)):
        declared = declarations(block)
        if not declared.normal and not declared.important:
            continue
        for selector in selectors.split(","):
            if len(selector) <= _LONGEST_SELECTOR and (compounds := _compounds(plain(selector))):
                number += 1
                if number > _MOST_RULES:
                    return
                ids = sum(bool(c.id) for c in compounds)
                classes = sum(len(c.classes) + len(c.attributes) for c in compounds)
                tags = sum(bool(c.tag) for c in compounds)
                yield Rule(compounds, (ids, classes, tags, number), declared)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield (selectors, block) of plain rules, those inside of conditions that hold on a screen too."""
    at = 0
    skip: list[bool] = []
    while (brace := text.find("{", at)) >= 0:
        closed = text.count("}", at, brace)
        if closed:
            del skip[max(0, len(skip) - closed) :]
            at = text.rfind("}", at, brace) + 1
        prelude = text[at:brace].rpartition(";")[2].strip()
        if prelude.startswith("@"):
            condition = _AT_SEEN.match(prelude)
            skip.append(condition is None or _is_elsewhere(condition["query"]))
            at = brace + 1
            continue
        end = text.find("}", brace)
        end = len(text) if end < 0 else end
        if not any(skip):
            yield prelude, text[brace + 1 : end]
        at = end + 1


def _is_elsewhere(query: str) -> bool:
    """Whether a media query is not about the first sight of a page on a screen."""
    return (
        re.search(r"print|speech|max-width|max-height|max-device|width\s*<|prefers-|orientation|hover|forced-colors|\bnot\b", query.lower())
        is not None
    )


def _compounds(selector: str) -> tuple[Compound, ...]:
    """Return the compounds of a selector; empty where it holds something that we do not judge."""
    found = []
    for part in re.split(r"\s*[>+~]\s*(?![^\[]*\])|\s+(?![^\[]*\])", selector.strip())[:12]:
        compound = _compound(part)
        if compound is None:
            return ()
        found.append(compound)
    return tuple(found) if found and not any(c.state for c in found) else ()


def _compound(part: str) -> Compound | None:
    tag = identity = ""
    classes: list[str] = []
    attributes: list[tuple[str, str, str]] = []
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
        elif match["pseudo"] != ":root":
            state = True
    return Compound(tag, identity, tuple(classes), tuple(attributes), state)


def matches(compound: Compound, tag: str, attributes: Mapping[str, str], classes: Sequence[str]) -> bool:
    """Whether an element is what ``compound`` asks for."""
    if compound.tag and compound.tag != tag:
        return False
    if compound.id and attributes.get("id") != compound.id:
        return False
    return all(name in classes for name in compound.classes) and all(_has(attributes, *wanted) for wanted in compound.attributes)


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


def colour(value: str) -> tuple[int, int, int, float] | None:
    """Return a colour as red, green, blue (0 to 255) and opacity (0 to 1); None: not a colour that we know (``inherit``, ``var(...)``, a gradient)."""
    value = value.strip().lower()
    if value == "transparent":
        return 0, 0, 0, 0.0
    if value.startswith("#"):
        return _from_hex(value[1:])
    if match := re.match(r"(rgba?|hsla?)\(([^()]{1,80})\)", value):
        return _from_function(match[1][:3], match[2])
    named = _NAMES.get(value)
    return None if named is None else (named >> 16, named >> 8 & 255, named & 255, 1.0)


def _from_hex(digits: str) -> tuple[int, int, int, float] | None:
    if re.fullmatch("[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}", digits) is None:
        return None
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[i : i + 2], 16) for i in range(0, len(digits), 2)]
    return parts[0], parts[1], parts[2], parts[3] / 255 if len(parts) > 3 else 1.0


def _from_function(kind: str, inner: str) -> tuple[int, int, int, float] | None:
    numbers = re.findall(r"[+-]?(?:\d+\.?\d*|\.\d+)%?", inner)
    if len(numbers) < 3:
        return None
    opacity = _share(numbers[3]) if len(numbers) > 3 else 1.0
    if kind == "hsl":
        import colorsys

        hue, light, rich = float(numbers[0].rstrip("%")) % 360 / 360, _share(numbers[2] if "%" in numbers[2] else numbers[2] + "%"), numbers[1]
        red, green, blue = colorsys.hls_to_rgb(hue, light, _share(rich if "%" in rich else rich + "%"))
        return round(red * 255), round(green * 255), round(blue * 255), opacity
    channels = [min(255, max(0, round(float(n.rstrip("%")) * (2.55 if "%" in n else 1)))) for n in numbers[:3]]
    return channels[0], channels[1], channels[2], opacity


def _share(text: str) -> float:
    return min(1.0, max(0.0, float(text.rstrip("%")) / (100 if "%" in text else 1)))


def background_of(value: str) -> tuple[int, int, int, float] | None:
    """Return the colour in the value of ``background``; None where there is a picture, or none that we know."""
    if "url(" in value or "gradient" in value or "var(" in value:
        return None
    for word in re.findall(r"#[0-9a-f]+|(?:rgb|hsl)a?\([^()]*\)|[a-z]+", value.lower()):
        if (found := colour(word)) is not None:
            return found
    return None


_NAMES = {
    "black": 0x000000, "silver": 0xC0C0C0, "gray": 0x808080, "grey": 0x808080, "white": 0xFFFFFF, "maroon": 0x800000, "red": 0xFF0000, "purple": 0x800080,
    "fuchsia": 0xFF00FF, "magenta": 0xFF00FF, "green": 0x008000, "lime": 0x00FF00, "olive": 0x808000, "yellow": 0xFFFF00, "navy": 0x000080, "blue": 0x0000FF,
    "teal": 0x008080, "aqua": 0x00FFFF, "cyan": 0x00FFFF, "orange": 0xFFA500, "snow": 0xFFFAFA, "ivory": 0xFFFFF0, "azure": 0xF0FFFF, "mintcream": 0xF5FFFA,
    "ghostwhite": 0xF8F8FF, "whitesmoke": 0xF5F5F5, "floralwhite": 0xFFFAF0, "seashell": 0xFFF5EE, "aliceblue": 0xF0F8FF, "honeydew": 0xF0FFF0,
    "lightgray": 0xD3D3D3, "lightgrey": 0xD3D3D3, "gainsboro": 0xDCDCDC, "darkgray": 0xA9A9A9, "darkgrey": 0xA9A9A9, "dimgray": 0x696969, "beige": 0xF5F5DC,
    "linen": 0xFAF0E6, "oldlace": 0xFDF5E6, "lavender": 0xE6E6FA, "lightyellow": 0xFFFFE0, "lightcyan": 0xE0FFFF, "cornsilk": 0xFFF8DC, "darkblue": 0x00008B,
    "darkred": 0x8B0000, "darkgreen": 0x006400, "midnightblue": 0x191970, "brown": 0xA52A2A, "crimson": 0xDC143C, "gold": 0xFFD700, "pink": 0xFFC0CB,
}  # fmt: skip
