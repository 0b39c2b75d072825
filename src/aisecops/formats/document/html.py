"""HTML as a browser shows it without running anything: which text is seen, and why the rest is not."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate

import msgspec

from aisecops.core.examination import Code, NotExamined
from aisecops.formats.document.css import Element, Rule, declarations, matches, rules
from aisecops.formats.document.html_tokens import Kind, Token, tokens
from aisecops.formats.document.spans import Concealment, Document, Purpose, Span
from aisecops.formats.document.style import Look, is_assistive, look

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr keygen".split())
_ENDS = {
    "p": ("p",), "li": ("li", "p"), "dt": ("dt", "dd", "p"), "dd": ("dt", "dd", "p"), "tr": ("tr", "td", "th", "p"), "td": ("td", "th", "p"), "th": ("td", "th", "p"),
    "option": ("option",), "div": ("p",), "ul": ("p",), "ol": ("p",), "table": ("p",), "h1": ("p",), "h2": ("p",), "h3": ("p",), "h4": ("p",), "section": ("p",),
    "body": ("head",), "pre": ("p",), "blockquote": ("p",), "article": ("p",), "form": ("p",), "header": ("p",), "footer": ("p",), "main": ("p",), "nav": ("p",),
}  # fmt: skip
"""What an opening tag closes, if it is the innermost open element."""
_SPECIMENS = frozenset("pre code samp kbd q tt var xmp".split())
_BLOCKS = frozenset(
    "p div li td th tr h1 h2 h3 h4 h5 h6 section article header footer main nav aside ul ol dl dt dd table pre blockquote br hr form option".split()
)
_SPOKEN = ("alt", "title", "aria-label", "aria-description", "placeholder", "summary", "label", "data-tooltip", "data-content", "srcdoc")
_SILENT = frozenset(
    "class style id d points transform viewbox srcset sizes href src content media type value name rel charset lang dir pattern accept sandbox allow headers"
    " values keytimes keysplines gradienttransform".split()
)
"""Attributes that hold lists of names and numbers, or are looked at for themselves."""
_SENTENCE = re.compile(r"(?:[^\W\d_]{2,}\W+){4}[^\W\d_]{2,}")
_REFERS = frozenset(
    "aria-controls aria-owns aria-describedby aria-labelledby aria-errormessage for popovertarget commandfor href data-target data-bs-target".split()
)
"""Attributes by which something in the page names the element that it shows."""
_STRING = re.compile(r'"((?:[^"\\\n]|\\.){20,20000})"')
_HANDLES = re.compile(r"(?:data-(?!text$)|x-|v-|ng-|\*ng|:|@|aria-(?!hidden$)|on[a-z]+$|wire:|hx-|hidden$|popover$|role$|tabindex$|slot$)")
_DEEPEST = 400
_MOST_SPANS = 200_000
_MOST_MATCHES = 1_000_000
_ELEMENTS = (
    _BLOCKS
    | _VOID
    | _SPECIMENS
    | frozenset("a span b i u em strong small sub sup font label button select textarea iframe video audio svg body html".split())
)
_GRAPHICS = frozenset("svg g text tspan textpath".split())
_SHAPES = frozenset("rect path circle ellipse polygon image use foreignobject".split())
_PAINTED = ("fill", "fill-opacity", "opacity", "font-size", "display", "visibility")
"""Attributes by which elements of SVG say how they look; style sheets overrule them."""
_PICTURES = frozenset("img picture video canvas svg iframe object embed".split())
_INTERACTIVE = frozenset("form dialog menu select datalist details button noscript nav math audio video object canvas template slot".split())


class _Open(msgspec.Struct):
    """An open element. ``children``: how many it has had so far, by tag and (under the empty name) in all; ``last``: the last of them, if styles ask for it."""

    element: Element
    look: Look
    specimen: bool
    children: Counter[str]
    last: Element | None = None


class _Sheet:
    """The rules of a page's style sheets, by what the element that they end in must have; apart from them those for states, print and narrow screens."""

    def __init__(self, sheets: list[str]) -> None:
        self._by: dict[str, list[Rule]] = {}
        self._elsewhere: dict[str, list[Rule]] = {}
        self._left = _MOST_MATCHES
        self.asks_for_siblings = False
        for rule in (rule for sheet in sheets for rule in rules(sheet)):
            last = rule.compounds[-1]
            key = f"#{last.id}" if last.id else f".{last.classes[0]}" if last.classes else last.tag
            (self._elsewhere if rule.elsewhere else self._by).setdefault(key, []).append(rule)
            self.asks_for_siblings |= "+" in rule.joints or "~" in rule.joints

    @property
    def exhausted(self) -> bool:
        """Whether so many rules were tried that the rest was left."""
        return self._left <= 0

    def style(self, element: Element) -> dict[str, str]:
        """Return the cascaded declarations of an element, its ``style`` attribute included."""
        inline = declarations(element.attributes["style"][:10_000]) if "style" in element.attributes else None
        if not self._by or self.exhausted:
            return {} if inline is None else inline.normal | inline.important
        found = [rule for key in self._keys(element) for rule in self._by.get(key, ()) if self._fits(rule, element)]
        found.sort(key=lambda rule: rule.weight)
        self._left -= sum(len(rule.declarations.normal) for rule in found) // 2
        style: dict[str, str] = {}
        for declared in (*(rule.declarations for rule in found), *((inline,) if inline else ())):
            style |= declared.normal
        for declared in (*(rule.declarations for rule in found), *((inline,) if inline else ())):
            style |= declared.important
        return style

    def shown_elsewhere(self, name: str, element: Element) -> bool:
        """Whether the page sets the property ``name`` of the element otherwise when the mouse is on it, a box is ticked, it is printed or the screen is narrow.

        What stands before the last compound is not asked for: which box is ticked, nobody knows.
        """
        return any(
            (name in rule.declarations.normal or name in rule.declarations.important) and matches(rule.compounds[-1], element)
            for key in self._keys(element)
            for rule in self._elsewhere.get(key, ())
        )

    @staticmethod
    def _keys(element: Element) -> Iterator[str]:
        yield ""
        yield element.tag
        if "id" in element.attributes:
            yield f"#{element.attributes['id']}"
        for name in dict.fromkeys(element.classes):
            yield f".{name}"

    def _fits(self, rule: Rule, element: Element) -> bool:
        self._left -= 1 + 2 * (len(rule.compounds[-1].never) + len(rule.compounds[-1].one_of))
        return self._left > 0 and matches(rule.compounds[-1], element) and self._is_joined(rule, len(rule.joints), element)

    def _is_joined(self, rule: Rule, number: int, element: Element) -> bool:
        """Whether what stands before the first ``number`` joints of a rule is found around and before ``element``."""
        if number == 0:
            return True
        joint = rule.joints[number - 1]
        other = element.before if joint in "+~" else element.parent
        while other is not None and self._left > 0:
            self._left -= 1
            if matches(rule.compounds[number - 1], other) and self._is_joined(rule, number - 1, other):
                return True
            if joint in ">+":
                return False
            other = other.before if joint == "~" else other.parent
        return False


class _Page:
    """Builds the spans of one page."""

    def __init__(self, text: str, *, line: int, start: Look) -> None:
        self.text, self._line, self._start = text, line, start
        self._starts = [0, *accumulate(len(piece) for piece in text.splitlines(keepends=True))]
        self.spans: list[Span] = []
        self.cut = False
        self._stack: list[_Open] = []
        self._outermost = _Open(Element("", {}, ()), start, specimen=False, children=Counter())
        self._buffer: list[str] = []
        self._at = 0
        self._sheet = _Sheet([])
        self._scripted = self._styled_elsewhere = self._shaped = False
        self._depth = 0
        self._pictured = -1
        self._shown: set[str] = set()

    def read(self) -> None:
        """Read it all."""
        stream = list(tokens(self.text))
        self._survey(stream)
        for token in stream:
            if len(self.spans) >= _MOST_SPANS:
                self.cut = True
                break
            self._take(token)
        self._flush()

    @property
    def exhausted(self) -> bool:
        """Whether style rules were left untried."""
        return self._sheet.exhausted

    def _survey(self, stream: list[Token]) -> None:
        sheets = [token.data for token in stream if token.kind is Kind.RAW and token.tag == "style"]
        self._sheet = _Sheet(sheets)
        for token in stream:
            if token.kind is Kind.OPEN:
                self._scripted |= token.data == "script" or any(name.startswith("on") for name in token.attributes)
                for name in _REFERS & token.attributes.keys():
                    self._shown.update(token.attributes[name].removeprefix("#").split()[:20])
                self._styled_elsewhere |= token.data == "link" and "stylesheet" in token.attributes.get("rel", "").lower()
        self._styled_elsewhere |= any("@import" in sheet for sheet in sheets)
        if self._styled_elsewhere:
            self._start = msgspec.structs.replace(self._start, ground=None, ink=None)
        present = {token.data for token in stream if token.kind is Kind.OPEN and token.data in ("html", "body")}
        for tag in ("html", "body"):
            if tag not in present and (style := self._sheet.style(Element(tag, {}, ()))):  # it is there, though nobody wrote it
                whole = look(self._start, style, {})
                self._start = msgspec.structs.replace(self._start, size=whole.size, ink=whole.ink, ground=whole.ground, variables=whole.variables)

    def _take(self, token: Token) -> None:
        match token.kind:
            case Kind.TEXT:
                self._text(token.data, token.start)
            case Kind.OPEN:
                self._open(token)
            case Kind.CLOSE:
                self._close(token.data)
            case Kind.COMMENT:
                self._emit(token.data, token.start + len("<!--"), Concealment.COMMENT, Purpose.EDITORIAL, "an HTML comment")
            case Kind.RAW if token.tag in ("title", "textarea"):
                self._emit(token.data, token.start, None, Purpose.NONE, "")
            case Kind.RAW if token.tag == "script" and token.data.lstrip()[:1] in ("{", "["):
                for match in _STRING.finditer(token.data):  # what search engines and assistants are told of the page
                    if _SENTENCE.search(match[1]):
                        self._emit(
                            match[1].replace('\\"', '"'), token.start + match.start(1), Concealment.METADATA, Purpose.EDITORIAL, "data in a script"
                        )
            case Kind.RAW if token.tag in ("noembed", "noframes"):
                self._emit(token.data, token.start, Concealment.NOT_RENDERED, Purpose.INTERACTIVE, f"<{token.tag}>")

    def _now(self) -> Look:
        return self._stack[-1].look if self._stack else self._start

    def _text(self, data: str, start: int) -> None:
        if not self._buffer:
            self._at = start + len(data) - len(data.lstrip())
        self._buffer.append(data)

    def _flush(self) -> None:
        if not self._buffer:
            return
        text = "".join(self._buffer)
        self._buffer = []
        if text.strip():
            now = self._now()
            specimen = bool(self._stack) and self._stack[-1].specimen
            self._span(
                text.strip("\n") if specimen else re.sub(r"[ \t\r\f]+", " ", text).strip(), self._at, now.hidden, now.purpose, now.how, code=specimen
            )

    def _emit(self, text: str, start: int, hidden: Concealment | None, purpose: Purpose, how: str) -> None:
        self._flush()
        if text.strip():
            lead = len(text) - len(text.lstrip())
            self._span(text.strip(), start + lead, hidden, purpose, how)

    def _span(self, text: str, start: int, hidden: Concealment | None, purpose: Purpose, how: str, *, code: bool = False) -> None:
        self.spans.append(Span(text, self._line + bisect_right(self._starts, start) - 1, hidden, purpose, how, code))

    def _open(self, token: Token) -> None:
        tag, attributes = token.data, token.attributes
        ending = _ENDS.get(tag, ())
        while ending and self._stack and self._stack[-1].element.tag in ending:
            self._flush()
            self._stack.pop()
        element = self._placed(tag, attributes)
        before = self._now()
        seen = self._looks(element, self._sheet.style(element), before)
        if tag in _BLOCKS or seen is not before or tag in _SPECIMENS:
            self._flush()
        self._attributes(token)
        if tag in _PICTURES:
            self._pictured = len(self._stack)
        if tag in _VOID or (token.closed and tag not in _BLOCKS):
            return
        if len(self._stack) >= _DEEPEST:
            self._depth += 1
            return
        self._flush() if seen is not before else None
        self._stack.append(_Open(element, seen, (bool(self._stack) and self._stack[-1].specimen) or tag in _SPECIMENS, Counter()))

    def _placed(self, tag: str, attributes: Mapping[str, str]) -> Element:
        """Return an element that begins here, as the next child of what is open."""
        within = self._stack[-1] if self._stack else self._outermost
        within.children.update(("", tag))
        place = within.children[""], within.children[tag]
        classes = tuple(attributes.get("class", "").split()[:40])
        element = Element(tag, attributes, classes, place, within.element if self._stack else None, within.last)
        if self._sheet.asks_for_siblings:
            within.last = element
        return element

    def _looks(self, element: Element, style: Mapping[str, str], before: Look) -> Look:
        tag, attributes = element.tag, element.attributes
        if tag == "template":
            return Look(Concealment.NOT_RENDERED, "<template>", Purpose.INTERACTIVE, sticky=True)
        closed = "popover" in attributes or (tag == "dialog" and "open" not in attributes)
        if (closed and "display" not in style) or tag == "noscript":
            return Look(Concealment.NOT_RENDERED, f"<{tag}>" if tag == "noscript" else f"a closed {tag}", Purpose.INTERACTIVE, sticky=True)
        if tag in _GRAPHICS:
            style, before = self._drawn(tag, attributes, style, before)
        elif tag in _SHAPES:
            self._shaped = True
        if not style and "hidden" not in attributes and "bgcolor" not in attributes and tag != "font":
            return before
        if tag == "font":
            style = {**style, **({"color": attributes["color"].lower()} if "color" in attributes else {})}
        if style.get("position") in ("absolute", "fixed") and self._pictured >= len(self._stack):
            before = msgspec.structs.replace(before, ground=None)  # it may lie over the picture beside it
        seen = look(before, style, attributes)
        if seen.hidden is None or seen is before or seen.purpose is not Purpose.NONE or seen.hidden is before.hidden:
            return seen
        return msgspec.structs.replace(seen, purpose=self._purpose(element, seen))

    def _drawn(self, tag: str, attributes: Mapping[str, str], style: Mapping[str, str], before: Look) -> tuple[Mapping[str, str], Look]:
        """The style of an element of SVG, and what it stands in: behind shapes the ground is unknown; letters are filled, not coloured."""
        given = {name: attributes[name].strip().lower() for name in _PAINTED if name in attributes}
        if tag == "svg":
            self._shaped = False
            given |= {name: attributes[name].strip() for name in ("width", "height") if name in attributes} | {"overflow": "hidden"}
        style = {**given, **style}
        if "fill" in style:
            style["-webkit-text-fill-color"] = "transparent" if style["fill"] == "none" else style["fill"]
        return style, msgspec.structs.replace(before, ground=None) if self._shaped else before

    def _purpose(self, element: Element, seen: Look) -> Purpose:
        """What hides may be shown again by a script that knows the element, by a state of the page, or be a part of its machinery."""
        tag, attributes = element.tag, element.attributes
        if any(is_assistive(item.element.attributes) for item in self._stack[-2:]):
            return Purpose.ASSISTIVE
        if self._sheet.shown_elsewhere(_property_of(seen.how), element):
            return Purpose.INTERACTIVE
        if attributes.get("id") in self._shown:
            return Purpose.INTERACTIVE
        if tag == "label" or any(item.element.tag == "label" for item in self._stack[-2:]):
            return Purpose.ASSISTIVE
        shown = seen.hidden in (Concealment.NOT_RENDERED, Concealment.TRANSPARENT, Concealment.CLIPPED, Concealment.OFF_PAGE)
        if not shown:
            return Purpose.NONE
        machinery = tag in _INTERACTIVE or any(item.element.tag in _INTERACTIVE for item in self._stack)
        handle = any(_HANDLES.match(name) and name != "hidden" for name in attributes)
        known = "id" in attributes or "class" in attributes
        return Purpose.INTERACTIVE if machinery or handle or (known and self._scripted) else Purpose.NONE

    def _attributes(self, token: Token) -> None:
        if self.text[token.start + 1 : token.start + 2].isupper() and token.data not in _ELEMENTS:
            return  # a component of JSX or Vue: what it shows, its attributes say
        for name in _SPOKEN:
            if value := token.attributes.get(name, "").strip():
                self._emit(value, token.start, Concealment.ATTRIBUTE, Purpose.ASSISTIVE, f"the {name} attribute")
        for name, value in token.attributes.items():
            if (
                value.count(" ") > 3
                and name not in _SILENT
                and name not in _SPOKEN
                and not name.startswith(("on", "x-", "v-", ":", "@"))
                and _SENTENCE.search(value)
            ):
                self._emit(value.strip(), token.start, Concealment.ATTRIBUTE, Purpose.EDITORIAL, "an attribute")
        if token.data == "meta" and (content := token.attributes.get("content", "")).count(" ") > 2:
            self._emit(content, token.start, Concealment.METADATA, Purpose.EDITORIAL, "a meta element")
        if token.data == "input" and token.attributes.get("type", "").lower() == "hidden" and token.attributes.get("value", "").count(" ") > 2:
            self._emit(token.attributes["value"], token.start, Concealment.NOT_RENDERED, Purpose.INTERACTIVE, "a hidden field")

    def _close(self, tag: str) -> None:
        if self._depth:
            self._depth -= 1
            return
        for index in range(len(self._stack) - 1, -1, -1):
            if self._stack[index].element.tag == tag:
                inner, outer = self._stack[-1].look, self._stack[index - 1].look if index else self._start
                if inner is not outer or tag in _BLOCKS or tag in _SPECIMENS:
                    self._flush()
                del self._stack[index:]
                self._pictured = min(self._pictured, len(self._stack))
                return
        if tag in _BLOCKS:
            self._flush()


def _property_of(how: str) -> str:
    """The property that hides, of what is said of it."""
    if how.startswith(("translate", "scale")):
        return "transform"
    return "display" if how == "the hidden attribute" else how.partition(":")[0]


def read_html(text: str, *, line: int = 1, start: Look | None = None) -> Document:
    """Return what the HTML in ``text`` says and shows.

    Parameters
    ----------
    text
        A page or a piece of one.
    line
        The line of the file on which it begins.
    start
        How text looks before the first tag.

    Notes
    -----
    Style sheets of other files are not read: where a page has some, its default colours count as unknown. Scripts are not run: what hides and can be found by a
    script of the page (it has an id or a class) is ``Purpose.INTERACTIVE``.
    """
    page = _Page(text, line=line, start=start or Look())
    page.read()
    gaps = []
    if page.cut or page.exhausted:
        reason = f"the page has more than {_MOST_SPANS:,} pieces of text, or its styles are too many to try"
        gaps.append(NotExamined(code=Code.TRUNCATED, reason=reason, remedy="split it"))
    return Document("html", tuple(page.spans), tuple(gaps))
