#!/usr/bin/env python3
"""Prints the polynomial coefficients of ExpandMath.cpp.

Each polynomial q minimizes max |weight(x) * (q(x) - target(x))| over an
interval (Remez exchange in 50 digits). Its coefficients are then rounded to
float32 and moved by single units in the last place while that lowers the
error. The error printed is that of the rounded polynomial in exact arithmetic.
"""
from mpmath import (cos, cospi, erf, erfc, exp, expm1, log, log1p, lu_solve,
                    matrix, mp, mpf, sin, sqrt)
import numpy as np

mp.dps = 50


def remez(target, weight, low, high, degree):
    count = degree + 1
    grid = [(low + high) / 2 + (high - low) / 2 * cospi(mpf(i) / 1000)
            for i in range(1000, -1, -1)]
    # Where the weight vanishes no extremum can stand.
    least = max(abs(weight(low)), abs(weight(high))) / 200
    grid = [x for x in grid if x != 0 and abs(weight(x)) > least]
    targets = [target(x) for x in grid]
    weights = [abs(weight(x)) for x in grid]
    powers = [[x**j for j in range(count)] for x in grid]
    points = [(len(grid) - 1) * i // count for i in range(count + 1)]
    for _ in range(40):
        system = matrix(count + 1, count + 1)
        right = matrix(count + 1, 1)
        for row, p in enumerate(points):
            for j in range(count):
                system[row, j] = powers[p][j]
            system[row, count] = (-1)**row / weights[p]
            right[row] = targets[p]
        solution = lu_solve(system, right)
        errors = [
            w * (sum(solution[j] * power[j] for j in range(count)) - t)
            for w, power, t in zip(weights, powers, targets)
        ]
        # One extremum per run of equal sign, then the best alternating window.
        extrema = []
        for i, e in enumerate(errors):
            if extrema and (errors[extrema[-1]] > 0) == (e > 0):
                if abs(e) > abs(errors[extrema[-1]]):
                    extrema[-1] = i
            else:
                extrema.append(i)
        while len(extrema) > count + 1:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]])
                        else -1)
        if len(extrema) < count + 1:
            raise ArithmeticError("expected the error to alternate")
        points = extrema
        if max(abs(e) for e in errors) < abs(solution[count]) * mpf("1.001"):
            break
    return [solution[j] for j in range(count)], grid, targets, weights


def fit(name, target, weight, low, high, degree):
    found, grid, targets, weights = remez(target, weight, mpf(low), mpf(high),
                                          degree)
    # float64 resolves errors far below 2^-24.
    powers = np.array([[float(x**j) for j in range(degree + 1)] for x in grid])
    targets, weights = np.array(targets, float), np.array(weights, float)

    def error(c):
        return np.max(np.abs(weights * (powers @ c.astype(float) - targets)))

    best = np.array([float(c) for c in found])
    ideal = error(best)
    best = best.astype(np.float32)
    moved = True
    while moved:
        moved = False
        for i in range(len(best)):
            for j in range(i, len(best)):
                for up in (-np.inf, np.inf):
                    for other in (-np.inf, 0, np.inf):
                        trial = best.copy()
                        trial[i] = np.nextafter(trial[i], np.float32(up))
                        if other and i != j:
                            trial[j] = np.nextafter(trial[j],
                                                    np.float32(other))
                        if error(trial) < error(best):
                            best, moved = trial, True
    print(f"// {name}: {error(best) * 2**24:.3f} * 2^-24 (before rounding "
          f"{ideal * 2**24:.3f})")
    print(", ".join(float(c).hex().replace("0000000p", "p") + "f"
                    for c in best))


ln2 = log(2)
quarter = mp.pi / 4
# exp(r) = 1 + r + r^2 q(r)
fit("exp", lambda r: (exp(r) - 1 - r) / r**2, lambda r: r**2 / exp(r),
    -ln2, ln2, 5)
# 2^r = 1 + r q(r)
fit("exp2", lambda r: expm1(r * ln2) / r, lambda r: r / exp(r * ln2), -1, 1, 6)
# expm1(r) = r + r^2 q(r)
fit("expm1", lambda r: (expm1(r) - r) / r**2, lambda r: r**2 / expm1(r),
    -ln2 / 2, ln2 / 2, 4)
# log1p(f) = f + f^2 q(f)
fit("log1p", lambda f: (log1p(f) - f) / f**2, lambda f: f**2 / log1p(f),
    sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1, 8)
# erf(a) = a + a q(s) with s = a^2
fit("erf, small", lambda s: erf(sqrt(s)) / sqrt(s) - 1,
    lambda s: sqrt(s) / erf(sqrt(s)), mpf(1) / 2**20, mpf("0.85")**2, 5)
# erf(a) = 1 - exp(a q(a))
fit("erf, large", lambda a: log(erfc(a)) / a,
    lambda a: a * erfc(a) / erf(a), mpf("0.85"), mpf("3.95"), 5)
# sin(r) = r + r s q(s) with s = r^2
fit("sin", lambda s: (sin(sqrt(s)) / sqrt(s) - 1) / s,
    lambda s: s * sqrt(s) / sin(sqrt(s)), mpf(1) / 2**20, quarter**2, 2)
# cos(r) = 1 + s q(s)
fit("cos", lambda s: (cos(sqrt(s)) - 1) / s, lambda s: s / cos(sqrt(s)),
    mpf(1) / 2**20, quarter**2, 3)
