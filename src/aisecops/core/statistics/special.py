"""The two special functions that the intervals stand on: the normal quantile, and the tails and quantiles of the beta distribution.

References
----------
Loader, C. (2000). Fast and Accurate Computation of Binomial Probabilities. (The deviance form: no cancellation of large log-gamma values.)
DiDonato, A. R., Morris, A. H. (1992). Algorithm 708: Significant digit computation of the incomplete beta function ratios. ACM TOMS 18, 360-373
(the continued fraction, evaluated by Lentz's algorithm as modified by Thompson and Barnett, 1986).
Abramowitz, M., Stegun, I. A. (1964). Handbook of Mathematical Functions, 26.2.23 and 26.5.22 (first guesses only; both are refined to full precision).
"""

from __future__ import annotations

import math

_EPSILON = 2.0**-52
_TINY = 1e-300
_LOG_2PI = math.log(2.0 * math.pi)


def normal_cdf(z: float) -> float:
    """Probability that a standard normal variable is at most ``z``."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_quantile(p: float) -> float:
    """Return the ``z`` with ``normal_cdf(z) == p``, to about 15 digits, for p in (0, 1).

    Values close to 1 carry few digits themselves: for an upper tail ``q`` use ``-normal_quantile(q)``.

    Raises
    ------
    ValueError
        If ``p`` is not strictly between 0 and 1.
    """
    if not 0.0 < p < 1.0:
        raise ValueError(f"a probability must lie between 0 and 1, both excluded, not {p}")
    return _lower_normal_quantile(p) if p <= 0.5 else -_lower_normal_quantile(1.0 - p)


def _lower_normal_quantile(p: float) -> float:
    t = math.sqrt(-2.0 * math.log(p))
    numerator = 2.515517 + t * (0.802853 + t * 0.010328)
    denominator = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    z = numerator / denominator - t
    for _ in range(3):  # Halley's steps triple the digits of the first guess, which has three
        step = (normal_cdf(z) - p) * math.exp(0.5 * (z * z + _LOG_2PI))
        z -= step / (1.0 + 0.5 * z * step)
    return z


def beta_tails(a: float, b: float, x: float) -> tuple[float, float]:
    """Return both tails of the beta distribution at ``x``: the regularised incomplete beta function I_x(a, b) and its complement.

    Each is computed without subtracting from 1 where it is the smaller one, so tiny tails keep their digits.

    Parameters
    ----------
    a, b
        Shape parameters, > 0. The time grows with the square root of the larger one (a few milliseconds at 10^9).
    x
        In [0, 1].
    """
    if not (a > 0.0 and b > 0.0 and 0.0 <= x <= 1.0):
        raise ValueError(f"the beta distribution needs a, b > 0 and 0 <= x <= 1, not a={a}, b={b}, x={x}")
    if x in (0.0, 1.0):
        return x, 1.0 - x
    weight = beta_weight(a, b, x)
    y = 1.0 - x
    if a * y >= b * x:
        lower = weight * _continued_fraction(a, b, x, y)
        return lower, 1.0 - lower
    upper = weight * _continued_fraction(b, a, y, x)
    return 1.0 - upper, upper


def beta_weight(a: float, b: float, x: float) -> float:
    """x^a (1-x)^b / B(a, b) for 0 < x < 1: the density times x (1-x).

    Written as a binomial probability in Loader's form; with log-gamma functions it would keep five digits only at a = b = 10^9.
    """
    n, y = a + b, 1.0 - x
    excess = a - n * x if x <= 0.5 else n * y - b  # from the smaller side: the other one has lost these digits
    deviance = _deviance(a, n * x, excess) + _deviance(b, n * y, -excess)
    correction = _stirling_error(n) - _stirling_error(a) - _stirling_error(b)
    return math.sqrt(a * b / (2.0 * math.pi * n)) * math.exp(correction - deviance)


def _stirling_error(n: float) -> float:
    """The logarithm of Gamma(n+1) minus Stirling's formula for it."""
    if n < 16.0:
        return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - 0.5 * _LOG_2PI
    square = 1.0 / (n * n)
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - square * 691 / 360360) * square) * square) * square) * square) / n


def _deviance(k: float, mean: float, difference: float) -> float:
    """``k ln(k/mean) - difference`` with ``difference = k - mean``, by a series where both are close and the plain form would cancel."""
    total = k + mean
    if abs(difference) >= 0.1 * total:
        return k * math.log(k / mean) - difference
    ratio = difference / total
    result = difference * ratio
    term, square, order = 2.0 * k * ratio, ratio * ratio, 1
    while True:
        term *= square
        order += 2
        following = result + term / order
        if following == result:
            return result
        result = following


def _continued_fraction(a: float, b: float, x: float, y: float) -> float:
    """DiDonato and Morris (9) for x <= a/(a+b), y = 1-x: I_x(a, b) divided by the weight.

    Every difference of large terms is in ``a y - b x``, which the exact ``x`` and ``y`` give to full precision; a fraction that is written in x alone
    (DLMF 8.17.22) loses eight digits at a = 1, b = 10^9.
    """
    result = c = a * (a * y - b * x + 1.0) / (a + 1.0)
    d = 0.0
    m = 0.0
    while True:
        m += 1.0
        numerator = (a + m - 1.0) * (a + b + m - 1.0) * m * (b - m) * x * x / (a + 2.0 * m - 1.0) ** 2
        term = m + m * (b - m) * x / (a + 2.0 * m - 1.0) + (a + m) * (a * y - b * x + 1.0 + m * (1.0 + y)) / (a + 2.0 * m + 1.0)
        d = 1.0 / _not_zero(term + numerator * d)
        c = _not_zero(term + numerator / c)
        result *= c * d
        if abs(c * d - 1.0) <= _EPSILON:
            return 1.0 / result


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def beta_quantile(a: float, b: float, tail: float, *, upper: bool = False) -> float:
    """Return the ``x`` whose lower (or ``upper``) tail of the beta distribution is ``tail``, to about 13 digits of x (of 1-x where x is close to 1).

    Newton's method on the logarithm of the tail, kept inside a bracket that only shrinks: it cannot run away, and ends when the bracket or the step
    is as small as the numbers allow.

    Parameters
    ----------
    a, b
        Shape parameters, > 0.
    tail
        In (0, 1).
    """
    if not (a > 0.0 and b > 0.0 and 0.0 < tail < 1.0):
        raise ValueError(f"a beta quantile needs a, b > 0 and 0 < tail < 1, not a={a}, b={b}, tail={tail}")
    if (beta_tails(a, b, 0.5)[upper] > tail) is upper:  # beyond a half: solve for the distance to 1, which keeps its digits
        return 1.0 - _solve(b, a, tail, upper=not upper)
    return _solve(a, b, tail, upper=upper)


def _solve(a: float, b: float, tail: float, *, upper: bool) -> float:
    low, high = 0.0, 1.0
    x = _first_guess(a, b, -normal_quantile(tail) if upper else normal_quantile(tail))
    for _ in range(200):
        reached = beta_tails(a, b, x)[upper]
        if (reached > tail) is upper:
            low = x
        else:
            high = x
        following = _newton(a, b, x, reached, tail, upper=upper)
        if not low < following < high:
            following = math.sqrt(low * high) if low > 0.0 else high / 16.0
        if abs(following - x) <= 2.0 * _EPSILON * x:
            return following
        x = following
    return x


def _newton(a: float, b: float, x: float, reached: float, tail: float, *, upper: bool) -> float:
    """One step on log(tail); nan where the tail has underflowed, which sends the caller to its bracket."""
    if reached <= 0.0:
        return math.nan
    weight = beta_weight(a, b, x)
    if weight <= 0.0:
        return math.nan
    slope = weight / (x * (1.0 - x)) / reached
    step = math.log(reached / tail) / slope
    return x + step if upper else x - step


def _first_guess(a: float, b: float, z: float) -> float:
    """Abramowitz and Stegun 26.5.22 for shapes above 1, clear of 0 and 1; the mean elsewhere."""
    mean = a / (a + b)
    if a <= 1.0 or b <= 1.0:
        return mean
    harmonic = 2.0 / (1.0 / (2.0 * a - 1.0) + 1.0 / (2.0 * b - 1.0))
    third = (z * z - 3.0) / 6.0
    inner = harmonic + third
    if inner <= 0.0:
        return mean
    w = -z * math.sqrt(inner) / harmonic - (1.0 / (2.0 * b - 1.0) - 1.0 / (2.0 * a - 1.0)) * (third + 5.0 / 6.0 - 2.0 / (3.0 * harmonic))
    guess = a / (a + b * math.exp(min(2.0 * w, 700.0)))
    return min(max(guess, mean * 1e-12), 1.0 - 1e-12)
