"""What reading a notebook gives."""

from __future__ import annotations

from typing import Literal

import msgspec

from aisecops.codebase.syntax import Gap, Note, PythonSource, read_text
from aisecops.codebase.text import Text

CellKind = Literal["code", "markdown", "raw"]
PartKind = Literal["markdown", "raw", "source", "output"]


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cell of a notebook.

    Parameters
    ----------
    number : int
        Its place in the document, from 1; cells of every kind count.
    kind : str
        What the notebook calls it.
    language : str
        What a code cell is written in, in lower case: that of the kernel, or of its cell magic.
    first, last : int
        Its lines in the module's text (from 1, ``last`` included); both 0 if it does not stand there.
    execution_count : int or None
        The number that Jupyter showed when it last ran. Anybody can change it: a hint.
    tags : tuple of str
        Its tags.
    """

    number: int
    kind: CellKind
    language: str = ""
    first: int = 0
    last: int = 0
    execution_count: int | None = None
    tags: tuple[str, ...] = ()


class Magic(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line or cell that IPython, not Python, understands.

    Parameters
    ----------
    kind : {"system", "getoutput", "line", "cell"}
        ``!command``, ``!!command`` (or one whose output is kept), ``%name``, ``%%name``.
    name : str
        Of a magic its name, without percent signs; else empty.
    command : str
        The command, or what follows the magic's name, as it is written.
    line : int
        Its line in the module's text (from 1).
    cell : int
        Its cell.
    interpolations : tuple of str
        The Python expressions whose values IPython puts into the command (``{expr}``, ``$name``).
    body : str
        What follows the first line of a cell magic; it begins on the next line.
    """

    kind: Literal["system", "getoutput", "line", "cell"]
    name: str
    command: str
    line: int
    cell: int
    interpolations: tuple[str, ...] = ()
    body: str = ""


class Part(msgspec.Struct, frozen=True):
    """A text of a notebook that is not its Python code.

    ``label`` says what it is (``"text/html"``, ``"stdout"``, ``"traceback"``; of source its language), ``cell`` where it belongs. Lines of outputs are counted
    within the output.
    """

    kind: PartKind
    label: str
    cell: int
    text: Text


class Skipped(msgspec.Struct, frozen=True):
    """An output that holds no words: an image, a widget's state, a plot's data. ``size`` is its length in the file, in bytes."""

    label: str
    cell: int
    size: int


class WrittenFile(msgspec.Struct, frozen=True):
    """A file that a cell writes (``%%writefile``) or a script that it runs in a Python of its own (``%%python``: then ``path`` is empty)."""

    path: str
    cell: int
    text: Text

    @property
    def is_python(self) -> bool:
        """Whether it is Python by its name, or because of what runs it."""
        return not self.path or self.path.endswith((".py", ".pyw"))

    def python(self) -> PythonSource:
        """Read it as Python; its places are those of the notebook."""
        return read_text(self.text)


class NotebookSource(msgspec.Struct, frozen=True):
    """A notebook that has been read.

    Parameters
    ----------
    python : PythonSource
        All its Python cells as one module, in document order. Magics became the calls that IPython makes of them (``get_ipython().system(f"...")``); the text is
        what the author wrote, with the same lines, and its places tell cell and line.
    cells : tuple of Cell
        All cells.
    magics : tuple of Magic
        What IPython understands, in document order.
    parts : tuple of Part
        Prose, outputs, and code in other languages.
    files : tuple of WrittenFile
        Files that cells write.
    skipped : tuple of Skipped
        Outputs that were not read.
    language : str
        The kernel's language, in lower case.
    """

    python: PythonSource
    cells: tuple[Cell, ...] = ()
    magics: tuple[Magic, ...] = ()
    parts: tuple[Part, ...] = ()
    files: tuple[WrittenFile, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    language: str = "python"

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be understood."""
        return self.python.gaps

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a reader should know."""
        return self.python.notes
