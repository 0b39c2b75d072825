"""Whether an element's text is seen, told by its style and by those of what it stands in."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import msgspec

from aisecops.formats.document.colours import Colour, alike, background_of, colour, hexed
from aisecops.formats.document.css import four_sides, pixels
from aisecops.formats.document.spans import Concealment, Purpose

_FAR = 900.0
"""Pixels beyond which a box has left the page."""
_OWN = 200.0
"""Pixels that a box is wide, of which nothing is known: slides of a show are moved by a few of their own widths."""
_TINY = 2.0
"""Pixels below which letters are dust."""
_FAINT = 0.06
_SIZES = {"xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32}
_ZERO_CLIP = re.compile(
    r"rect\(\s*(?:0|1px|auto)[\w\s,.%]*\)|(?:circle|ellipse)\(\s*0(?![.\d])"
    r"|polygon\(\s*0(?:px|%)?\s+0(?:px|%)?\s*(?:,\s*0(?:px|%)?\s+0(?:px|%)?\s*)*\)"
)
_INSET = re.compile(r"inset\(\s*([^()]{1,80}?)\s*(?:round[^()]*)?\)")
_MOVED = re.compile(r"translate(?:x|y|3d)?\(\s*([^)]{1,60})\)")
_SCALED = re.compile(r"(scale(?:x|y|3d)?|matrix|rotate[xy])\(\s*([^()]{1,120})\)")
_SCALES = frozenset(("transform", "scale", "zoom"))
_ANGLE = re.compile(r"([+-]?[\d.]+)(deg|grad|rad|turn)?")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]*(?:\([^()]*\)[^()]*)*))?\)")
_LONGEST_VALUE = 1_000
_ASSISTIVE = re.compile(
    r"(?:^|[\s_-])(?:sr[_-]?only|visually[_-]?hidden|visuallyhidden|hidden[_-]visually|screen[_-]?reader|screenreader|assistive|a11y|skip(?:[_-]?(?:link|nav|to)\w*)?"
    r"|show[_-]for[_-]sr|element[_-]invisible|off[_-]?screen|accessib\w*|sronly|visuallyHidden|for[_-]screen[_-]?readers?|audible)(?:$|[\s_-])",
    re.IGNORECASE,
)


class Look(msgspec.Struct, frozen=True):
    """What an element's text looks like.

    Parameters
    ----------
    hidden, how, purpose
        As of a span.
    sticky
        No style of a descendant can show it again.
    size
        The font's size in pixels.
    ink, ground
        The colours of the text and behind it; None: unknown (a picture, a variable that nobody sets).
    scale
        How much larger than ``size`` letters are painted, by transforms.
    variables
        Custom properties.
    """

    hidden: Concealment | None = None
    how: str = ""
    purpose: Purpose = Purpose.NONE
    sticky: bool = False
    size: float = 16.0
    ink: Colour | None = (0, 0, 0, 1.0)
    ground: Colour | None = (255, 255, 255, 1.0)
    opacity: float = 1.0
    scale: float = 1.0
    variables: Mapping[str, str] = {}


def look(parent: Look, style: Mapping[str, str], attributes: Mapping[str, str]) -> Look:
    """Return how an element with ``style`` looks inside of ``parent``."""
    if parent.sticky:
        return parent
    custom = {name: value for name, value in style.items() if name.startswith("--")}
    variables = {**parent.variables, **custom} if custom else parent.variables
    if any("var(" in value for value in style.values()):
        style = {name: _resolved(value, variables) for name, value in style.items()}
    size = _font_size(style, parent.size)
    seen = Look(
        size=size,
        ink=_ink(style, parent.ink),
        ground=_ground(style, attributes, parent.ground),
        opacity=parent.opacity * _number(style.get("opacity", "1")) * _number(style.get("fill-opacity", "1")),
        scale=parent.scale * _scale(style),
        variables=variables,
    )
    hidden, how, sticky = _judged(style, attributes, seen)
    if hidden is None:
        if parent.hidden is Concealment.NOT_RENDERED and style.get("visibility") != "visible":
            return msgspec.structs.replace(seen, hidden=parent.hidden, how=parent.how, purpose=parent.purpose)
        return seen
    if hidden is parent.hidden and how == parent.how:
        return msgspec.structs.replace(seen, hidden=hidden, how=how, purpose=parent.purpose, sticky=parent.sticky)
    return msgspec.structs.replace(seen, hidden=hidden, how=how, purpose=_purpose(style, attributes, seen, hidden), sticky=sticky)


def _resolved(value: str, variables: Mapping[str, str]) -> str:
    """Return a value with its variables in place; what nobody sets stays, and is no colour then."""
    for _ in range(8):
        if "var(" not in value or len(value) > _LONGEST_VALUE:
            break
        value = _VARIABLE.sub(lambda match: variables.get(match[1], match[2] or "unknown()"), value)
    return value[:_LONGEST_VALUE]


def is_assistive(attributes: Mapping[str, str]) -> bool:
    """Whether names say that a text is for screen readers."""
    return _ASSISTIVE.search(f"{attributes.get('class', '')} {attributes.get('id', '')}") is not None


def _judged(style: Mapping[str, str], attributes: Mapping[str, str], seen: Look) -> tuple[Concealment | None, str, bool]:
    size, ink, ground, opacity = seen.size, seen.ink, seen.ground, seen.opacity
    if style.get("display") == "none":
        return Concealment.NOT_RENDERED, "display: none", True
    if "hidden" in attributes and "display" not in style:
        return Concealment.NOT_RENDERED, "the hidden attribute", True
    if style.get("visibility") in ("hidden", "collapse"):
        return Concealment.NOT_RENDERED, f"visibility: {style['visibility']}", False
    if style.get("content-visibility") == "hidden":
        return Concealment.NOT_RENDERED, "content-visibility: hidden", True
    if opacity < _FAINT or re.search(r"opacity\(\s*0(?:\.0\d*)?%?\s*\)", style.get("filter", "")):
        return Concealment.TRANSPARENT, f"opacity: {opacity:.2g}", True
    if away := _moved_away(style, size):
        return Concealment.OFF_PAGE, away, True
    if cut := _clipped(style, size):
        return Concealment.CLIPPED, cut, True
    if (turned := _scale(style)) < 1 and size * seen.scale < _TINY:
        return Concealment.OFF_PAGE, f"scaled to {turned:.2g}", True
    if size < _TINY:
        return Concealment.TINY, f"font-size: {size:.2g}px", False
    if ink is not None and ink[3] < _FAINT:
        return Concealment.TRANSPARENT, "color: transparent", False
    if ink is not None and ground is not None and alike(ink, ground):
        return Concealment.SAME_COLOUR, f"color: #{hexed(ink)} on #{hexed(ground)}", False
    return None, "", False


def _purpose(style: Mapping[str, str], attributes: Mapping[str, str], seen: Look, hidden: Concealment) -> Purpose:
    if is_assistive(attributes) or _is_idiom(style):
        return Purpose.ASSISTIVE
    if hidden is Concealment.OFF_PAGE and "text-indent" in style and seen.ground is None:
        return Purpose.ASSISTIVE  # a picture in place of its text
    if style.get("animation", style.get("animation-name", "none")) != "none":
        return Purpose.INTERACTIVE  # it comes in by itself
    if any(name.startswith("transition") and value != "none" for name, value in style.items()):
        return Purpose.INTERACTIVE  # it is to change
    return Purpose.NONE


def _is_idiom(style: Mapping[str, str]) -> bool:
    """Whether a style is the one by which text is kept for screen readers: a box of one pixel, cut, out of the flow."""
    small = [name for name in ("width", "height") if (value := pixels(style.get(name, "auto"))) is not None and value <= 1]
    return style.get("position") in ("absolute", "fixed") and len(small) == 2 and ("clip" in style or "clip-path" in style)


def _moved_away(style: Mapping[str, str], size: float) -> str:
    if style.get("position") in ("absolute", "fixed", "relative"):
        for side in ("left", "top", "right", "bottom"):
            value = pixels(style.get(side, "auto"), size)
            if value is not None and (value <= -_FAR or value >= 9 * _FAR):
                return f"{side}: {style[side][:30]}"
    for name in ("text-indent", "margin-left", "margin-top"):
        value = pixels(style.get(name, "auto"), size)
        if value is not None and abs(value) > _FAR and (value < 0 or style.get("overflow", "") == "hidden"):
            return f"{name}: {style[name][:30]}"
    moves = style.get("transform", "") + (f" translate({','.join(style['translate'].split())})" if "translate" in style else "")
    for match in _MOVED.finditer(moves):
        moved = [pixels(part, size, _OWN) for part in match[1].split(",")]  # per cent of the box itself
        if any(part is not None and abs(part) > _FAR for part in moved):
            return f"{match[0][:40]}"
    apart = pixels(style.get("letter-spacing", "normal"), size)
    if apart is not None and apart <= -max(size, 1.0):
        return f"letter-spacing: {style['letter-spacing'][:20]}"
    return ""


def _scale(style: Mapping[str, str]) -> float:
    """By how much the style shrinks or stretches what it is for, the narrower way; 0 where it shows its edge or its back."""
    if _SCALES.isdisjoint(style):
        return 1.0
    factors = [_number(part, most=10.0) for part in style.get("scale", "1").split()[:2]] or [1.0]
    across, down = (factor * _number(style.get("zoom", "1"), most=10.0) for factor in (factors[0], factors[-1]))
    for name, inner in _SCALED.findall(style.get("transform", "")):
        numbers = inner.replace(",", " ").split()
        if not numbers:
            continue
        if name.startswith("rotate"):
            turned = _cosine(numbers[0])
            shown = turned if style.get("backface-visibility") == "hidden" else abs(turned)
            across, down = (across, down * shown) if name == "rotatex" else (across * shown, down)
            continue
        values = [_signed(part) for part in numbers]
        if name == "matrix" and len(values) >= 4:
            across, down = across * math.hypot(values[0], values[1]), down * math.hypot(values[2], values[3])
        elif name in ("scale", "scale3d"):
            across, down = across * abs(values[0]), down * abs(values[1] if len(values) > 1 else values[0])
        elif name == "scalex":
            across *= abs(values[0])
        elif name == "scaley":
            down *= abs(values[0])
    return max(0.0, min(across, down))


def _cosine(angle: str) -> float:
    match = _ANGLE.fullmatch(angle)
    if match is None:
        return 1.0
    turned = math.cos(_signed(match[1]) * {"deg": math.pi / 180, "grad": math.pi / 200, "turn": 2 * math.pi}.get(match[2] or "rad", 1.0))
    return turned if abs(turned) > 1e-6 else 0.0


def _signed(text: str) -> float:
    try:
        return max(-1e6, min(1e6, float(text.rstrip("%")) / (100 if text.endswith("%") else 1)))
    except ValueError:
        return 1.0


def _clipped(style: Mapping[str, str], size: float) -> str:
    for name in ("clip-path", "clip"):
        value = style.get(name, "")
        if _ZERO_CLIP.search(value) and (name == "clip-path" or style.get("position") in ("absolute", "fixed")):
            if name == "clip" and not _empty_rectangle(value, size):
                continue
            return f"{name}: {value[:40]}"
        if name == "clip-path" and (inset := _INSET.search(value)) and _cut_away(inset[1]):
            return f"{name}: {value[:40]}"
    if style.get("overflow", style.get("overflow-y", style.get("overflow-x", ""))) in ("hidden", "clip"):
        for name in ("height", "width", "max-height", "max-width"):
            side = pixels(style.get(name, "auto"), size)
            if side is not None and side <= 1:
                return f"{name}: {style[name][:20]}; overflow: hidden"
    return ""


def _cut_away(inset: str) -> bool:
    """Whether an inset leaves nothing between opposite sides."""
    shares = [float(side[:-1]) if re.fullmatch(r"[\d.]{1,9}%", side) and side.count(".") < 2 and side != ".%" else 0.0 for side in four_sides(inset)]
    return len(shares) == 4 and (shares[0] + shares[2] >= 100 or shares[1] + shares[3] >= 100)


def _empty_rectangle(value: str, size: float) -> bool:
    sides = [pixels(part, size) for part in re.findall(r"[\w.%+-]+", value.partition("(")[2])]
    numbers = [side for side in sides if side is not None]
    return len(numbers) == 4 and (abs(numbers[0] - numbers[2]) <= 1 or abs(numbers[1] - numbers[3]) <= 1)


def _font_size(style: Mapping[str, str], inherited: float) -> float:
    value = style.get("font-size", "")
    if not value and (match := re.search(r"(?:^|\s)([\d.]+(?:px|pt|em|rem|%|v[wh])|0(?=[\s/]))", style.get("font", ""))):
        value = match[1]
    if not value:
        return inherited
    if value in _SIZES:
        return _SIZES[value]
    given = pixels(value, inherited, inherited)
    return inherited if given is None else max(0.0, given)


def _ink(style: Mapping[str, str], inherited: Colour | None) -> Colour | None:
    value = style.get("-webkit-text-fill-color", style.get("color", ""))
    if not value or value in ("inherit", "currentcolor", "unset"):
        return inherited
    return colour(value)


def _ground(style: Mapping[str, str], attributes: Mapping[str, str], inherited: Colour | None) -> Colour | None:
    if style.get("background-image", "none") != "none":
        return None
    value = style.get("background-color") or style.get("background") or attributes.get("bgcolor", "")
    if not value or value in ("inherit", "none", "unset", "initial"):
        return inherited
    found = background_of(value)
    if found is None or found[3] >= 1.0:
        return found
    return inherited if found[3] == 0.0 else None


def _number(value: str, most: float = 1.0) -> float:
    value = value.strip()
    value = value[5:-1].strip() if value.startswith("calc(") and value.endswith(")") else value
    try:
        return min(most, max(0.0, float(value.rstrip("%")) / (100 if value.endswith("%") else 1)))
    except ValueError:
        return 1.0
