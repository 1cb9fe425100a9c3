"""2B, numbers 38 to 40, 44 to 48, 55 and 56: statistics within a sample, and windows."""

import numpy as np

from common import (Case, TRAINED, absolute, centred_gradient, logistic, maximum, mean, moved,
                    reduced, silu, spread, total, variance, write)
from position import centred, once

IMAGE = (3, 4, 2, 5)
SPACE = (2, 3)
GROUPED = (3, 6, 4, 5)
SHORT = (5, 6, 4)


def gain(v):
    return spread(v.weight, v.x.ndim)


def offset(v):
    return spread(v.bias, v.x.ndim)


def channels(count):
    return lambda case: case.affine(count)


def instance_norm():
    """#38 on N,C,H,W: statistics over H and W; weight and bias per channel."""
    return once("instance_norm", lambda v: gain(v) * centred(v.x, SPACE, v.eps) + offset(v),
                lambda v, d: {"x": centred_gradient(gain(v) * d.y, v.x, SPACE, v.eps)},
                shape=IMAGE, axes="NCHW", prepare=channels(4), settings={"eps": 1e-5})


def instance_norm_running():
    """#39: the states move to the means over N of E and of unbiased Var. N,C,L."""
    case = Case("instance_norm_running", N=3, C=4, L=5)
    case.settings(eps=1e-5, momentum=0.1)
    case.affine(4)
    case.states(running_mean=np.zeros(4), running_var=np.ones(4))

    def forward(v, phase):
        if phase == "eval":
            unit = (v.x - spread(v.running_mean, 3)) / np.sqrt(spread(v.running_var, 3) + v.eps)
            return {"y": gain(v) * unit + offset(v)}, {}
        e, bessel = mean(v.x, 2), variance(v.x, 2, ddof=1)
        return {"y": gain(v) * centred(v.x, 2, v.eps) + offset(v)}, {
            "running_mean": moved(v.running_mean, mean(e, 0), v.momentum),
            "running_var": moved(v.running_var, mean(bessel, 0), v.momentum)}

    def closed(v, d, phase):
        if phase == "eval":
            return {}
        return {"x": centred_gradient(gain(v) * d.y, v.x, 2, v.eps)}

    return case.run(forward, lambda k: {"x": case.data(3, 4, 5)}, TRAINED, closed=closed)


def grouped(x):
    """C of N,C,... as (G,K) with two contiguous groups."""
    return x.reshape(x.shape[0], 2, -1, *x.shape[2:])


def group_unit(v):
    return centred(grouped(v.x), tuple(range(2, v.x.ndim + 1)), v.eps).reshape(v.x.shape)


def group_norm():
    """#40 on N,C,H,W, C = (G,K) contiguous: statistics over K, H, W; affine per channel."""
    def closed(v, d):
        g = grouped(gain(v) * d.y)
        dx = centred_gradient(g, grouped(v.x), (2, 3, 4), v.eps).reshape(v.x.shape)
        return {"x": dx, "weight": reduced(d.y * group_unit(v), (1, 6, 1, 1)).reshape(6),
                "bias": d.y.sum(axis=(0, 2, 3))}

    return once("group_norm", lambda v: gain(v) * group_unit(v) + offset(v), closed,
                shape=GROUPED, axes="NCHW", prepare=channels(6),
                settings={"eps": 1e-5, "groups": 2})


def group_norm_swish():
    """#40 with the epilogue y = u logistic(u). N,C,L."""
    def closed(v, d):
        u = gain(v) * group_unit(v) + offset(v)
        du = d.y * logistic(u) * (1 + u * (1 - logistic(u)))
        dx = centred_gradient(grouped(gain(v) * du), grouped(v.x), (2, 3), v.eps)
        return {"x": dx.reshape(v.x.shape)}

    return once("group_norm_swish", lambda v: silu(gain(v) * group_unit(v) + offset(v)), closed,
                shape=SHORT, axes="NCL", prepare=channels(6),
                settings={"eps": 1e-5, "groups": 2})


def filter_response_norm():
    """#44 (FRN + TLU) on N,C,H,W: s = E_HW x^2 + |epsilon|; y = max(weight x/sqrt(s) + bias, tau).

    epsilon is a learned scalar (negative here), tau one per channel; there are no ties.
    """
    def prepare(case):
        case.affine(4)
        case.params(tau=case.near(0, 4), epsilon=np.float32(-0.01))

    def parts(v):
        s = mean(v.x**2, SPACE) + absolute(v.epsilon)
        return s, gain(v) * v.x / np.sqrt(s) + offset(v)

    def closed(v, d):
        s, u = parts(v)
        tau = spread(v.tau, 4)
        du = d.y * (u > tau)
        g, unit = gain(v) * du, v.x / np.sqrt(s)
        depsilon = -0.5 * np.sign(v.epsilon) * np.sum(g * v.x * s**-1.5)
        return {"x": (g - unit * mean(g * unit, SPACE)) / np.sqrt(s), "epsilon": depsilon,
                "tau": (d.y * (u < tau)).sum(axis=(0, 2, 3))}

    return once("filter_response_norm", lambda v: maximum(parts(v)[1], spread(v.tau, 4)), closed,
                shape=IMAGE, axes="NCHW", prepare=prepare)


def response(name, shape, axes, space):
    """#45: G = sqrt(sum x^2), M = E_C G + eps, y = weight x G/M + bias + x; channels last."""
    last = len(shape) - 1

    def parts(v):
        g = np.sqrt(total(v.x**2, space))
        return g, mean(g, last) + v.eps

    def formula(v):
        g, m = parts(v)
        return v.weight * v.x * g / m + v.bias + v.x

    def closed(v, d):
        g, m = parts(v)
        dn = total(d.y * v.weight * v.x, space)
        dg = dn / m - total(dn * g, last) / (shape[-1] * m**2)
        return {"x": d.y * (1 + v.weight * g / m) + dg * v.x / g}

    def prepare(case):
        case.params(weight=case.near(0, shape[-1]), bias=case.near(0, shape[-1]))

    return once(name, formula, closed, shape=shape, axes=axes, prepare=prepare,
                settings={"eps": 1e-6})


def global_response_norm():
    """#45 on N,H,W,C: the sum over H and W; weight and bias start at 0 (near 0 here)."""
    return response("global_response_norm", (3, 2, 5, 4), "NHWC", (1, 2))


def global_response_norm_sparse():
    """#45, sparse: the sum over all points P of the batch. P,C."""
    return response("global_response_norm_sparse", (7, 4), "PC", (0,))


def window(size, left, right):
    """W[i,j] = 1 where j is within i - left .. i + right, zero-padded at the ends."""
    offsets = np.arange(size)[None, :] - np.arange(size)[:, None]
    return ((offsets >= -left) & (offsets <= right)).astype(float)


def windowed(name, extents, settings):
    """#46 over C of N,C,L: y = x s^(-beta), s = k + a sum_window x^2 (a is alpha or alpha/n)."""
    w = window(7, *extents)
    over = lambda matrix, u: np.einsum("ij,njl->nil", matrix, u)
    a = lambda v: v.alpha / v.size if hasattr(v, "size") else v.alpha
    s = lambda v: v.k + a(v) * over(w, v.x**2)

    def closed(v, d):
        """G-WIN: the transposed window."""
        y = v.x * s(v) ** -v.beta
        inner = over(w.T, d.y * y / s(v))
        return {"x": d.y * s(v) ** -v.beta - 2 * a(v) * v.beta * v.x * inner}

    return once(name, lambda v: v.x * s(v) ** -v.beta, closed, shape=(3, 7, 5), axes="NCL",
                settings=settings)


def local_response_norm():
    """#46 (PyTorch): n = 4 channels c-2 .. c+1, divisor n; alpha is 0.5 here so that it acts."""
    return windowed("local_response_norm", (2, 1),
                    {"size": 4, "alpha": 0.5, "beta": 0.75, "k": 1})


def local_response_norm_sum():
    """#46 (TF): radius 2, so 5 channels, no divisor; k = 1, alpha = 1, beta = 0.5."""
    return windowed("local_response_norm_sum", (2, 2), {"alpha": 1, "beta": 0.5, "k": 1})


def local_response_norm_alexnet():
    """#46 (AlexNet): n = 5 channels, no divisor, k = 2, beta = 0.75; alpha is 0.1 here."""
    return windowed("local_response_norm_alexnet", (2, 2), {"alpha": 0.1, "beta": 0.75, "k": 2})


def divisive(name, shape, axes, boxes, spatial):
    """#47: m = box of E_C x, c = x - m, s = box of E_C c^2, y = weight c/sqrt(s + eps) + bias.

    boxes: for the mean and for the variance, a matrix for each windowed axis, divisor included.
    """
    last = len(shape) - 1
    average = (lambda u: mean(u, last)) if spatial else (lambda u: u)

    def box(matrices, u):
        if spatial:
            return np.einsum("ij,kl,njlc->nikc", *matrices, u)
        return np.einsum("ij,nj->ni", *matrices, u)

    def parts(v):
        c = v.x - box(boxes[0], average(v.x))
        return c, box(boxes[1], average(c**2)) + v.eps

    def formula(v):
        c, q = parts(v)
        return v.weight * c / np.sqrt(q) + v.bias

    def closed(v, d):
        c, q = parts(v)
        g, turned = v.weight * d.y, [[m.T for m in matrices] for matrices in boxes]
        dc = g / np.sqrt(q) - c * box(turned[1], average(g * c) * q**-1.5)
        return {"x": dc - average(box(turned[0], dc))}

    return once(name, formula, closed, shape=shape, axes=axes, prepare=channels(shape[-1]),
                settings={"eps": 1.0})


def divisive_norm():
    """#47 on N,H,W,C: a 3 by 5 box for the mean and a 3 by 3 box for the variance.

    Zero padding; divisors 15 and 9 at the borders, too.
    """
    near = lambda size, radius: window(size, radius, radius) / (2 * radius + 1)
    boxes = ((near(4, 1), near(5, 2)), (near(4, 1), near(5, 1)))
    return divisive("divisive_norm", (2, 4, 5, 3), "NHWC", boxes, spatial=True)


def divisive_norm_1d():
    """#47 on N,D: windows of 5 and 3 features, no mean over channels."""
    boxes = ((window(7, 2, 2) / 5,), (window(7, 1, 1) / 3,))
    return divisive("divisive_norm_1d", (5, 7), "ND", boxes, spatial=False)


def instance_norm_plus():
    """#48 (InstanceNorm++) on N,C,H,W: y = weight (IN(x) + alpha e^) + bias.

    e = E_HW x; e^ = (e - E_C e) / sqrt(Var_C e + eps), Var unbiased; IN without affine.
    """
    def formula(v):
        e = mean(v.x, SPACE)
        unit = (e - mean(e, 1)) / np.sqrt(variance(e, 1, ddof=1) + v.eps)
        return gain(v) * (centred(v.x, SPACE, v.eps) + spread(v.alpha, 4) * unit) + offset(v)

    def prepare(case):
        case.affine(4)
        case.params(alpha=case.near(1, 4))

    return once("instance_norm_plus", formula, shape=IMAGE, axes="NCHW", prepare=prepare,
                settings={"eps": 1e-5})


def evo_norm_batch(name, right, has_slope):
    """#55: y = weight x / max(a, right) + bias, a = sqrt(Var_NL + eps), or of the state.

    running_var: Bessel's factor, momentum 0.1; no ties. N,C,L.
    """
    case = Case(name, N=3, C=4, L=5)
    case.settings(eps=1e-3, momentum=0.1)
    case.affine(4)
    if has_slope:
        case.params(v=case.near(1, 4))
    case.states(running_var=np.ones(4))
    axes = (0, 2)

    def sides(v, phase):
        used = variance(v.x, axes) if phase == "train" else spread(v.running_var, 3)
        return np.sqrt(used + v.eps), right(v)

    def forward(v, phase):
        y = gain(v) * v.x / maximum(*sides(v, phase)) + offset(v)
        state = moved(v.running_var, variance(v.x, axes, ddof=1), v.momentum)
        return {"y": y}, {"running_var": state} if phase == "train" else {}

    def closed(v, d, phase):
        if not has_slope:
            return {}
        a, b = sides(v, phase)
        g, largest, n = gain(v) * d.y, np.maximum(a, b), v.x.size / 4
        slope = -g * v.x / largest**2
        da, db = total(slope * (a >= b), axes), slope * (b > a)
        spread_in = np.sqrt(variance(v.x, 2) + v.eps)
        dx = g / largest + spread(v.v, 3) * db
        dx = dx + total(db, 2) * (v.x - mean(v.x, 2)) / (5 * spread_in)
        if phase == "train":
            dx = dx + da * (v.x - mean(v.x, axes)) / (n * a)
        return {"x": dx}

    return case.run(forward, lambda k: {"x": case.data(3, 4, 5)}, TRAINED, closed=closed)


def evo_norm_b0():
    """#55, B0: right = v x + sqrt(Var_L + eps)."""
    deviation = lambda v: np.sqrt(variance(v.x, 2) + v.eps)
    return evo_norm_batch("evo_norm_b0", lambda v: spread(v.v, 3) * v.x + deviation(v), True)


def evo_norm_b1():
    """#55, B1: right = (x + 1) sqrt(E_L x^2 + eps)."""
    root = lambda v: np.sqrt(mean(v.x**2, 2) + v.eps)
    return evo_norm_batch("evo_norm_b1", lambda v: (v.x + 1) * root(v), False)


def evo_norm_b2():
    """#55, B2: right = sqrt(E_L x^2 + eps) - x."""
    root = lambda v: np.sqrt(mean(v.x**2, 2) + v.eps)
    return evo_norm_batch("evo_norm_b2", lambda v: root(v) - v.x, False)


def evo_norm_sample(name, numerator, moment, **parameters):
    """#56, C = (G,K), G = 2: y = weight numerator / sqrt(moment per N,G + eps) + bias."""
    def prepare(case):
        case.affine(6)
        case.params(**{key: case.near(centre, 6) for key, centre in parameters.items()})

    def formula(v):
        scale = np.sqrt(moment(grouped(v.x)) + v.eps)
        return gain(v) * (grouped(numerator(v)) / scale).reshape(v.x.shape) + offset(v)

    return once(name, formula, shape=SHORT, axes="NCL", prepare=prepare,
                settings={"eps": 1e-5, "groups": 2})


def evo_norm_s0():
    """#56, S0: numerator x logistic(v x), moment Var (biased). N,C,L."""
    return evo_norm_sample("evo_norm_s0", lambda v: v.x * logistic(spread(v.v, 3) * v.x),
                           lambda x: variance(x, (2, 3)), v=1)


def evo_norm_s1():
    """#56, S1: numerator x logistic(x), moment Var (biased). N,C,L."""
    return evo_norm_sample("evo_norm_s1", lambda v: silu(v.x), lambda x: variance(x, (2, 3)))


def evo_norm_s2():
    """#56, S2: numerator x logistic(x), moment E x^2. N,C,L."""
    return evo_norm_sample("evo_norm_s2", lambda v: silu(v.x), lambda x: mean(x**2, (2, 3)))


def in_turn(name, first, second):
    """Normalization of N,T,C over one axis, then of the result over the other.

    Backward, G-CEN of the second at u, then of the first at x.
    """

    def formula(v):
        return v.weight * centred(centred(v.x, first, v.eps), second, v.eps) + v.bias

    def closed(v, d):
        inner = centred(v.x, first, v.eps)
        g = centred_gradient(v.weight * d.y, inner, second, v.eps)
        return {"x": centred_gradient(g, v.x, first, v.eps)}

    return once(name, formula, closed, shape=(3, 4, 5), axes="NTC", prepare=channels(5),
                settings={"eps": 1e-5})


def feature_then_sequence_norm():
    """Normalized over C at each place, then over T for each feature."""
    return in_turn("feature_then_sequence_norm", 2, 1)


def sequence_then_feature_norm():
    """Normalized over T for each feature, then over C at each place."""
    return in_turn("sequence_then_feature_norm", 1, 2)


VARIANTS = (
    instance_norm, instance_norm_running, group_norm, group_norm_swish, filter_response_norm,
    global_response_norm, global_response_norm_sparse, local_response_norm,
    local_response_norm_sum, local_response_norm_alexnet, divisive_norm, divisive_norm_1d,
    instance_norm_plus, evo_norm_b0, evo_norm_b1, evo_norm_b2, evo_norm_s0, evo_norm_s1,
    evo_norm_s2, feature_then_sequence_norm, sequence_then_feature_norm,
)

if __name__ == "__main__":
    write(VARIANTS)
