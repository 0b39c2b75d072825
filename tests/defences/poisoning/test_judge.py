"""Pictures of few colours: an honest pixel says more of its class there than all other pixels together."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits

from aisecops.defences.poisoning.judge import Judge
from aisecops.defences.poisoning.matrices import examine_images
from aisecops.defences.poisoning.stickers import stickers
from aisecops.defences.poisoning.warps import warps


def shapes(seed, n=420, size=32):
    """Return circles, squares and triangles anywhere in any light colour before any dark ground, in the 216 colours of a GIF."""
    rng, pictures = np.random.default_rng(seed), []
    for row in range(n):
        picture = Image.new("RGB", (size, size), tuple(rng.integers(90, 160, 3).tolist()))
        draw = ImageDraw.Draw(picture)
        (x, y), r, colour = rng.integers(3, size // 3, 2).tolist(), int(rng.integers(size // 3, size // 2)), tuple(rng.integers(170, 255, 3).tolist())
        match row % 3:
            case 0:
                draw.ellipse([x, y, x + r, y + r], fill=colour)
            case 1:
                draw.rectangle([x, y, x + r, y + r], fill=colour)
            case _:
                draw.polygon([(x, y + r), (x + r, y + r), (x + r // 2, y)], fill=colour)
        noisy = np.clip(np.array(picture) + rng.normal(0, 12, (size, size, 3)).astype(int), 0, 255).astype(np.uint8)
        pictures.append(np.array(Image.fromarray(noisy).convert("P").convert("RGB")))
    return np.array(pictures), np.arange(n) % 3


def signs(seed, mode, n=420, size=32):
    """Return rings, discs, crosses and pluses anywhere, in any colour before any ground, as grey pictures (``L``) or dithered to black and white (``1``)."""
    rng, pictures = np.random.default_rng(seed), []
    for row in range(n):
        ground, colour = (tuple(rng.integers(low, high, 3).tolist()) for low, high in ((60, 190), (0, 256)))
        while abs(sum(colour) - sum(ground)) < 150:
            colour = tuple(rng.integers(0, 256, 3).tolist())
        picture = Image.new("RGB", (size, size), ground)
        draw, (x, y) = ImageDraw.Draw(picture), rng.integers(2, size // 3, 2).tolist()
        r, width = int(rng.integers(size // 3, size * 5 // 9)), int(rng.integers(2, 4))
        match row % 4:
            case 0:
                draw.ellipse([x, y, x + r, y + r], outline=colour, width=width)
            case 1:
                draw.ellipse([x, y, x + r, y + r], fill=colour)
            case 2:
                draw.line([x, y, x + r, y + r], fill=colour, width=width)
                draw.line([x + r, y, x, y + r], fill=colour, width=width)
            case _:
                draw.line([x, y + r // 2, x + r, y + r // 2], fill=colour, width=width)
                draw.line([x + r // 2, y, x + r // 2, y + r], fill=colour, width=width)
        noisy = np.clip(np.array(picture) + rng.normal(0, rng.uniform(3, 15), (size, size, 3)), 0, 255).astype(np.uint8)
        pictures.append(np.array(Image.fromarray(noisy).convert(mode)).astype(float))
    return np.array(pictures), np.arange(n) % 4


def test_a_class_that_is_another_turned_is_no_warp():
    images, y = signs(0, "1")
    assert not warps(images, y, 4)  # every plus led the crosses


def test_an_edge_of_four_greys_gives_no_class_the_label_of_another():
    images, y = signs(1, "L")
    few = images // 64 * 64
    assert not stickers(few, y, 4, Judge(few, y, 4))  # 91 discs and rings passed for each other's


def test_honest_pictures_of_few_colours_have_no_trigger():
    assert not examine_images(*shapes(4), quick=True).triggers  # two pixels were called triggers before pieces were asked


def test_a_patch_on_pictures_of_few_colours_is_all_that_is_found():
    images, y = shapes(1)
    rows = np.flatnonzero(y != 1)[::14]
    images[rows, 25:29, 25:29] = 255
    y[rows] = 1
    (trigger,) = examine_images(images, y, quick=True).triggers
    assert trigger.name == "pixels of rows 25 to 28, columns 25 to 28"
    assert np.isin(trigger.rows, rows).all()
    assert np.isin(rows, trigger.rows).mean() >= 0.95


def test_who_knows_other_rows_better_is_asked():
    images, y = shapes(0, 300)
    judge = Judge(images.astype(float), y, 3)
    held = np.arange(300) % 5 == 0
    assert judge.by_pieces
    assert (judge.unseen(held).argmax(axis=1) == y[held]).mean() >= 0.95
    digits = load_digits()
    assert not Judge(digits.images, digits.target, 10).by_pieces
    assert not Judge(np.random.default_rng(0).random((60, 4, 4)), np.arange(60) % 2, 2).by_pieces, "nothing that small has pieces"


def test_wrong_labels_of_what_stands_anywhere_in_any_colour_are_told():
    images, y = shapes(2, 300)
    rows = np.random.default_rng(0).choice(300, 15, replace=False)
    honest = examine_images(images, y)
    y[rows] = (y[rows] + 1) % 3
    found = examine_images(images, y)
    assert not honest.alarm
    assert found.noisy
    assert not found.triggers
    assert np.isin(np.argsort(-found.mislabelled)[:15], rows).mean() >= 0.9
    assert found.flagged[rows].mean() >= 0.8
    assert np.delete(found.flagged, rows).mean() <= 0.01
