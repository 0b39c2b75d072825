from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.attacks.evasion.images import SEVERITIES, Corruption, corrupt
from aisecops.attacks.evasion.images.blur import streak
from aisecops.attacks.evasion.images.digital import _COSINES, LUMINANCE, _table
from aisecops.attacks.evasion.images.sampling import averaging, convolve, displaced, gaussian_blur, mirrored, zooming
from aisecops.core.errors import UserError

from .scenes import scenes

SIZES = [(60, 1, 8), (40, 1, 28), (30, 3, 32), (6, 3, 72)]


@pytest.mark.parametrize("kind", list(Corruption))
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_each_severity_moves_images_further(kind, size):
    x = scenes(*size)
    moved = []
    for severity in SEVERITIES:
        y = corrupt(x, kind, severity)
        assert y.shape == x.shape
        assert y.min() >= 0
        assert y.max() <= 1
        moved.append(np.sqrt(np.mean((y - x) ** 2)))
    assert moved[0] > 0.001
    assert all(later > earlier for earlier, later in pairwise(moved)), moved


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Corruption))
def test_large_pictures(kind):
    x = scenes(4, 3, 224)
    moved = [np.sqrt(np.mean((corrupt(x, kind, severity) - x) ** 2)) for severity in SEVERITIES]
    assert moved == sorted(moved)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(Corruption), st.sampled_from(SEVERITIES), st.integers(1, 3), st.sampled_from([0, 1, 2, 3]), st.integers(3, 40), st.integers(3, 40)
)
def test_any_shape_and_range_is_kept(kind, severity, n, channels, height, width):
    shape = (n, channels, height, width) if channels else (n, height, width)
    x = np.random.default_rng(0).uniform(-2, 6, shape)
    before = x.copy()
    y = corrupt(x, kind, severity, low=-2, high=6, seed=5)
    assert y.shape == shape
    assert y.min() >= -2
    assert y.max() <= 6
    assert np.isfinite(y).all()
    assert np.array_equal(x, before)
    assert np.array_equal(y, corrupt(x, kind, severity, low=-2, high=6, seed=5))


def test_another_seed_draws_other_noise():
    x = scenes(2, 1, 16)
    for kind in (Corruption.GAUSSIAN_NOISE, Corruption.SNOW, Corruption.FROST, Corruption.FOG, Corruption.ELASTIC, Corruption.GLASS_BLUR):
        assert not np.array_equal(corrupt(x, kind, 3, seed=0), corrupt(x, kind, 3, seed=1))


def test_a_channel_axis_of_one_changes_nothing():
    x = scenes(3, 1, 12)
    for kind in Corruption:
        assert np.array_equal(corrupt(x, kind, 4)[:, 0], corrupt(x[:, 0], kind, 4))


def test_brightness_keeps_hue_and_contrast_keeps_means():
    x = 0.2 + 0.3 * scenes(4, 3, 16)
    bright = corrupt(x, Corruption.BRIGHTNESS, 3)
    assert np.allclose(bright.max(axis=1), x.max(axis=1) + 0.15, atol=1e-5)
    assert np.allclose(bright / bright.max(axis=1, keepdims=True), x / x.max(axis=1, keepdims=True), atol=1e-4)
    assert np.allclose(corrupt(x, Corruption.CONTRAST, 5).mean(axis=(2, 3)), x.mean(axis=(2, 3)), atol=1e-5)


def test_impulses_hit_their_share():
    x = np.full((50, 1, 32, 32), 0.5)
    assert np.mean(corrupt(x, Corruption.IMPULSE_NOISE, 5) != 0.5) == pytest.approx(0.07, rel=0.1)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((3, 64)), "shape"),
        (np.zeros((3, 32, 32, 3)), "channels last"),
        (np.full((3, 8, 8), 255.0), "outside"),
        (np.full((3, 8, 8), np.nan), "outside"),
    ],
)
def test_what_is_no_batch_of_images_is_refused(images, message):
    with pytest.raises(UserError, match=message):
        corrupt(images, Corruption.FOG, 1)


def test_mistaken_settings_are_refused():
    with pytest.raises(UserError, match="severity 6"):
        corrupt(np.zeros((1, 8, 8)), Corruption.FOG, 6)
    with pytest.raises(UserError, match="no range"):
        corrupt(np.zeros((1, 8, 8)), Corruption.FOG, 1, low=1, high=1)


def test_blurs_agree_with_scipy():
    from scipy import ndimage

    x = scenes(3, 1, 40).astype(np.float32)
    for sigma in (0.5, 1.3, 3.0):
        theirs = ndimage.gaussian_filter(x, (0, 0, sigma, sigma), mode="reflect", truncate=4.0)
        assert np.abs(gaussian_blur(x, sigma) - theirs).max() < 1e-5
    for kernel in (streak(3.0, 2.0, 20.0), streak(12.0, 8.0, -40.0)):  # few weights: shifts; many: Fourier
        theirs = ndimage.correlate(x, kernel[None, None], mode="reflect")
        assert np.abs(convolve(x, kernel) - theirs).max() < 1e-5


def test_reading_between_pixels_agrees_with_scipy():
    from scipy import ndimage

    x = scenes(2, 1, 20).astype(np.float32)
    rows, columns = np.random.default_rng(0).uniform(-3, 22, (2, 2, 20, 20)).astype(np.float32)
    ours = displaced(x, rows, columns)
    for number in range(2):
        theirs = ndimage.map_coordinates(x[number, 0], [rows[number], columns[number]], order=1, mode="nearest")
        assert np.abs(ours[number, 0] - theirs).max() < 1e-5


@given(st.integers(1, 40), st.integers(1, 40))
def test_averaging_keeps_the_mean(size, new):
    matrix = averaging(size, new)
    assert np.allclose(matrix.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(matrix.mean(axis=0) * size, 1, atol=1e-4)
    assert np.allclose(zooming(size, 1.0), np.eye(size), atol=1e-6)
    assert mirrored(np.arange(-size, 2 * size), size).tolist() == [*range(size - 1, -1, -1), *range(size), *range(size - 1, -1, -1)]


def test_jpeg_is_the_standards():
    assert np.allclose(_COSINES @ _COSINES.T, np.eye(8), atol=1e-6)
    assert np.array_equal(_table(LUMINANCE, 50), LUMINANCE)
    flat = np.full((1, 3, 16, 16), 0.5)
    assert np.abs(corrupt(flat, Corruption.JPEG, 5) - flat).max() < 0.02


def test_jpeg_agrees_with_a_real_encoder():
    image = pytest.importorskip("PIL.Image")
    import io

    grain = np.random.default_rng(0).normal(0, 2, (4, 3, 224, 224))  # areas of one value hit ties of the quantiser, where a rounding error decides
    x = np.clip(np.round(scenes(4, 3, 224) * 255 + grain), 0, 255)
    for severity, quality in ((1, 25), (5, 7)):
        ours = corrupt(x, Corruption.JPEG, severity, high=255)
        for number in range(4):
            file = io.BytesIO()
            image.fromarray(x[number].transpose(1, 2, 0).astype(np.uint8)).save(file, "JPEG", quality=quality)
            theirs = np.asarray(image.open(file), dtype=float).transpose(2, 0, 1)
            assert np.abs(ours[number] - theirs).mean() < 0.3 * np.abs(x[number] - theirs).mean()


@pytest.mark.parametrize(
    ("kind", "moved"),
    [
        ("snow", (0.049, 0.096, 0.105, 0.159, 0.215)),
        ("frost", (0.121, 0.174, 0.203, 0.212, 0.234)),
    ],
)
def test_severities_are_as_strong_as_the_papers(kind, moved):
    """How far the code of the paper moves photographs; made-up scenes are darker and smoother, so the order of size is what must agree."""
    x = scenes(40, 3, 32)
    ours = [np.sqrt(np.mean((corrupt(x, kind, severity) - x) ** 2)) for severity in SEVERITIES]
    assert np.allclose(np.log(ours), np.log(moved), atol=0.35), ours
