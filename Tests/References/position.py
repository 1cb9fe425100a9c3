"""2B, numbers 28 to 37, 41 to 43 and 49 to 54, 57, 59: statistics within a position."""

import math

import numpy as np

from common import (Case, absolute, centred_gradient, cut, maximum, mean, reduced, spread,
                    total, uncentred_gradient, variance, write)

N, T, D = SHAPE = (4, 3, 5)
LAST = 2


def once(name, formula, closed=None, shape=SHAPE, axes="NTD", prepare=None, inputs=None,
         settings=None, scale=None, **options):
    """One training call on x of `shape`. formula(v): y or outputs; closed(v, d): gradients.

    `scale` multiplies the samples, so that some fall below a floor.
    """
    case = Case(name, **dict(zip(axes, shape)))
    case.settings(**(settings or {}))
    if prepare:
        prepare(case)

    def draw(k):
        x = case.data(*shape)
        if scale is not None:
            x = np.float32(x * spread(np.array(scale), len(shape), 0))
        return {"x": x, **(inputs(case) if inputs else {})}

    def forward(v, phase):
        result = formula(v)
        return (result if isinstance(result, dict) else {"y": result}), {}

    check = closed and (lambda v, d, phase: closed(v, d))
    return case.run(forward, draw, closed=check, **options)


def affine(*shape):
    return lambda case: case.affine(*shape)


def weighted(*shape, centre=1):
    return lambda case: case.params(weight=case.near(centre, *shape))


def centred(x, axes, eps):
    return (x - mean(x, axes)) / np.sqrt(variance(x, axes) + eps)


def root(x, axes, eps):
    return x / np.sqrt(mean(x**2, axes) + eps)


def layer_norm():
    """#28: y = weight (x - E) / sqrt(Var + eps) + bias over D; N,T,D."""
    return once("layer_norm", lambda v: v.weight * centred(v.x, LAST, v.eps) + v.bias,
                lambda v, d: {"x": centred_gradient(v.weight * d.y, v.x, LAST, v.eps),
                              "weight": reduced(d.y * centred(v.x, LAST, v.eps), (D,))},
                prepare=affine(D), settings={"eps": 1e-5})


def layer_norm_two_axes():
    """#28 over the last two axes, weight and bias of both: N,S,D."""
    return once("layer_norm_two_axes",
                lambda v: v.weight * centred(v.x, (1, 2), v.eps) + v.bias,
                lambda v, d: {"x": centred_gradient(v.weight * d.y, v.x, (1, 2), v.eps)},
                axes="NSD", prepare=affine(T, D), settings={"eps": 1e-5})


def layer_norm_channels_first():
    """#28 over C of N,C,H,W (ConvNeXt)."""
    gain = lambda v: spread(v.weight, 4)
    return once("layer_norm_channels_first",
                lambda v: gain(v) * centred(v.x, 1, v.eps) + spread(v.bias, 4),
                lambda v, d: {"x": centred_gradient(gain(v) * d.y, v.x, 1, v.eps)},
                shape=(3, 5, 2, 4), axes="NCHW", prepare=affine(5), settings={"eps": 1e-6})


def layer_norm_no_bias():
    """#29: y = weight x^."""
    return once("layer_norm_no_bias", lambda v: v.weight * centred(v.x, LAST, v.eps),
                prepare=weighted(D), settings={"eps": 1e-5})


def layer_norm_no_affine():
    """#29: y = x^."""
    return once("layer_norm_no_affine", lambda v: centred(v.x, LAST, v.eps),
                lambda v, d: {"x": centred_gradient(d.y, v.x, LAST, v.eps)},
                settings={"eps": 1e-6})


def layer_norm_unit_offset():
    """#29: y = (weight + 1) x^, weight near 0."""
    return once("layer_norm_unit_offset", lambda v: (v.weight + 1) * centred(v.x, LAST, v.eps),
                prepare=weighted(D, centre=0), settings={"eps": 1e-5})


def rms_norm():
    """#30: y = weight x / sqrt(E x^2 + eps)."""
    return once("rms_norm", lambda v: v.weight * root(v.x, LAST, v.eps),
                lambda v, d: {"x": uncentred_gradient(v.weight * d.y, v.x, LAST, v.eps)},
                prepare=weighted(D), settings={"eps": 1e-6})


def rms_norm_outside():
    """#30, the original torch file: y = weight x / (sqrt(E x^2) + eps)."""

    def closed(v, d):
        """G-UNCo."""
        r, g = np.sqrt(mean(v.x**2, LAST)), v.weight * d.y
        s = r + v.eps
        return {"x": (g - v.x / r * mean(g * v.x / s, LAST)) / s}

    return once("rms_norm_outside",
                lambda v: v.weight * v.x / (np.sqrt(mean(v.x**2, LAST)) + v.eps),
                closed, prepare=weighted(D), settings={"eps": 1e-3})


def rms_norm_bias():
    """#30 with a bias."""
    return once("rms_norm_bias", lambda v: v.weight * root(v.x, LAST, v.eps) + v.bias,
                prepare=affine(D), settings={"eps": 1e-8})


def partial_rms_norm():
    """#31: the statistic is of the first k = int(p D) entries (p = 0.5, k = 2); all are scaled."""
    first = lambda v: v.x[..., :int(v.p * D)]
    r = lambda v: 1 / np.sqrt(mean(first(v) ** 2, LAST) + v.eps)

    def closed(v, d):
        g, k = v.weight * d.y, int(v.p * D)
        unit = v.x * r(v)
        return {"x": r(v) * (g - (np.arange(D) < k) / k * unit * total(g * unit, LAST))}

    return once("partial_rms_norm", lambda v: v.weight * v.x * r(v), closed,
                prepare=weighted(D), settings={"eps": 1e-8, "p": 0.5})


def gemma_rms_norm():
    """#32: y = x / sqrt(E x^2 + eps) (1 + weight), weight near 0."""
    return once("gemma_rms_norm", lambda v: root(v.x, LAST, v.eps) * (1 + v.weight),
                lambda v, d: {"weight": reduced(d.y * root(v.x, LAST, v.eps), (D,))},
                prepare=weighted(D, centre=0), settings={"eps": 1e-6})


def crms_norm():
    """#33: y = x q^(-1/2), q = (sum x^2 + (sum x)^2)/(D + 1) + eps. No parameters."""
    q = lambda v: (total(v.x**2, LAST) + total(v.x, LAST) ** 2) / (D + 1) + v.eps

    def closed(v, d):
        inner = (v.x + total(v.x, LAST)) * total(d.y * v.x, LAST) / (D + 1)
        return {"x": d.y * q(v) ** -0.5 - q(v) ** -1.5 * inner}

    return once("crms_norm", lambda v: v.x / np.sqrt(q(v)), closed, settings={"eps": 1e-6})


def mean_only_layer_norm():
    """#33, for the residual branch: y = x - E_D x."""
    return once("mean_only_layer_norm", lambda v: v.x - mean(v.x, LAST),
                lambda v, d: {"x": d.y - mean(d.y, LAST)})


SMALL = (1, 0.02, 1, 0.05)


def length(x):
    return np.sqrt(total(x**2, LAST))


def scale_closed(v, d, gain):
    norm = length(v.x)
    unit, g = v.x / norm, gain(v) * d.y
    above = (g - unit * total(g * unit, LAST)) / norm
    return {"x": np.where(norm > v.eps, above, g / v.eps)}


def scale_norm():
    """#34 (tnq177): y = weight x / max(|x|, eps), a scalar weight near sqrt(D).

    eps is 0.5 here, so that some samples are below it.
    """
    return once("scale_norm", lambda v: v.weight * v.x / maximum(length(v.x), v.eps),
                lambda v, d: scale_closed(v, d, lambda v: v.weight),
                prepare=lambda case: case.params(weight=case.near(math.sqrt(D))),
                settings={"eps": 0.5}, scale=SMALL)


def scale_norm_sqrt():
    """#34 (x-transformers): y = weight sqrt(D) x / max(|x|, eps), a scalar weight near 1."""
    gain = lambda v: v.weight * math.sqrt(D)
    return once("scale_norm_sqrt", lambda v: gain(v) * v.x / maximum(length(v.x), v.eps),
                lambda v, d: scale_closed(v, d, gain),
                prepare=lambda case: case.params(weight=case.near(1)),
                settings={"eps": 0.5}, scale=SMALL)


def l2_normalize():
    """#35 (torch, Keras): y = x / max(|x|, eps); eps is 0.5 here."""
    return once("l2_normalize", lambda v: v.x / maximum(length(v.x), v.eps),
                lambda v, d: scale_closed(v, d, lambda v: 1), settings={"eps": 0.5}, scale=SMALL)


def l2_normalize_squared():
    """#35 (TF): y = x / sqrt(max(sum x^2, eps)); eps is 0.25 here."""
    return once("l2_normalize_squared",
                lambda v: v.x / np.sqrt(maximum(total(v.x**2, LAST), v.eps)),
                settings={"eps": 0.25}, scale=SMALL)


def p_normalize():
    """#35: y = x / max((sum |x|^p)^(1/p), eps), p = 3; eps is 0.5 here."""
    norm = lambda v: total(absolute(v.x) ** v.p, LAST) ** (1 / v.p)
    return once("p_normalize", lambda v: v.x / maximum(norm(v), v.eps),
                settings={"eps": 0.5, "p": 3.0}, scale=SMALL)


def simple(name, ddof):
    r = lambda v: 1 / np.sqrt(variance(v.x, LAST, ddof=ddof) + v.eps)

    def closed(v, d):
        """G-MIX; with ddof the mean over n becomes one over n - ddof."""
        g = v.weight * d.y
        inner = mean(g * v.x, LAST) * D / (D - ddof)
        return {"x": r(v) * g - r(v) ** 3 * (v.x - mean(v.x, LAST)) * inner}

    return once(name, lambda v: v.weight * v.x * r(v), closed, prepare=weighted(D),
                settings={"eps": 1e-6})


def simple_norm():
    """#36: y = weight x / sqrt(Var + eps), Var unbiased, the numerator not centred."""
    return simple("simple_norm", 1)


def simple_norm_biased():
    """#36 (Keras rms_scaling): with biased Var."""
    return simple("simple_norm_biased", 0)


def deviation(v):
    return np.sqrt(variance(v.x, LAST, ddof=1)) + v.eps


def ada_norm():
    """#37: z = (x - E)/(std + eps), std unbiased; y = C z (1 - k cut(z)), k = 0.1, C = 2."""

    def formula(v):
        z = (v.x - mean(v.x, LAST)) / deviation(v)
        return v.c * z * (1 - v.k * cut(z))

    def closed(v, d):
        s = deviation(v)
        z = (v.x - mean(v.x, LAST)) / s
        g = v.c * (1 - v.k * z) * d.y
        inner = z * s / (s - v.eps) * total(g * z, LAST) / (D - 1)
        return {"x": (g - mean(g, LAST) - inner) / s}

    return once("ada_norm", formula, closed, settings={"eps": 1e-5, "k": 0.1, "c": 2.0},
                has_cuts=True)


def detach_norm():
    """#37: y = (x - cut(E)) / (cut(std) + eps), std unbiased."""
    return once("detach_norm", lambda v: (v.x - cut(mean(v.x, LAST))) / cut(deviation(v)),
                lambda v, d: {"x": d.y / deviation(v)}, settings={"eps": 1e-5}, has_cuts=True)


def detach_norm_mean():
    """#37: y = (x - cut(E)) / (std + eps)."""
    return once("detach_norm_mean", lambda v: (v.x - cut(mean(v.x, LAST))) / deviation(v),
                settings={"eps": 1e-5}, has_cuts=True)


def detach_norm_deviation():
    """#37: y = (x - E) / (cut(std) + eps)."""
    return once("detach_norm_deviation", lambda v: (v.x - mean(v.x, LAST)) / cut(deviation(v)),
                lambda v, d: {"x": (d.y - mean(d.y, LAST)) / deviation(v)},
                settings={"eps": 1e-5}, has_cuts=True)


VARIANTS = (
    layer_norm, layer_norm_two_axes, layer_norm_channels_first, layer_norm_no_bias,
    layer_norm_no_affine, layer_norm_unit_offset, rms_norm, rms_norm_outside, rms_norm_bias,
    partial_rms_norm, gemma_rms_norm, crms_norm, mean_only_layer_norm, scale_norm,
    scale_norm_sqrt, l2_normalize, l2_normalize_squared, p_normalize, simple_norm,
    simple_norm_biased, ada_norm, detach_norm, detach_norm_mean, detach_norm_deviation,
)

if __name__ == "__main__":
    write(VARIANTS)
