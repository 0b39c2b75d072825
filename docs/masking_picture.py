"""Draw docs/masking.svg, the sizes of classes before and after masking: python docs/masking_picture.py. It masks the customers of examples/credit."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl

from aisecops.datasets.masking import MaskSettings
from aisecops.workflows.mask import MaskRequest, mask

HERE = Path(__file__).parent
QUASI = ("birth_date", "zip", "sex", "job")
BINS = ((1, 1), (2, 4), (5, 6), (7, 9), (10, 14), (15, 10**6))
WIDTH, HEIGHT, TALL = 640, 210, 120


def main() -> None:
    """Two rows of bars: how many customers hide among how many."""
    sys.path.insert(0, str(HERE.parent / "examples" / "credit"))
    from customers import write_customers

    with tempfile.TemporaryDirectory() as folder:
        source, copy = write_customers(Path(folder) / "customers.csv"), Path(folder) / "masked.csv"
        key = hashlib.sha256(b"a key for a picture, of no use elsewhere").digest()
        mask(MaskRequest(data=str(source), output=str(copy), key=key, settings=MaskSettings(k=5)))
        counts = [hidden(path) for path in (source, copy)]
    (HERE / "masking.svg").write_text(drawn(counts), encoding="utf-8")


def hidden(path: Path) -> list[int]:
    """How many customers are in classes of each size."""
    table = pl.read_csv(path, infer_schema=False)
    sizes = table.group_by(QUASI).agg(pl.col("customer_id").n_unique().alias("persons"))["persons"]
    persons = Counter({size: count * size for size, count in Counter(sizes.to_list()).items()})
    return [sum(count for size, count in persons.items() if low <= size <= high) for low, high in BINS]


def drawn(counts: list[list[int]]) -> str:
    """Return the picture."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">']
    for panel, (title, told) in enumerate(zip(("before", "after, k = 5"), counts, strict=True)):
        left = 10 + panel * WIDTH // 2
        parts.append(f'<text x="{left}" y="16" font-weight="bold">{title}: customers by persons alike</text>')
        for place, ((low, high), count) in enumerate(zip(BINS, told, strict=True)):
            tall = TALL * count / max(map(sum, counts))
            x, y = left + place * 48, 165 - tall
            name = str(low) if low == high else f"{low}–{high}" if high < 10**6 else f"{low}+"
            colour = "#b3261e" if high < 5 else "#2e7d32"
            parts.append(f'<rect x="{x}" y="{y:.1f}" width="40" height="{tall:.1f}" fill="{colour}" fill-opacity="0.75"/>')
            parts.append(f'<text x="{x + 20}" y="{y - 4:.1f}" text-anchor="middle">{count:,}</text>')
            parts.append(f'<text x="{x + 20}" y="180" text-anchor="middle" fill="#555">{name}</text>')
    parts.append('<text x="10" y="200" fill="#555">persons in the class; red: fewer than five, who can be picked out</text></svg>')
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
