"""How long corruptions take: all 75 (15 kinds, 5 severities) of 1,000 colour images of 32 x 32, and a few beside the same done image by image with scipy.

    python benchmarks/robustness/images.py [--images 1000] [--side 32]

What is measured: CPU seconds of one thread. scipy's are written the way packages for corruptions have them: one image at a time, the same strength.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy import ndimage

from aisecops.attacks.evasion.images import SEVERITIES, Corruption, corrupt
from aisecops.attacks.evasion.images.severities import strength


def timed(work) -> float:
    """Return the CPU seconds of a call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def by_scipy(kind: Corruption, x: np.ndarray) -> None:
    """Do at severity 3 what ours does, image by image."""
    numbers = strength(kind, 3, x.shape[2])
    rng = np.random.default_rng(0)
    grid = np.mgrid[: x.shape[2], : x.shape[3]]
    for image in x:
        if kind is Corruption.DEFOCUS_BLUR:
            reach = int(np.ceil(numbers[0]))
            disc = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1]) <= numbers[0]
            blurred = [ndimage.gaussian_filter(ndimage.convolve(channel, disc / disc.sum()), numbers[1]) for channel in image]
            np.clip(blurred, 0, 1)
        elif kind is Corruption.ZOOM_BLUR:
            factors = np.arange(1, numbers[0] + 1e-9, 0.01)
            np.mean([ndimage.zoom(image, (1, factor, factor), order=1)[:, : x.shape[2], : x.shape[3]] for factor in factors], axis=0)
        else:
            field = [ndimage.gaussian_filter(rng.uniform(-1, 1, x.shape[2:]), 0.06 * x.shape[2]) for _ in range(2)]
            for channel in image:
                ndimage.map_coordinates(channel, grid + field, order=1, mode="nearest")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--side", type=int, default=32)
    arguments = parser.parse_args()
    x = np.random.default_rng(0).random((arguments.images, 3, arguments.side, arguments.side))
    total = 0.0
    for kind in Corruption:
        seconds = [timed(lambda k=kind, s=severity: corrupt(x, k, s)) for severity in SEVERITIES]
        total += sum(seconds)
        peer = ""
        if kind in (Corruption.DEFOCUS_BLUR, Corruption.ZOOM_BLUR, Corruption.ELASTIC):
            scipy = timed(lambda k=kind: by_scipy(k, x))
            peer = f"severity 3: {seconds[2]:.3f} s, scipy image by image {scipy:.3f} s = {scipy / max(seconds[2], 1e-9):.1f} x"
        print(f"{kind:16} {sum(seconds):7.3f} s for 5 severities   {peer}", flush=True)
    print(f"{'all 75':16} {total:7.3f} s for {arguments.images} images of {arguments.side} x {arguments.side} x 3")


if __name__ == "__main__":
    main()
