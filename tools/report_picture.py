"""Make ``docs/images/report.png``: the report on the hostile example as a browser shows it. ``make demo`` first; needs Chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLE = "examples/credit/build/hostile"
PICTURE = ROOT / "docs/images/report.png"


def main() -> None:
    """Scan the example, open the report, keep the picture."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("no Chromium here")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        scan = [sys.executable, "-m", "aisecops", "scan", EXAMPLE, "--format", "html", "--output", page]
        subprocess.run(scan, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)  # it fails the gate, as it should
        flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1240,1560"]
        subprocess.run([browser, *flags, f"--screenshot={PICTURE}", page.as_uri()], check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
