"""Whether an element's text is seen, told by its style and by those of what it stands in."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from aisecops.formats.document.css import background_of, colour, pixels
from aisecops.formats.document.spans import Concealment, Purpose

Colour = tuple[int, int, int, float]
_FAR = 900.0
"""Pixels beyond which a box has left the page."""
_TINY = 2.0
"""Pixels below which letters are dust."""
_FAINT = 0.06
_SAME = 18.0
"""The largest difference of a channel (of 255) between a text and its ground that nobody sees."""
_SIZES = {"xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32}
_ZERO_CLIP = re.compile(
    r"rect\(\s*(?:0|1px|auto)[\w\s,.%]*\)|inset\(\s*(?:50|[5-9]\d|100)%|circle\(\s*0"
    r"|polygon\(\s*0(?:px|%)?\s+0(?:px|%)?\s*(?:,\s*0(?:px|%)?\s+0(?:px|%)?\s*)*\)"
)
_MOVED = re.compile(r"translate(?:x|y|3d)?\(\s*([^)]{1,60})\)|(scale(?:x|y)?\(\s*0(?:\.0*)?[\s,)])")
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
        The colours of the text and behind it; None: unknown (a picture, a variable).
    """

    hidden: Concealment | None = None
    how: str = ""
    purpose: Purpose = Purpose.NONE
    sticky: bool = False
    size: float = 16.0
    ink: Colour | None = (0, 0, 0, 1.0)
    ground: Colour | None = (255, 255, 255, 1.0)
    opacity: float = 1.0


def look(parent: Look, style: Mapping[str, str], attributes: Mapping[str, str]) -> Look:
    """Return how an element with ``style`` looks inside of ``parent``."""
    if parent.sticky:
        return parent
    size = _font_size(style, parent.size)
    ink, ground = _ink(style, parent.ink), _ground(style, attributes, parent.ground)
    opacity = parent.opacity * _number(style.get("opacity", "1"))
    hidden, how, sticky = _judged(style, attributes, size, ink, ground, opacity)
    if hidden is None:
        if parent.hidden is Concealment.NOT_RENDERED and style.get("visibility") != "visible":
            return msgspec.structs.replace(parent, size=size, ink=ink, ground=ground, opacity=opacity)
        return Look(size=size, ink=ink, ground=ground, opacity=opacity)
    if hidden is parent.hidden and how == parent.how:
        return msgspec.structs.replace(parent, size=size, ink=ink, ground=ground, opacity=opacity)
    return Look(hidden, how, _purpose(style, attributes, hidden), sticky, size, ink, ground, opacity)


def is_assistive(attributes: Mapping[str, str]) -> bool:
    """Whether names say that a text is for screen readers."""
    return _ASSISTIVE.search(f"{attributes.get('class', '')} {attributes.get('id', '')}") is not None


def _judged(
    style: Mapping[str, str], attributes: Mapping[str, str], size: float, ink: Colour | None, ground: Colour | None, opacity: float
) -> tuple[Concealment | None, str, bool]:
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
    if size < _TINY:
        return Concealment.TINY, f"font-size: {size:.2g}px", False
    if ink is not None and ink[3] < _FAINT:
        return Concealment.TRANSPARENT, "color: transparent", False
    if ink is not None and ground is not None and _alike(ink, ground):
        return Concealment.SAME_COLOUR, f"color: #{_hex(ink)} on #{_hex(ground)}", False
    return None, "", False


def _purpose(style: Mapping[str, str], attributes: Mapping[str, str], hidden: Concealment) -> Purpose:
    if is_assistive(attributes) or _is_idiom(style):
        return Purpose.ASSISTIVE
    if hidden is Concealment.OFF_PAGE and "text-indent" in style:
        return Purpose.ASSISTIVE  # a picture in place of its text
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
    for match in _MOVED.finditer(style.get("transform", "")):
        if match[2]:
            return "transform: scale(0)"
        moved = [pixels(part, size) for part in match[1].split(",")]
        if any(part is not None and abs(part) > _FAR for part in moved):
            return f"transform: {match[0][:40]}"
    return ""


def _clipped(style: Mapping[str, str], size: float) -> str:
    for name in ("clip-path", "clip"):
        value = style.get(name, "")
        if _ZERO_CLIP.search(value) and (name == "clip-path" or style.get("position") in ("absolute", "fixed")):
            if name == "clip" and not _empty_rectangle(value, size):
                continue
            return f"{name}: {value[:40]}"
    if style.get("overflow", style.get("overflow-y", style.get("overflow-x", ""))) in ("hidden", "clip"):
        for name in ("height", "width", "max-height", "max-width"):
            side = pixels(style.get(name, "auto"), size)
            if side is not None and side <= 1:
                return f"{name}: {style[name][:20]}; overflow: hidden"
    return ""


def _empty_rectangle(value: str, size: float) -> bool:
    sides = [pixels(part, size) for part in re.findall(r"[\w.%+-]+", value.partition("(")[2])]
    numbers = [side for side in sides if side is not None]
    return len(numbers) == 4 and (abs(numbers[0] - numbers[2]) <= 1 or abs(numbers[1] - numbers[3]) <= 1)


def _font_size(style: Mapping[str, str], inherited: float) -> float:
    value = style.get("font-size", "")
    if not value and (match := re.search(r"(?:^|\s)([\d.]+(?:px|pt|em|rem|%))", style.get("font", ""))):
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


def _alike(ink: Colour, ground: Colour) -> bool:
    return max(abs(one - other) for one, other in zip(ink[:3], ground[:3], strict=True)) <= _SAME


def _hex(value: Colour) -> str:
    return "".join(f"{part:02x}" for part in value[:3])


def _number(value: str) -> float:
    try:
        return min(1.0, max(0.0, float(value.rstrip("%")) / (100 if value.endswith("%") else 1)))
    except ValueError:
        return 1.0
