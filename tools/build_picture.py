"""Draw the picture that opens README.md: the terminal's output for the hostile example, as SVG.

Run it from the root of the repository, after `make demo`, when the output changes:  python tools/build_picture.py
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from aisecops.cli.screen import STYLES
from aisecops.report.layout import wrap
from aisecops.report.terminal import document
from aisecops.workflows.scan import ScanRequest, scan

TARGET = Path("docs/images/scan.svg")
HOSTILE = "examples/credit/build/hostile"
WIDTH = 108


def main() -> None:
    """Scan the example and write the picture."""
    run = scan(ScanRequest(paths=(HOSTILE,), cache=False))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(Text("$ aisecops scan .", style="dim"))
    for row in wrap(document(run), WIDTH, "utf-8"):
        line = Text()
        for span, style in row:
            line.append(span, STYLES.get(style))
        console.print(line, no_wrap=True, crop=False)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    console.save_svg(str(TARGET), title="aisecops", theme=MONOKAI)
    print(TARGET)


if __name__ == "__main__":
    main()
