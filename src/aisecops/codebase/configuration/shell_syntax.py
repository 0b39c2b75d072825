"""Shell text taken apart: simple commands with their words, assignments, pipes and here-documents, in the order in which they stand.

It reads what people write for sh, bash and zsh closely enough to know which words a program gets: quotes, ``$NAME``, ``${NAME:-default}``, arrays, ``$(...)``, comments,
continued lines, loops, functions. It runs nothing and decides no condition: every branch counts. The time is linear in the text; nesting is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from aisecops.codebase.configuration.facts import Assignment, Word
from aisecops.codebase.text import Place

At = Callable[[int], Place]
"""From an offset in the text to its place in the file."""

_DEEPEST = 25
_LONGEST_VALUE = 4096
_MOST_WORDS = 4000
_MOST_EXPANDED = 1 << 20
"""Characters that variables may grow to in one text: ``$A $A $A`` must not make a gigabyte out of a kilobyte."""
_NEAR = 1000
"""How far the end of ``[[`` and ``((`` is looked for: without a bound, many of them and no end take quadratic time."""
MOST_COMMANDS = 20_000
_CHUNK = re.compile(r"[^\s'\"\\$`;&|<>(){#]+")
_IN_QUOTES = re.compile(r'[^"\\$`]+')
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")
_PLAIN = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_WITH_DEFAULT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):?[-=](.*)", re.DOTALL)
_ARRAY = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\[[@*]\]\}")
_CASE_PATTERN = re.compile(r"\s*\(?(?!esac\b)[^()\n;]{1,1000}\)")
_LITERAL_DEFAULT = re.compile(r"""[^$`"'\\]*|"[^$`"\\]*"|'[^']*'""")
_OPENING = frozenset(("if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "esac", "time", "coproc"))
_SEPARATORS = frozenset((";", "&", "|"))
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "0": "", "a": "", "b": "", "e": "", "f": "", "v": ""}

Variable = str | tuple[Word, ...] | None
"""What a variable holds: a text, an array, or something that nobody knows."""


class Simple(msgspec.Struct):
    """A simple command as it stands: nothing is taken away but quotes."""

    words: list[Word]
    assignments: list[Assignment]
    place: Place
    after: Simple | None = None
    writes_to: str = ""
    documents: list[Word] = []

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.words and not self.assignments


class ShellReader:
    """One pass over a shell text.

    Parameters
    ----------
    text
        The text.
    at
        The place of an offset in it.
    variables
        What is known of variables at its start. The reader works on a copy.
    braces
        Whether ``{name}`` is replaced before a shell sees it, as in a notebook.
    """

    def __init__(self, text: str, at: At, variables: Mapping[str, Variable] | None = None, braces: bool = False) -> None:
        self.text = text
        self.at = at
        self.variables: dict[str, Variable] = dict(variables or {})
        self.braces = braces
        self.found: list[Simple] = []
        self._position = 0
        self._depth = 0
        self._waiting: list[tuple[str, bool, bool, Simple]] = []
        self._cases = 0
        self._expanded = 0
        self.cut = False
        """Whether there were more commands than anybody writes, and the rest was left out."""

    def read(self) -> list[Simple]:
        """Return the commands of the whole text."""
        self._commands("")
        return self.found

    def _commands(self, end: str) -> None:
        """Read commands up to ``end`` (``)`` or a backtick) or the end of the text, and stop in front of it."""
        previous: Simple | None = None
        opened = 0
        while self._position < len(self.text):
            simple = self._simple(end)
            simple.after, previous = previous, None
            self._keep(simple)
            character = self.text[self._position : self._position + 1]
            if character == end and not (opened and end == ")"):
                return
            if character in "()":
                opened = opened + 1 if character == "(" else max(opened - 1, 0)
                self._position += 1
            else:
                if character == "|" and not self.text.startswith("||", self._position):
                    previous = simple if simple.words else simple.after
                self._separator()

    def _separator(self) -> None:
        """Step over what stands between two commands."""
        if self.text.startswith("\n", self._position):
            self._position += 1
            self._documents()
            return
        while self.text[self._position : self._position + 1] in _SEPARATORS:
            ends_case = self.text.startswith(";;", self._position)
            self._position += 2 if ends_case else 1
            if ends_case and self._cases:
                self._case_pattern()
                return

    def _keep(self, simple: Simple) -> None:
        if simple.empty:
            return
        if len(self.found) >= MOST_COMMANDS:
            self.cut = True
            self._position = len(self.text)
            return
        if not simple.words:
            for assignment in simple.assignments:
                self._assign(assignment.name, assignment.value.text if assignment.value.known else None)
        self.found.append(simple)

    def _assign(self, name: str, value: Variable) -> None:
        """Note the value of a variable; one that has had another may hold either."""
        known = self.variables.get(name, value)
        self.variables[name] = value if known == value else None

    def _simple(self, end: str) -> Simple:
        """Read one simple command and stop in front of what ends it."""
        simple = Simple([], [], self.at(min(self._position, max(len(self.text) - 1, 0))), documents=[])
        while self._position < len(self.text):
            self._blanks()
            character = self.text[self._position : self._position + 1]
            if not character or character in "\n;|)" or character == end:
                break
            if character == "#":
                self._comment()
            elif character == "&":
                if not self._redirection(simple):
                    break
            elif character in "<>":
                self._redirection(simple)
            elif character == "(":
                if not self._parenthesis(simple):
                    break
            else:
                self._next_word(simple, end)
        return simple

    def _blanks(self) -> None:
        while True:
            if self.text[self._position : self._position + 1] in (" ", "\t", "\r", "\f", "\v", "\xa0"):
                self._position += 1
            elif self.text.startswith("\\\n", self._position):
                self._position += 2
            elif self.text.startswith("\\\r\n", self._position):
                self._position += 3
            else:
                return

    def _comment(self) -> None:
        end = self.text.find("\n", self._position)
        self._position = len(self.text) if end < 0 else end

    def _parenthesis(self, simple: Simple) -> bool:
        """Read ``(`` inside a command: a function's head, ``((...))``, or a subshell, which begins a new command (False)."""
        if simple.words and re.compile(r"\([ \t]*\)").match(self.text, self._position):
            self._position = self.text.index(")", self._position) + 1
            simple.words.clear()
            return True
        if self.text.startswith("((", self._position) and not simple.words:
            end = self.text.find("))", self._position, self._position + _NEAR)
            if end >= 0:
                self._position = end + 2
                return True
        return False

    def _next_word(self, simple: Simple, end: str) -> None:
        start = self._position
        assigned = _ASSIGNMENT.match(self.text, start) if not simple.words else None
        if assigned:
            self._assignment(simple, assigned, end)
            return
        words = self._word(end)
        if not simple.words and len(words) == 1 and words[0].known and self._keyword(simple, words[0].text, self.text[start : self._position]):
            return
        if not simple.words and words:
            simple.place = words[0].place
        if len(simple.words) < _MOST_WORDS:
            simple.words += words
        if self._position == start:  # nothing that a word can begin with
            self._position += 1

    def _assignment(self, simple: Simple, assigned: re.Match[str], end: str) -> None:
        """Read ``NAME=value``, ``NAME+=value`` and ``NAME=(value ...)``."""
        name, appends, place = assigned[1], bool(assigned[2]), self.at(assigned.start())
        if simple.empty:
            simple.place = place
        self._position = assigned.end()
        if self.text.startswith("(", self._position):
            self._position += 1
            items = self._array()
            before = self.variables.get(name)
            self.variables[name] = (*before, *items) if appends and isinstance(before, tuple) else items
            return
        words = self._word(end)
        text = " ".join(word.text for word in words)
        known = all(word.known for word in words)
        if appends:
            before = self.variables.pop(name, None)
            known = known and isinstance(before, str)
            text = f"{before}{text}"
        known = known and len(text) <= _LONGEST_VALUE
        simple.assignments.append(Assignment(name, Word(text[:_LONGEST_VALUE], words[0].place if words else place, known)))

    def _array(self) -> tuple[Word, ...]:
        items: list[Word] = []
        while self._position < len(self.text):
            self._blanks()
            character = self.text[self._position : self._position + 1]
            if character == ")":
                self._position += 1
                break
            if character == "#":
                self._comment()
            elif character in ("\n", ";", "&", "|", "<", ">", "("):
                self._position += 1
            else:
                start = self._position
                items += self._word("")
                self._position = max(self._position, start + 1)
        return tuple(items[:_MOST_WORDS])

    def _keyword(self, simple: Simple, word: str, written: str) -> bool:
        """Step over a word of the shell's own language; True if it was one."""
        if word != written:  # a quoted word is no keyword
            return False
        if word in _OPENING:
            if word == "esac":
                self._cases = max(self._cases - 1, 0)
            return True
        if word in ("for", "select"):
            self._blanks()
            if named := re.compile(r"[A-Za-z_][A-Za-z0-9_]*").match(self.text, self._position):
                self.variables[named[0]] = None
            self._rest_of_line()
            return True
        if word == "case":
            if head := re.compile(r"[^\n]{0,200}?\bin\b").match(self.text, self._position):
                self._position = head.end()
                self._cases += 1
                self._case_pattern()
            return True
        if word == "function":
            self._blanks()
            self._word("")
            simple.words.clear()
            return True
        if word == "[[":
            end = self.text.find("]]", self._position, self._position + _NEAR)
            line = self.text.find("\n", self._position, self._position + _NEAR)
            if end >= 0 and (line < 0 or end < line):
                self._position = end + 2
                return True
        return False

    def _case_pattern(self) -> None:
        if pattern := _CASE_PATTERN.match(self.text, self._position):
            self._position = pattern.end()

    def _rest_of_line(self) -> None:
        found = re.compile(r"[;\n]").search(self.text, self._position)
        self._position = found.start() if found else len(self.text)

    def _redirection(self, simple: Simple) -> bool:
        """Read ``> file``, ``2>&1``, ``<<EOF`` and the like; False for an ``&`` that ends the command."""
        found = re.compile(r"&>>?|<<<|<<-?|[<>]&[0-9-]+|[<>]\(|>[>|&]?|<[>&]?").match(self.text, self._position)
        if found is None:
            return False
        self._position = found.end()
        if found[0] in ("<(", ">("):
            self._nested(")")
            simple.words.append(Word("$(...)", self.at(found.start()), known=False))
        elif found[0] in ("<<", "<<-"):
            self._blanks()
            start = self._position
            delimiter = "".join(word.text for word in self._word(""))
            quoted = any(mark in self.text[start : self._position] for mark in "'\"\\")
            if delimiter:
                self._waiting.append((delimiter, found[0] == "<<-", quoted, simple))
        elif not re.fullmatch(r"[<>]&[0-9-]+", found[0]):
            self._blanks()
            words = self._word("")
            if found[0].startswith((">", "&>")) and words and not simple.writes_to:
                simple.writes_to = words[0].text
            elif found[0] == "<<<" and words:
                simple.documents.append(words[0])
        return True

    def _documents(self) -> None:
        """Read the here-documents that the line before announced."""
        for delimiter, indented, quoted, simple in self._waiting:
            start = self._position
            while self._position < len(self.text):
                end = self.text.find("\n", self._position)
                end = len(self.text) if end < 0 else end
                line = self.text[self._position : end].rstrip("\r")
                if (line.lstrip("\t") if indented else line) == delimiter:
                    break
                self._position = end + 1
            body = self.text[start : self._position]
            simple.documents.append(Word(body, self.at(min(start, len(self.text) - 1)), known=quoted or "$" not in body))
            end = self.text.find("\n", self._position)
            self._position = len(self.text) if end < 0 else end + 1
        self._waiting = []

    def _word(self, end: str) -> list[Word]:
        """Read one word; several if an unquoted variable holds several."""
        word = _Building(self.at(min(self._position, max(len(self.text) - 1, 0))))
        text = self.text
        while self._position < len(text):
            character = text[self._position]
            if character == end or character in " \t\n\r\f\v;&|()\xa0":
                break
            if character in "<>":
                if word.text.isdigit() and len(word.text) < 3:  # a number of a file, as in 2>&1
                    return []
                break
            if chunk := _CHUNK.match(text, self._position):
                word.add(chunk[0])
                self._position = chunk.end()
            elif character == "\\":
                self._escape(word)
            elif character == "'":
                self._single(word)
            elif character == '"':
                self._position += 1
                self._double(word)
            elif character == "$":
                self._expansion(word, quoted=False)
            elif character == "`":
                self._backticks(word)
            elif character == "{":
                self._brace(word)
            else:  # a `#` inside a word
                word.add(character)
                self._position += 1
        return word.finish()

    def _escape(self, word: _Building) -> None:
        following = self.text[self._position + 1 : self._position + 2]
        self._position += 2
        if following == "\r" and self.text.startswith("\n", self._position):
            self._position += 1
        elif following != "\n":
            word.add(following, quoted=True)

    def _single(self, word: _Building) -> None:
        end = self.text.find("'", self._position + 1)
        end = len(self.text) if end < 0 else end
        word.add(self.text[self._position + 1 : end], quoted=True)
        self._position = end + 1

    def _double(self, word: _Building) -> None:
        """Read what follows an opening double quote, up to and with the closing one."""
        word.add("", quoted=True)
        while self._position < len(self.text):
            character = self.text[self._position]
            if character == '"':
                self._position += 1
                return
            if chunk := _IN_QUOTES.match(self.text, self._position):
                word.add(chunk[0], quoted=True)
                self._position = chunk.end()
            elif character == "\\":
                following = self.text[self._position + 1 : self._position + 2]
                self._position += 2
                if following != "\n":
                    word.add(following if following in ('"', "\\", "$", "`") else "\\" + following, quoted=True)
            elif character == "$":
                self._expansion(word, quoted=True)
            else:
                self._backticks(word)

    def _backticks(self, word: _Building) -> None:
        self._position += 1
        word.unknown("`...`")
        self._nested("`")

    def _brace(self, word: _Building) -> None:
        """Read ``{``: a template's ``{{ ... }}``, a notebook's ``{name}``, or just the character."""
        closing = "}}" if self.text.startswith("{{", self._position) else "}" if self.braces else ""
        end = self.text.find(closing, self._position, self._position + 400) if closing else -1
        if end < 0:
            word.add("{")
            self._position += 1
            return
        word.unknown(self.text[self._position : end + len(closing)])
        self._position = end + len(closing)

    def _expansion(self, word: _Building, quoted: bool) -> None:
        """Read what a ``$`` begins."""
        text, start = self.text, self._position
        if plain := _PLAIN.match(text, start):
            self._position = plain.end()
            self._value(word, plain[1] or plain[2], plain[0], quoted)
        elif array := _ARRAY.match(text, start):
            self._position = array.end()
            items = self.variables.get(array[1])
            known = isinstance(items, tuple) and self._affords(sum(len(item.text) + 1 for item in items))
            word.insert(items) if known and isinstance(items, tuple) else word.unknown(array[0], whole=True)
        elif text.startswith("$(", start):
            self._position += 2
            word.unknown("$(...)")
            self._nested(")")
        elif text.startswith("${{", start):
            end = text.find("}}", start, start + 1000)
            self._position = end + 2 if end >= 0 else start + 3
            word.unknown(text[start : self._position])
        elif text.startswith("${", start):
            self._parameter(word, quoted)
        elif text.startswith("$'", start) and not quoted:
            self._ansi(word)
        elif text.startswith('$"', start) and not quoted:
            self._position += 2
            self._double(word)
        elif text[start + 1 : start + 2] in tuple("@*#?-$!0123456789"):
            self._position += 2
            word.unknown(text[start : self._position], whole=text[start + 1] in "@*")
        else:
            word.add("$", quoted=quoted)
            self._position += 1

    def _value(self, word: _Building, name: str, written: str, quoted: bool) -> None:
        value = self.variables.get(name)
        if isinstance(value, str) and self._affords(len(value)):
            word.add(value, quoted=True) if quoted else word.split(value)
        elif isinstance(value, tuple) and value:
            word.add(value[0].text, quoted=True)
        else:
            word.unknown(written)

    def _affords(self, size: int) -> bool:
        self._expanded += size
        return self._expanded <= _MOST_EXPANDED

    def _parameter(self, word: _Building, quoted: bool) -> None:
        """Read ``${NAME...}``. A default counts as the value: it is what happens if nobody sets the variable."""
        start = self._position
        end = self._closing_brace(start + 2)
        inside = self.text[start + 2 : end]
        self._position = end + 1
        found = _WITH_DEFAULT.fullmatch(inside)
        if found is None:
            word.unknown(self.text[start : end + 1])
            return
        known = self.variables.get(found[1])
        default = found[2] if _LITERAL_DEFAULT.fullmatch(found[2]) else ""
        default = default.strip("'\"") if default[:1] in ("'", '"') else default
        if isinstance(known, str) and known and self._affords(len(known)):
            default = known
        if default:
            word.add(default, quoted=True) if quoted else word.split(default)
        else:
            word.unknown(self.text[start : end + 1])

    def _closing_brace(self, start: int) -> int:
        """Return the offset of the ``}`` that ends what began at ``start``, or of the last character that is looked at."""
        depth = 1
        limit = min(len(self.text), start + _LONGEST_VALUE)
        for found in re.compile(r"[{}]|\\.").finditer(self.text, start, limit):
            depth += {"{": 1, "}": -1}.get(found[0], 0)
            if not depth:
                return found.start()
        return limit

    def _ansi(self, word: _Building) -> None:
        found = re.compile(r"\$'((?:[^'\\]|\\.)*)'?", re.DOTALL).match(self.text, self._position)
        assert found is not None
        word.add(re.sub(r"\\(.)", lambda escaped: _ANSI.get(escaped[1], escaped[1]), found[1], flags=re.DOTALL), quoted=True)
        self._position = found.end()

    def _nested(self, end: str) -> None:
        """Read commands inside ``$(``, ``<(`` or backticks, up to and with the closing ``end``."""
        if self.text.startswith("(", self._position) and end == ")":  # $((...)): arithmetic
            close = self.text.find("))", self._position)
            self._position = len(self.text) if close < 0 else close + 2
            return
        if self._depth >= _DEEPEST:
            close = self.text.find(end, self._position)
            self._position = len(self.text) if close < 0 else close + 1
            return
        self._depth += 1
        waiting, self._waiting = self._waiting, []
        cases, self._cases = self._cases, 0
        self._commands(end)
        self._waiting, self._cases = waiting, cases
        self._depth -= 1
        self._position += 1


class _Building:
    """A word that is being read."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._done: list[Word] = []
        self._pieces: list[str] = []
        self._known = True
        self._quoted = False

    @property
    def text(self) -> str:
        """What there is of the current word."""
        return "".join(self._pieces)

    def add(self, text: str, quoted: bool = False) -> None:
        """Add literal text."""
        self._pieces.append(text)
        self._quoted = self._quoted or quoted

    def unknown(self, written: str, whole: bool = False) -> None:
        """Add a part that nobody knows. ``whole``: it may be several words."""
        self._pieces.append(written[:_LONGEST_VALUE])
        self._known = False
        self._quoted = self._quoted or whole

    def split(self, text: str) -> None:
        """Add the value of an unquoted variable, which the shell splits at blanks."""
        first, *others = re.split(r"[ \t\n]+", text)
        self._pieces.append(first)
        for other in others:
            self._close()
            self._pieces.append(other)

    def insert(self, words: tuple[Word, ...]) -> None:
        """Add the items of an array, each a word of its own."""
        if self.text:
            self._close()
        self._done += words
        self._pieces, self._quoted = [], False

    def finish(self) -> list[Word]:
        """Return the word, or the words that it became."""
        self._close()
        return self._done

    def _close(self) -> None:
        text = "".join(self._pieces)
        if text or self._quoted:
            self._done.append(Word(text, self.place, self._known))
        self._pieces, self._known, self._quoted = [], True, False
