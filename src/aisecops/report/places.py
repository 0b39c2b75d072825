"""Where a finding stands, as a code host counts: from the folder where the scan was started, which it takes for the repository."""

from __future__ import annotations

from aisecops.core.finding import Finding, Location
from aisecops.core.run import Run


def base(run: Run) -> str:
    """What to put before every path, so that it counts from the folder where the scan was started: code hosts take that for the repository.

    ``aisecops scan models`` records ``clf.pkl`` below the root ``models``, and ``aisecops scan models/clf.pkl`` the same below ``models/clf.pkl``. Roots outside the
    folder, and several of them, are left as they are.
    """
    root = "/".join(part for part in run.run.roots[0].path.split("/") if part != ".") if len(run.run.roots) == 1 else ""
    if not root or root.startswith("/") or ".." in root.split("/"):
        return ""
    folder, _, name = root.rstrip("/").rpartition("/")
    above = folder if [asset.path for asset in run.assets] == [name] else root.rstrip("/")
    return f"{above}/" if above else ""


def first(finding: Finding) -> Location:
    """The place that speaks for ``finding``: its first, or the asset itself."""
    return finding.locations[0] if finding.locations else Location(path=finding.asset.partition(":")[2] or finding.asset)


def line_of(place: Location) -> int | None:
    """The line in the *file*: a line of a notebook cell is none, and neither is one inside a member."""
    return place.line if place.line and place.cell is None and not place.member else None


def spoken(place: Location) -> str:
    """``a.py:12:5``, ``bundle.zip!x.pkl at byte 31``, ``explore.ipynb cell 3 line 2``."""
    name = f"{place.path}!{place.member}" if place.member else place.path
    if place.offset is not None:
        return f"{name} at byte {place.offset}"
    if place.cell:
        return f"{name} cell {place.cell}" + (f" line {place.line}" if place.line else "")
    return name + (f":{place.line}" if place.line else "") + (f":{place.column}" if place.line and place.column else "")
