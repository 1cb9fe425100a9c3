"""2B, numbers 41 to 43, 49 to 54, 57 and 59: groups, masks, several outputs, pointwise norms."""

import numpy as np

from batch import uneven_mask
from common import (absolute, counted, cut, erf, maximum, mean, total, uncentred_gradient,
                    variance, write)
from position import D, LAST, SHAPE, affine, centred, once, root, weighted


def group_rms_norm():
    """#41: y = weight x / sqrt(E_K x^2 + eps), C = (G,K) contiguous, weight per channel. N,T,C."""
    split = lambda u: u.reshape(4, 3, 2, 5)
    unit = lambda v: root(split(v.x), 3, v.eps).reshape(v.x.shape)
    closed = lambda v, d: {
        "x": uncentred_gradient(split(v.weight * d.y), split(v.x), 3, v.eps).reshape(v.x.shape)}
    return once("group_rms_norm", lambda v: v.weight * unit(v), closed, shape=(4, 3, 10),
                axes="NTC", prepare=weighted(10), settings={"eps": 1e-5})


def positional_norm():
    """#42 (PONO) on N,C,H,W over C: outputs y = (x - E)/std, mean = E, std = sqrt(Var + eps).

    Var is unbiased; all three outputs have gradients into x; the statistics keep C as size 1.
    """
    std = lambda v: np.sqrt(variance(v.x, 1, ddof=1) + v.eps)

    def formula(v):
        return {"y": (v.x - mean(v.x, 1)) / std(v), "mean": mean(v.x, 1), "std": std(v)}

    def closed(v, d):
        c, s = 5, std(v)
        unit = (v.x - mean(v.x, 1)) / s
        dx = (d.y - mean(d.y, 1) - unit * total(d.y * unit, 1) / (c - 1)) / s
        return {"x": dx + d.mean / c + d.std * (v.x - mean(v.x, 1)) / ((c - 1) * s)}

    return once("positional_norm", formula, closed, shape=(3, 5, 2, 4), axes="NCHW",
                settings={"eps": 1e-5})


def moment_shortcut():
    """#42: y = x std + mean, with mean and std (N,1,H,W) of another layer as inputs."""
    inputs = lambda case: {"mean": case.near(0, 3, 1, 2, 4), "std": case.near(1.5, 3, 1, 2, 4)}
    return once("moment_shortcut", lambda v: v.x * v.std + v.mean, shape=(3, 5, 2, 4),
                axes="NCHW", inputs=inputs)


def pixel_norm():
    """#43 on N,C,H,W over C: y = x / sqrt(E x^2 + eps)."""
    return once("pixel_norm", lambda v: root(v.x, 1, v.eps),
                lambda v, d: {"x": uncentred_gradient(d.y, v.x, 1, v.eps)}, shape=(3, 5, 2, 4),
                axes="NCHW", settings={"eps": 1e-8})


def reversible_instance_norm():
    """#49 (RevIN) on N,T,C over T: y = weight (x - mean)/std + bias, both statistics cut.

    Outputs mean and std = sqrt(Var + eps), N,1,C, carry no gradient.
    """
    def formula(v):
        e, s = cut(mean(v.x, 1)), np.sqrt(cut(variance(v.x, 1)) + v.eps)
        return {"y": v.weight * (v.x - e) / s + v.bias, "mean": e, "std": s}

    closed = lambda v, d: {"x": v.weight * d.y / np.sqrt(variance(v.x, 1) + v.eps)}
    return once("reversible_instance_norm", formula, closed, shape=(4, 7, 3), axes="NTC",
                prepare=affine(3), settings={"eps": 1e-5}, has_cuts=True)


def reversible_instance_denorm():
    """#49: y = (x - bias)/(weight + eps^2) std + mean; mean and std (N,1,C) have no gradient."""
    inputs = lambda case: {"mean": case.near(0, 4, 1, 3), "std": case.near(1.5, 4, 1, 3)}
    return once("reversible_instance_denorm",
                lambda v: (v.x - v.bias) / (v.weight + v.eps**2) * v.std + v.mean,
                shape=(4, 7, 3), axes="NTC", prepare=affine(3), inputs=inputs,
                settings={"eps": 1e-5}, fixed=("mean", "std"))


def masked(name, axes, kind, zeroed=False, mask_axes=(slice(None), slice(None), None)):
    """#50 on N,T,C, mask N,T (True counts): statistics over `axes` of what the mask leaves in."""
    inputs = lambda case: {"mask": uneven_mask(case, 4, 7)}

    def statistics(v):
        m = np.broadcast_to(v.mask[mask_axes], v.x.shape).astype(float)
        e = mean(v.x, axes, m) if kind == "centred" else 0
        return m, e, 1 / np.sqrt(mean((v.x - e) ** 2, axes, m) + v.eps)

    def formula(v):
        m, e, r = statistics(v)
        y = v.weight * (v.x - e) * r + v.bias
        return y * m if zeroed else y

    def closed(v, d):
        """G-MASK; without the sum of g if uncentred; with g m for g if outputs are zeroed."""
        m, e, r = statistics(v)
        g = v.weight * d.y * (m if zeroed else 1)
        unit, n = (v.x - e) * r, counted(v.x, axes, m)
        inner = unit * total(g * unit, axes) + (total(g, axes) if kind == "centred" else 0)
        return {"x": r * g - r * m / n * inner}

    return once(name, formula, closed, shape=(4, 7, 3), axes="NTC", prepare=affine(3),
                inputs=inputs, settings={"eps": 1e-5})


def masked_layer_norm():
    """#50: layer norm over T and C per sample; outputs everywhere."""
    return masked("masked_layer_norm", (1, 2), "centred")


def masked_layer_norm_zeroed():
    """#50: the same, its outputs zero where the mask is False."""
    return masked("masked_layer_norm_zeroed", (1, 2), "centred", zeroed=True)


def masked_rms_norm():
    """#50: RMS norm (with bias) over T and C per sample; outputs everywhere."""
    return masked("masked_rms_norm", (1, 2), "uncentred")


def masked_instance_norm():
    """#50: instance norm over T per sample and channel; outputs everywhere."""
    return masked("masked_instance_norm", (1,), "centred")


def heads(name, formula, **options):
    """#51 on N,T,heads,K: each head on its own."""
    return once(name, formula, shape=(2, 3, 4, 5), axes="NTHK", **options)


def qk_l2_norm():
    """#51 (a): y = weight x / max(|x|, eps), weight per head and channel of it."""
    norm = lambda v: np.sqrt(total(v.x**2, 3))
    return heads("qk_l2_norm", lambda v: v.weight * v.x / maximum(norm(v), v.eps),
                 prepare=weighted(4, 5), settings={"eps": 1e-12})


def qk_l2_norm_groups():
    """#51 (a) with G = 2 groups inside each head of K = 6, without weight. N,T,H,C."""
    def formula(v):
        parts = v.x.reshape(2, 3, 4, 2, 3)
        norm = maximum(np.sqrt(total(parts**2, 4)), v.eps)
        return (parts / norm).reshape(v.x.shape)

    return once("qk_l2_norm_groups", formula, shape=(2, 3, 4, 6), axes="NTHC",
                settings={"eps": 1e-12})


def qk_rms_norm():
    """#51 (b): RMS norm over K with one weight for all heads."""
    return heads("qk_rms_norm", lambda v: v.weight * root(v.x, 3, v.eps), prepare=weighted(5),
                 settings={"eps": 1e-6})


def qk_layer_norm():
    """#51 (c): layer norm over K, weight of K, no bias."""
    return heads("qk_layer_norm", lambda v: v.weight * centred(v.x, 3, v.eps),
                 prepare=weighted(5), settings={"eps": 1e-6})


def scalar_and_affine(**scalars):
    """Scalar parameters near the given values, weight and bias of D."""
    def prepare(case):
        case.params(**{name: case.normal(scale=0.1, shift=value)
                       for name, value in scalars.items()})
        case.affine(D)
    return prepare


def dynamic_tanh():
    """#52: y = weight tanh(alpha x) + bias."""
    def closed(v, d):
        p = (1 - np.tanh(v.alpha * v.x) ** 2) * v.weight * d.y
        return {"x": v.alpha * p, "alpha": np.sum(v.x * p)}

    return once("dynamic_tanh", lambda v: v.weight * np.tanh(v.alpha * v.x) + v.bias, closed,
                prepare=scalar_and_affine(alpha=0.5))


def dynamic_erf():
    """#53: y = weight erf(alpha x + shift) + bias."""
    return once("dynamic_erf", lambda v: v.weight * erf(v.alpha * v.x + v.shift) + v.bias,
                prepare=scalar_and_affine(alpha=0.5, shift=0))


def dynamic_isru():
    """#53: y = weight x / sqrt(alpha + x^2) + bias, a scalar alpha near 1."""
    return once("dynamic_isru", lambda v: v.weight * v.x / np.sqrt(v.alpha + v.x**2) + v.bias,
                prepare=scalar_and_affine(alpha=1))


def poly_norm():
    """#54: y = w0 u(x^3) + w1 u(x^2) + w2 u(x) + bias, u(z) = z / sqrt(E z^2 + eps); scalars."""
    def prepare(case):
        case.params(weight=case.near(0.33, 3), bias=case.near(0))

    powers = lambda v: zip(v.weight, (3, 2, 1))

    def formula(v):
        return sum(w * root(v.x**p, LAST, v.eps) for w, p in powers(v)) + v.bias

    def closed(v, d):
        dx = 0
        for w, p in powers(v):
            r = 1 / np.sqrt(mean(v.x ** (2 * p), LAST) + v.eps)
            inner = v.x ** (2 * p - 1) * r**3 * total(d.y * v.x**p, LAST)
            dx = dx + w * (p * v.x ** (p - 1) * r * d.y - p / D * inner)
        return {"x": dx}

    return once("poly_norm", formula, closed, prepare=prepare, settings={"eps": 1e-6})


def exponentials(x, keep=1):
    """exp(x - m) over the last axis, and m; the result does not depend on m."""
    m = np.real(x).max(axis=LAST, keepdims=True)
    return np.exp(x - m) * keep, m


def softmax():
    """#57: y = exp(x - m) / sum exp(x - m), m the maximum over D."""
    def formula(v):
        e, _ = exponentials(v.x)
        return e / total(e, LAST)

    def closed(v, d):
        y = formula(v)
        return {"x": y * (d.y - total(d.y * y, LAST))}

    return once("softmax", formula, closed)


def log_softmax():
    """#57: y = x - m - ln sum exp(x - m)."""
    def formula(v):
        e, m = exponentials(v.x)
        return v.x - m - np.log(total(e, LAST))

    def closed(v, d):
        return {"x": d.y - np.exp(formula(v)) * total(d.y, LAST)}

    return once("log_softmax", formula, closed)


def softmax_one():
    """#57, softmax1: the denominator has exp(-m) more, so the sum of y is below 1."""
    def formula(v):
        e, m = exponentials(v.x)
        return e / (np.exp(-m) + total(e, LAST))

    def closed(v, d):
        y = formula(v)
        return {"x": y * (d.y - total(d.y * y, LAST))}

    return once("softmax_one", formula, closed)


def masked_softmax():
    """#57 over what the mask (N,T,D, True counts) leaves in; 0 elsewhere. No row is empty."""
    def inputs(case):
        rows = uneven_mask(case, SHAPE[0] * SHAPE[1], D)
        return {"mask": rows.reshape(SHAPE)}

    def formula(v):
        e, _ = exponentials(v.x, v.mask)
        return e / total(e, LAST)

    return once("masked_softmax", formula, inputs=inputs)


def ngpt_residual():
    """#59: y = Norm(h + a (Norm(f) - h)), Norm = L2 over D, a = |alpha| init / scale.

    Inputs x (the h of the formula) and f; some alpha are negative; eps none.
    """
    unit = lambda u: u / np.sqrt(total(u**2, LAST))

    def prepare(case):
        case.params(alpha=case.near(0.4, D) * np.array([1, -1, 1, 1, -1]))

    def formula(v):
        rate = absolute(v.alpha) * (v.init / v.scale)
        return unit(v.x + rate * (unit(v.f) - v.x))

    return once("ngpt_residual", formula, prepare=prepare,
                inputs=lambda case: {"f": case.data(*SHAPE)},
                settings={"init": 0.25, "scale": 0.5})


VARIANTS = (
    group_rms_norm, positional_norm, moment_shortcut, pixel_norm, reversible_instance_norm,
    reversible_instance_denorm, masked_layer_norm, masked_layer_norm_zeroed, masked_rms_norm,
    masked_instance_norm, qk_l2_norm, qk_l2_norm_groups, qk_rms_norm, qk_layer_norm,
    dynamic_tanh, dynamic_erf, dynamic_isru, poly_norm, softmax, log_softmax, softmax_one,
    masked_softmax, ngpt_residual,
)

if __name__ == "__main__":
    write(VARIANTS)
