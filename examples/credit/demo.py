"""What ``make demo`` runs: build the project, scan it, scan its hostile twin, say what to look at next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from build import CLEAN, build
from tamper import HOSTILE, tamper

AISECOPS = str(Path(sys.executable).with_name("aisecops"))


def scan(folder: Path) -> int:
    """Run the command as a user would and return its exit code."""
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    print(f"\n$ aisecops scan {shown}", flush=True)
    return subprocess.run([AISECOPS, "scan", str(shown)], check=False).returncode


def main() -> int:
    """Show the clean project pass and the hostile one fail; 0 if both came out so."""
    print("Training three credit models on 4,000 synthetic loan applications ...", flush=True)
    print("  " + ", ".join(f"{name} (AUC {auc:.2f})" for name, auc in build().items()))
    tamper()
    clean = scan(CLEAN)
    hostile = scan(HOSTILE)
    if (clean, hostile) != (0, 1):
        print(f"\nThat is not what should happen: exit codes {clean} and {hostile} instead of 0 and 1. Please report it.")
        return 1
    print(
        "\nThe honest project passed (exit code 0), its tampered twin failed (exit code 1). Nothing was loaded to find out.\n"
        "Next:\n"
        "  .venv/bin/aisecops explain model-file/code-execution      what that means and why it matters\n"
        "  .venv/bin/aisecops explain source-file/prompt-injection   the same for code; `aisecops checks` lists all\n"
        f"  .venv/bin/aisecops scan --format sarif --output out.sarif {HOSTILE.relative_to(Path.cwd())}\n"
        "  .venv/bin/aisecops init YOUR-PROJECT                      write a manifest for your own project\n"
        "  .venv/bin/aisecops scan YOUR-PROJECT\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
