"""Colours of CSS as numbers.

References
----------
CSS Color Module Level 4 and 5: names, hex, rgb, hsl, hwb, lab, lch, oklab, oklch, ``color()``, ``color-mix()``.
"""

from __future__ import annotations

import math
import re

Colour = tuple[int, int, int, float]
_FUNCTION = re.compile(r"(rgba?|hsla?|hwb|oklab|oklch|lab|lch|color)\(([^()]{1,80})\)")
_MIX = re.compile(r"color-mix\(\s*in [\w -]{2,30},\s*(.{1,80}?)(?:\s+([\d.]+)%)?\s*,\s*(.{1,80}?)(?:\s+([\d.]+)%)?\s*\)")
_WORDS = re.compile(r"#[0-9a-f]+|(?:(?:rgb|hsl)a?|hwb|(?:ok)?l(?:ab|ch)|color)\([^()]*\)|[a-z]+")
_SAME = 18
"""The largest difference of a channel (of 255) between a text and its ground that nobody sees."""
_ONE_COLOUR = 6
"""The largest difference of a channel between the stops of a gradient that is one colour in effect."""


def colour(value: str) -> Colour | None:
    """Return a colour as red, green, blue (0 to 255) and opacity (0 to 1); None: not a colour that we know (``inherit``, ``var(...)``, a gradient)."""
    value = value.strip().lower()
    if value == "transparent":
        return 0, 0, 0, 0.0
    if value.startswith("#"):
        return _from_hex(value[1:])
    if value.startswith("color-mix("):
        return _mixed(value)
    if match := _FUNCTION.match(value):
        return _from_function(match[1], match[2])
    named = _NAMES.get(value)
    return None if named is None else (named >> 16, named >> 8 & 255, named & 255, 1.0)


def _from_hex(digits: str) -> Colour | None:
    if re.fullmatch("[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}", digits) is None:
        return None
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[i : i + 2], 16) for i in range(0, len(digits), 2)]
    return parts[0], parts[1], parts[2], parts[3] / 255 if len(parts) > 3 else 1.0


def _from_function(kind: str, inner: str) -> Colour | None:
    space, _, rest = inner.strip().partition(" ") if kind == "color" else ("", "", inner)
    numbers = re.findall(r"[+-]?(?:\d+\.?\d*|\.\d+)%?", rest)
    if len(numbers) < 3 or (kind == "color" and not space.startswith(("srgb", "display-p3"))):
        return None
    opacity = _share(numbers[3]) if len(numbers) > 3 else 1.0
    if kind == "color":
        red, green, blue = (255 * _share(number) for number in numbers[:3])
        if space == "srgb-linear":
            red, green, blue = (255 * _encoded(part / 255) for part in (red, green, blue))
    elif kind.startswith("rgb"):
        red, green, blue = (float(n.rstrip("%")) * (2.55 if "%" in n else 1) for n in numbers[:3])
    elif kind.startswith(("hsl", "hwb")):
        red, green, blue = _from_hue(kind, numbers)
    else:
        red, green, blue = _from_lightness(kind, numbers)
    return _byte(red), _byte(green), _byte(blue), opacity


def _byte(value: float) -> int:
    return min(255, max(0, round(value)))


def _from_hue(kind: str, numbers: list[str]) -> tuple[float, float, float]:
    import colorsys

    hue, second, third = float(numbers[0].rstrip("%")) % 360 / 360, *(_share(n if "%" in n else n + "%") for n in numbers[1:3])
    if kind.startswith("hsl"):
        red, green, blue = colorsys.hls_to_rgb(hue, third, second)
        return 255 * red, 255 * green, 255 * blue
    if second + third >= 1:
        grey = 255 * second / (second + third)
        return grey, grey, grey
    red, green, blue = (255 * (part * (1 - second - third) + second) for part in colorsys.hls_to_rgb(hue, 0.5, 1.0))
    return red, green, blue


def _from_lightness(kind: str, numbers: list[str]) -> tuple[float, float, float]:
    """From lab, lch, oklab or oklch: the last two by a polar angle where the name ends with ``ch``."""
    modern = kind.startswith("ok")
    whole = 1.0 if modern else 100.0
    light = float(numbers[0].rstrip("%")) * (whole / 100 if "%" in numbers[0] else 1)
    reach = (0.4 if modern else 150.0) if kind.endswith("ch") else (0.4 if modern else 125.0)
    a, b = (float(n.rstrip("%")) * (reach / 100 if "%" in n else 1) for n in numbers[1:3])
    if kind.endswith("ch"):
        angle = math.radians(float(numbers[2].rstrip("%")))
        a, b = a * math.cos(angle), a * math.sin(angle)
    red, green, blue = _linear_from_oklab(light, a, b) if modern else _linear_from_lab(light, a, b)
    return 255 * _encoded(red), 255 * _encoded(green), 255 * _encoded(blue)


def _linear_from_oklab(light: float, a: float, b: float) -> tuple[float, float, float]:
    long, middle, short = (
        (light + x * a + y * b) ** 3 for x, y in ((0.3963377774, 0.2158037573), (-0.1055613458, -0.0638541728), (-0.0894841775, -1.2914855480))
    )
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _linear_from_lab(light: float, a: float, b: float) -> tuple[float, float, float]:
    up = (light + 16) / 116
    x, y, z = (
        w * (f**3 if f > 6 / 29 else 3 * (6 / 29) ** 2 * (f - 4 / 29)) for w, f in ((0.9643, up + a / 500), (1.0, up), (0.8251, up - b / 200))
    )  # white of D50
    return (
        3.1341359 * x - 1.6173863 * y - 0.4906620 * z,
        -0.9787955 * x + 1.9162544 * y + 0.0334427 * z,
        0.0719554 * x - 0.2289768 * y + 1.4053861 * z,
    )


def _encoded(linear: float) -> float:
    linear = min(1.0, max(0.0, linear))
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _mixed(value: str) -> Colour | None:
    """The colour of ``color-mix``, mixed channel by channel: which space it is mixed in makes no difference to where white is."""
    match = _MIX.fullmatch(value)
    one, two = (colour(match[1]), colour(match[3])) if match else (None, None)
    if match is None or one is None or two is None:
        return None
    first = float(match[2]) / 100 if match[2] else 1 - float(match[4]) / 100 if match[4] else 0.5
    first = min(1.0, max(0.0, first))
    red, green, blue, opacity = (first * a + (1 - first) * b for a, b in zip(one, two, strict=True))
    return _byte(red), _byte(green), _byte(blue), opacity


def _share(text: str) -> float:
    return min(1.0, max(0.0, float(text.rstrip("%")) / (100 if "%" in text else 1)))


def alike(ink: Colour, ground: Colour) -> bool:
    """Whether nobody tells a text from what is behind it by their colours."""
    return max(abs(one - other) for one, other in zip(ink[:3], ground[:3], strict=True)) <= _SAME


def hexed(value: Colour) -> str:
    """Return a colour as six hexadecimal digits."""
    return "".join(f"{part:02x}" for part in value[:3])


def background_of(value: str) -> Colour | None:
    """Return the colour in the value of ``background``, of a gradient the one that all its stops have; None where there is a picture, or none that we know."""
    if "url(" in value or "var(" in value:
        return None
    found = [one for word in _WORDS.findall(value.lower()) if (one := colour(word)) is not None]
    if not found:
        return None
    if "gradient" in value and any(abs(a - b) > _ONE_COLOUR for other in found for a, b in zip(other, found[0], strict=True)):
        return None
    return found[0]


_NAMES = {
    "black": 0x000000, "silver": 0xC0C0C0, "gray": 0x808080, "grey": 0x808080, "white": 0xFFFFFF, "maroon": 0x800000, "red": 0xFF0000, "purple": 0x800080,
    "fuchsia": 0xFF00FF, "magenta": 0xFF00FF, "green": 0x008000, "lime": 0x00FF00, "olive": 0x808000, "yellow": 0xFFFF00, "navy": 0x000080, "blue": 0x0000FF,
    "teal": 0x008080, "aqua": 0x00FFFF, "cyan": 0x00FFFF, "orange": 0xFFA500, "snow": 0xFFFAFA, "ivory": 0xFFFFF0, "azure": 0xF0FFFF, "mintcream": 0xF5FFFA,
    "ghostwhite": 0xF8F8FF, "whitesmoke": 0xF5F5F5, "floralwhite": 0xFFFAF0, "seashell": 0xFFF5EE, "aliceblue": 0xF0F8FF, "honeydew": 0xF0FFF0,
    "lightgray": 0xD3D3D3, "lightgrey": 0xD3D3D3, "gainsboro": 0xDCDCDC, "darkgray": 0xA9A9A9, "darkgrey": 0xA9A9A9, "dimgray": 0x696969, "beige": 0xF5F5DC,
    "linen": 0xFAF0E6, "oldlace": 0xFDF5E6, "lavender": 0xE6E6FA, "lightyellow": 0xFFFFE0, "lightcyan": 0xE0FFFF, "cornsilk": 0xFFF8DC, "darkblue": 0x00008B,
    "darkred": 0x8B0000, "darkgreen": 0x006400, "midnightblue": 0x191970, "brown": 0xA52A2A, "crimson": 0xDC143C, "gold": 0xFFD700, "pink": 0xFFC0CB,
}  # fmt: skip
