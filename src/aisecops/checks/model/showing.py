"""Adversarial examples as people see them: changed columns, marked text, pictures; and as the next run replays them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aisecops.core.check import Context
from aisecops.core.digest import canonical_json

if TYPE_CHECKING:
    from aisecops.checks.model.text_replay import KeptText
    from aisecops.oracles.oracle import Floats, Integers

ROLE = "adversarial-examples"
SHOWN = 3
"""Examples told in a finding; all are in the attachment."""
_PICTURES = 8
_SIDE = 96


def keep_examples(ctx: Context, origin: Floats, points: Floats, y: Integers, facts: Mapping[str, Any]) -> str:
    """Attach samples and what fooled the model in their place, with ``facts`` (norm, budget, seed, model digest); return the attachment's id.

    The file is an ``.npz`` with ``origin`` and ``points``, shape (n, ...), ``y`` (n,) and ``facts`` (JSON, as bytes); it holds rows of the test set: sensitive.
    """
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, origin=origin, points=points, y=y, facts=np.frombuffer(canonical_json(dict(facts)), dtype=np.uint8))
    return ctx.attach(ROLE, "application/x-npz", buffer.getvalue(), sensitive=True)


def keep_texts(ctx: Context, examples: Sequence[KeptText]) -> str:
    """Attach texts before and after as JSON; return the attachment's id."""
    return ctx.attach(ROLE, "application/json", canonical_json(list(examples)), sensitive=True)


def keep_pictures(ctx: Context, origin: Floats, points: Floats, low: float, high: float) -> str:
    """Attach a PNG with a row for each of the first examples: the image, what fooled the model, and their difference (grey: none); empty without Pillow."""
    try:
        from PIL import Image
    except ImportError:
        return ""
    import numpy as np

    rows = []
    for before, after in zip(origin[:_PICTURES], points[:_PICTURES], strict=False):
        difference = after - before
        scale = np.abs(difference).max() or 1.0
        parts = [(before - low) / (high - low), (after - low) / (high - low), 0.5 + 0.5 * difference / scale]
        rows.append(np.concatenate([_picture(part) for part in parts], axis=1))
    sheet = Image.fromarray((np.clip(np.concatenate(rows, axis=0), 0, 1) * 255).round().astype(np.uint8))
    buffer = io.BytesIO()
    sheet.save(buffer, format="PNG")
    return ctx.attach("picture", "image/png", buffer.getvalue(), sensitive=True)


def _picture(image: Floats) -> Floats:
    """An image as (side, side, 3), enlarged by repetition."""
    import numpy as np

    channels = image[None] if image.ndim == 2 else image if image.shape[0] in (1, 3) else np.moveaxis(image, -1, 0)
    coloured = np.repeat(channels, 3, axis=0) if channels.shape[0] == 1 else channels[:3]
    times = max(1, _SIDE // max(coloured.shape[1:]))
    enlarged = coloured.repeat(times, axis=1).repeat(times, axis=2)
    return np.pad(np.moveaxis(enlarged, 0, -1), ((2, 2), (2, 2), (0, 0)), constant_values=1.0)
