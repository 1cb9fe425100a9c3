"""2D, numbers 68 to 73: norms fused with residuals, gates and scales."""

import numpy as np

from common import (centred_gradient, logistic, mean, silu, spread, uncentred_gradient,
                    write)
from mixtures import batch_unit, channel_affine, trained
from position import affine, centred, once, root, weighted

N, T, D = SHAPE = (4, 3, 5)


def tensor(*names):
    return lambda case: {name: case.data(*SHAPE) for name in names}


def block(name, formula, closed=None, inputs=("residual",), **options):
    """N,T,D, the norm over D."""
    return once(name, formula, closed, shape=SHAPE, inputs=tensor(*inputs), **options)


def add_rms_norm():
    """#68: sum = x + residual, y = weight sum / sqrt(E sum^2 + eps); both are outputs."""
    def formula(v):
        s = v.x + v.residual
        return {"y": v.weight * root(s, 2, v.eps), "sum": s}

    def closed(v, d):
        ds = uncentred_gradient(v.weight * d.y, v.x + v.residual, 2, v.eps) + d.sum
        return {"x": ds, "residual": ds}

    return block("add_rms_norm", formula, closed, prepare=weighted(D), settings={"eps": 1e-6})


def add_layer_norm():
    """#68: sum = x + residual, y = LN(sum) with weight and bias; both are outputs."""
    def formula(v):
        s = v.x + v.residual
        return {"y": v.weight * centred(s, 2, v.eps) + v.bias, "sum": s}

    def closed(v, d):
        ds = centred_gradient(v.weight * d.y, v.x + v.residual, 2, v.eps) + d.sum
        return {"x": ds, "residual": ds}

    return block("add_layer_norm", formula, closed, prepare=affine(D), settings={"eps": 1e-5})


def add_rms_norm_parallel():
    """#68: sum = x + x1 + residual; y and y1 with a weight each, and sum are outputs."""
    def formula(v):
        s = v.x + v.x1 + v.residual
        unit = root(s, 2, v.eps)
        return {"y": v.weight * unit, "y1": v.weight1 * unit, "sum": s}

    def closed(v, d):
        s = v.x + v.x1 + v.residual
        g = v.weight * d.y + v.weight1 * d.y1
        return {"x1": uncentred_gradient(g, s, 2, v.eps) + d.sum}

    prepare = lambda case: case.params(weight=case.near(1, D), weight1=case.near(1, D))
    return block("add_rms_norm_parallel", formula, closed, ("x1", "residual"), prepare=prepare,
                 settings={"eps": 1e-6})


def gated(name, formula, closed):
    """#69 on N,T,C with C = (G,K), G = 2, K = 5; gate: the z of the formula."""
    return once(name, formula, closed, shape=(4, 3, 10), axes="NTC", prepare=affine(10),
                inputs=lambda case: {"gate": case.data(4, 3, 10)}, settings={"eps": 1e-5})


def grouped_root(u, eps):
    return root(u.reshape(4, 3, 2, 5), 3, eps).reshape(u.shape)


def gate_slope(z):
    """The derivative of silu."""
    return logistic(z) * (1 + z * (1 - logistic(z)))


def gated_rms_norm():
    """#69 (Mamba-2): y = weight norm(x silu(gate)) + bias, norm = RMS over the K of a group."""
    def closed(v, d):
        u = v.x * silu(v.gate)
        split = lambda value: value.reshape(4, 3, 2, 5)
        du = uncentred_gradient(split(v.weight * d.y), split(u), 3, v.eps).reshape(u.shape)
        return {"x": du * silu(v.gate), "gate": du * v.x * gate_slope(v.gate)}

    return gated("gated_rms_norm",
                 lambda v: v.weight * grouped_root(v.x * silu(v.gate), v.eps) + v.bias, closed)


def gated_rms_norm_before():
    """#69, norm before gate: y = (weight norm(x) + bias) silu(gate)."""
    inner = lambda v: v.weight * grouped_root(v.x, v.eps) + v.bias
    return gated("gated_rms_norm_before", lambda v: inner(v) * silu(v.gate),
                 lambda v, d: {"gate": d.y * inner(v) * gate_slope(v.gate)})


def deep_norm():
    """#70: y = LN(alpha x + f), alpha = (2 layers)^(1/4) (decoder only), 6 layers."""
    alpha = 12**0.25
    inner = lambda v: alpha * v.x + v.f

    def closed(v, d):
        df = centred_gradient(v.weight * d.y, inner(v), 2, v.eps)
        return {"f": df, "x": alpha * df}

    return block("deep_norm", lambda v: v.weight * centred(inner(v), 2, v.eps) + v.bias, closed,
                 ("f",), prepare=affine(D), settings={"eps": 1e-5, "layers": 6})


def sandwich_norm():
    """#71: y = x + LN(f), the residual added behind the second norm; the first is #28."""
    return block("sandwich_norm", lambda v: v.x + v.weight * centred(v.f, 2, v.eps) + v.bias,
                 lambda v, d: {"f": centred_gradient(v.weight * d.y, v.f, 2, v.eps), "x": d.y},
                 ("f",), prepare=affine(D), settings={"eps": 1e-5})


def peri_norm():
    """#71: the same with RMS norm: y = x + weight f / sqrt(E f^2 + eps)."""
    return block("peri_norm", lambda v: v.x + v.weight * root(v.f, 2, v.eps),
                 lambda v, d: {"f": uncentred_gradient(v.weight * d.y, v.f, 2, v.eps)},
                 ("f",), prepare=weighted(D), settings={"eps": 1e-6})


def layer_scale():
    """#72: y = x + weight f, weight per channel."""
    return block("layer_scale", lambda v: v.x + v.weight * v.f,
                 lambda v, d: {"x": d.y, "f": d.y * v.weight,
                               "weight": (d.y * v.f).sum(axis=(0, 1))},
                 ("f",), prepare=weighted(D, centre=0))


def re_zero():
    """#72: y = x + weight f, a scalar weight."""
    return block("re_zero", lambda v: v.x + v.weight * v.f,
                 lambda v, d: {"weight": np.sum(d.y * v.f)}, ("f",),
                 prepare=weighted(centre=0.5))


def representative_batch_norm():
    """#73: c = x + mean_weight E_L x; x^ = batch norm of c (states as #1, of c);

    y = weight x^ logistic(var_weight E_L x^ + var_bias) + bias. All five per channel. N,C,L.
    """
    def prepare(case):
        case.affine(4)
        case.params(mean_weight=case.near(0, 4), var_weight=case.near(0, 4),
                    var_bias=case.near(0, 4))

    def forward(v, phase):
        unit, changed = batch_unit(v_with(v, v.x + spread(v.mean_weight, 3) * mean(v.x, 2)),
                                   phase)
        inner = spread(v.var_weight, 3) * mean(unit, 2) + spread(v.var_bias, 3)
        return {"y": channel_affine(v, unit * logistic(inner))}, changed

    return trained("representative_batch_norm", forward, prepare)


def v_with(v, x):
    return type(v)(**{**vars(v), "x": x})


VARIANTS = (
    add_rms_norm, add_layer_norm, add_rms_norm_parallel, gated_rms_norm, gated_rms_norm_before,
    deep_norm, sandwich_norm, peri_norm, layer_scale, re_zero, representative_batch_norm,
)

if __name__ == "__main__":
    write(VARIANTS)
