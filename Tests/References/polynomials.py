"""Derives the coefficients of Sources/LoopIR/Functions/Coefficients.swift.

    python3 polynomials.py        (needs mpmath)

Each polynomial is the minimax fit of its target under a weight: Remez's exchange in 60 digits.
Where `refit` says so, the coefficients are rounded one by one, lowest power first, and after each
rounding those that are left are fitted again, so that they take up what it changed.
"""

import struct

from mpmath import atanh, cos, erf, erfc, expm1, log, lu_solve, matrix, mp, mpf, pi, sqrt

mp.dps = 60


def rounded(value, type_name):
    """`value` rounded to float32 or float64."""
    double = float(value)
    return mpf(double if type_name == "f64" else struct.unpack("f", struct.pack("f", double))[0])


def remez(target, powers, weight, low, high):
    """Coefficients c of sum c[i] x^powers[i] that minimise max |(sum - target) weight|."""
    count = len(powers)
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    points = [middle - half * cos(pi * i / count) for i in range(count + 1)]
    grid = [middle - half * cos(pi * i / (40 * count)) for i in range(40 * count + 1)]
    values = [(x, target(x), weight(x)) for x in grid]
    for _ in range(12):
        system = matrix(count + 1, count + 1)
        right = matrix(count + 1, 1)
        for row, x in enumerate(points):
            for column, power in enumerate(powers):
                system[row, column] = x**power
            system[row, count] = (-1) ** row / weight(x)
            right[row] = target(x)
        solution = lu_solve(system, right)
        c = list(solution)[:count]
        errors = [((sum(a * x**p for a, p in zip(c, powers)) - f) * w, x) for x, f, w in values]
        extremes = []
        for error in errors:
            if extremes and (extremes[-1][0] > 0) == (error[0] > 0):
                extremes[-1] = max(extremes[-1], error, key=lambda e: abs(e[0]))
            else:
                extremes.append(error)
        while len(extremes) > count + 1:
            extremes.pop(0 if abs(extremes[0][0]) < abs(extremes[-1][0]) else -1)
        largest = max(abs(e) for e, _ in errors)
        if len(extremes) < count + 1 or largest < abs(solution[count]) * mpf("1.001"):
            break
        points = [x for _, x in extremes]
    return c, largest


def fit(name, type_name, target, powers, weight, low, high, refit=False):
    """Prints the rounded coefficients, lowest power first, and the error of the fit."""
    fixed, left = [], list(powers)
    while left:
        def rest(x):
            return target(x) - sum(a * x**p for a, p in fixed)
        c, error = remez(rest, left, weight, low, high)
        if not fixed:
            print(f"{name} {type_name}: error 2^{float(log(error, 2)):.1f}", end=" ")
        if not refit:
            fixed = [(rounded(a, type_name), p) for a, p in zip(c, powers)]
            break
        fixed.append((rounded(c[0], type_name), left.pop(0)))
    grid = [low + (high - low) * (i + mpf(1) / 2) / 500 for i in range(500)]
    worst = max(abs((sum(a * x**p for a, p in fixed) - target(x)) * weight(x)) for x in grid)
    print(f"rounded 2^{float(log(worst, 2)):.1f}")
    print("   ", ", ".join(float(a).hex() for a, _ in fixed))


half_octave = log(2) / 2 * mpf("1.0001")
root = sqrt(mpf(2)) * mpf("1.0001")
tiny = mpf(10) ** -20
slope_end = (root - 1) / (root + 1)


def near_zero(formula, limit):
    return lambda x: formula(x) if x else mpf(limit)


# (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2; what counts is the error of e^r, mostly.
for type_name, count in (("f32", 5), ("f64", 11)):
    fit("exp", type_name, lambda r: (expm1(r) - r) / r**2 if abs(r) > tiny else mpf(1) / 2 + r / 6,
        range(count), lambda r: r**2 + half_octave**2 / 20, -half_octave, half_octave)

# (2 atanh(s) / s - 2) / s^2 as a polynomial in z = s^2, relative to 2 / s^2.
for type_name, count in (("f32", 4), ("f64", 7)):
    fit("log", type_name,
        near_zero(lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, mpf(2) / 3), range(count),
        lambda z: z / 2, tiny, slope_end**2, refit=True)

# log2((1 + s) / (1 - s)) / s in z = s^2, for pow in float32 (evaluated in float64).
fit("pow", "f64", near_zero(lambda z: 2 * atanh(sqrt(z)) / sqrt(z) / log(2), 2 / log(2)),
    range(6), lambda z: mpf(1) / 2, tiny, slope_end**2, refit=True)

# (2 atanh(s) / s - 2 - 2 z / 3) / z^2 in z = s^2, for pow in float64, which takes the half of it.
fit("pow tail", "f64",
    near_zero(lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2 - 2 * z / 3) / z**2 if z > mpf(10)**-12
              else mpf(2) / 5 + 2 * z / 7, mpf(2) / 5),
    range(7), lambda z: z**2 / 2, tiny, slope_end**2, refit=True)

# ln(erfc(a)) / a, where an error counts as a relative error of erf(a); its value at 0 is exact.
slope = -2 / sqrt(pi)
for type_name, count, end in (("f32", 10, mpf(4)), ("f64", 24, mpf(6))):
    fit("erf", type_name, lambda a: log(erfc(a)) / a - slope, range(1, count + 1),
        lambda a: a * erfc(a) / erf(a), tiny, end)

# Constants as sums of two numbers.
for type_name in ("f32", "f64"):
    for name, value in (("ln 2", log(2)), ("slope", slope), ("1 / 3", mpf(1) / 3),
                        ("2 / ln 2", 2 / log(2))):
        high = rounded(value, type_name)
        print(name, type_name, float(high).hex(), float(rounded(value - high, type_name)).hex())
