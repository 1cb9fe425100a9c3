"""The systems of section 1 but PowerNorm (in power.py): 1.1, 1.6 to 1.9, and number 24."""

import numpy as np

from common import (Case, TRAINED, assert_close, centred_gradient, counted, mean, maximum,
                    total, uncentred_gradient, variance, write)
from power import group_scaling, padding


def group_scaling_1d():
    """1.1: y = x / sqrt(E_K[x^2] + eps) per token and group. x: T,B,C, C = (G,K) contiguous."""
    case = Case("group_scaling_1d", T=5, B=3, C=8, G=2, K=4)
    case.settings(eps=1e-5)
    split = (5, 3, 2, 4)

    def forward(v, phase):
        return {"y": group_scaling(v.x, 2, v.eps)}, {}

    def closed(v, d, phase):
        dx = uncentred_gradient(d.y.reshape(split), v.x.reshape(split), -1, v.eps)
        return {"x": dx.reshape(v.x.shape)}

    return case.run(forward, lambda k: {"x": case.data(5, 3, 8)}, closed=closed)


def mask_batch_norm():
    """1.6 MaskBatchNorm: r = max(S/n, eps)^(-1/2) with S = sum x^2 - mean sum x over valid tokens.

    x: T,B,C; pad_mask: B,T, True at padding. States take S/(n-1). Evaluation, too, uses the
    batch's statistics and changes the states.
    """
    case = Case("mask_batch_norm", T=5, B=3, C=4)
    case.settings(eps=1e-5, momentum=0.1)
    case.params(weight=np.float32(case.random.uniform(0, 1, 4)), bias=case.near(0, 4))
    case.states(running_mean=np.zeros(4), running_var=np.ones(4))

    def forward(v, phase):
        valid = ~v.pad_mask.T[:, :, None]
        n = counted(v.x, (0, 1), valid)
        centre = total(v.x * valid, (0, 1)) / n
        s = total(v.x**2 * valid, (0, 1)) - total(v.x * valid, (0, 1)) * centre
        y = v.weight * (v.x - centre) / np.sqrt(maximum(s / n, v.eps)) + v.bias
        e, var = np.real(centre).reshape(-1), np.real(s / (n - 1)).reshape(-1)
        return {"y": y}, {"running_mean": v.running_mean + v.momentum * (e - v.running_mean),
                          "running_var": v.running_var + v.momentum * (var - v.running_var)}

    def closed(v, d, phase):
        """G-MASK: the sums of g run over all outputs, not only over those of valid tokens."""
        valid = ~v.pad_mask.T[:, :, None]
        n = counted(v.x, (0, 1), valid)
        r = 1 / np.sqrt(variance(v.x, (0, 1), valid))
        unit = (v.x - mean(v.x, (0, 1), valid)) * r
        g = v.weight * d.y
        dx = r * g - r * valid / n * (total(g, (0, 1)) + unit * total(g * unit, (0, 1)))
        return {"x": dx}

    draw = lambda k: {"x": case.data(5, 3, 4), "pad_mask": padding(case, 3, 5)}
    return case.run(forward, draw, TRAINED, closed=closed)


def mask_sync_batch_norm():
    """1.6 MaskSyncBatchNorm: layer scaling per token, then padding replaced by the valid mean.

    Then batch norm over all T*B rows: the variance is n_valid / (T B) times that of the valid
    rows. Momentum 0.05; the state's variance has Bessel's factor of T B. Padded outputs are bias.
    Evaluation normalizes the scaled input with the states, with no replacement.
    """
    case = Case("mask_sync_batch_norm", T=5, B=3, C=4)
    case.settings(eps=1e-5, momentum=0.05)
    case.affine(4)
    case.states(running_mean=np.zeros(4), running_var=np.ones(4))

    def forward(v, phase):
        scaled = group_scaling(v.x, 1, v.eps)
        if phase == "eval":
            unit = (scaled - v.running_mean) / np.sqrt(v.running_var + v.eps)
            return {"y": v.weight * unit + v.bias}, {}
        valid = ~v.pad_mask.T[:, :, None]
        filled = np.where(valid, scaled, mean(scaled, (0, 1), valid))
        e, var = mean(filled, (0, 1)), variance(filled, (0, 1))
        y = v.weight * (filled - e) / np.sqrt(var + v.eps) + v.bias
        bessel = np.real(variance(filled, (0, 1), ddof=1)).reshape(-1)
        shift = np.real(e).reshape(-1) - v.running_mean
        return {"y": y}, {"running_mean": v.running_mean + v.momentum * shift,
                          "running_var": v.running_var + v.momentum * (bessel - v.running_var)}

    def closed(v, d, phase):
        if phase == "eval":
            return {}
        scaled = group_scaling(v.x, 1, v.eps)
        valid = ~v.pad_mask.T[:, :, None]
        n, rows = counted(scaled, (0, 1), valid), 15
        r = 1 / np.sqrt(variance(scaled, (0, 1), valid) * n / rows + v.eps)
        unit = (scaled - mean(scaled, (0, 1), valid)) * r
        g = valid * v.weight * d.y
        inner = g - total(g, (0, 1)) / n - unit * total(g * unit, (0, 1)) / rows
        return {"x": uncentred_gradient(valid * r * inner, v.x, -1, v.eps)}

    draw = lambda k: {"x": case.data(5, 3, 4), "pad_mask": padding(case, 3, 5)}
    return case.run(forward, draw, TRAINED, closed=closed)


def group_norm_channels_last():
    """1.7, #40: group norm of x: N,H,W,G,K with weight, bias: G,K; mean and rstd are outputs too.

    The closed form is the two kernels' with ds, db, b and c, from the saved mean and rstd. The
    outputs mean and rstd take no gradient here.
    """
    case = Case("group_norm_channels_last", N=3, H=5, W=4, G=2, K=3)
    case.settings(eps=1e-5)
    case.affine(2, 3)

    def forward(v, phase):
        e = mean(v.x, (1, 2, 4))
        rstd = 1 / np.sqrt(variance(v.x, (1, 2, 4)) + v.eps)
        return {"y": v.weight * (v.x - e) * rstd + v.bias}, {}

    def closed(v, d, phase):
        e = mean(v.x, (1, 2, 4))
        rstd = 1 / np.sqrt(variance(v.x, (1, 2, 4)) + v.eps)
        return group_norm_kernels(d.y, v.x, v.weight, e, rstd)

    case.run(forward, lambda k: {"x": case.data(3, 5, 4, 2, 3)}, closed=closed)
    x = case.arrays["0.in.x"].astype(np.float64)
    case.record(0, "out", {
        "mean": mean(x, (1, 2, 4)).reshape(3, 2),
        "rstd": 1 / np.sqrt(variance(x, (1, 2, 4)) + 1e-5).reshape(3, 2)})
    return case


def group_norm_kernels(dy, x, weight, e, rstd):
    """1.7: dx per (N,G) over M = H W K elements; d_weight, d_bias per (G,K) over N,H,W."""
    axes, m = (1, 2, 4), x.shape[1] * x.shape[2] * x.shape[4]
    ds, db = total(dy * weight * x, axes), total(dy * weight, axes)
    b = (db * e - ds) * rstd**3 / m
    c = -b * e - db * rstd / m
    d_weight = (dy * (x - e) * rstd).sum(axis=(0, 1, 2))
    return {"x": dy * weight * rstd + b * x + c, "weight": d_weight, "bias": dy.sum((0, 1, 2))}


def group_norm_backward():
    """1.7: the backward kernels alone, mean and rstd given (and random). x, d_y: N,H,W,G,K.

    mean, rstd: N,G. Outputs d_x, d_weight, d_bias. `wrong.d_x` is the formula of the README that
    is wrong: weight outside the sums, and sums over N as well; it must differ.
    """
    case = Case("group_norm_backward", N=3, H=5, W=4, G=2, K=3)
    weight = case.near(1, 2, 3)
    case.params(weight=weight)
    given = {"x": case.data(3, 5, 4, 2, 3), "d_y": case.normal(3, 5, 4, 2, 3),
             "mean": case.near(0, 3, 2), "rstd": case.near(1.5, 3, 2)}
    case.record(0, "in", {name: value.astype(np.float32) for name, value in given.items()})
    case.arrays["0.phase"] = np.int64(0)
    x, dy = given["x"], given["d_y"]
    e, rstd = (given[name].reshape(3, 1, 1, 2, 1) for name in ("mean", "rstd"))
    grads = group_norm_kernels(dy, x, weight, e, rstd)
    case.record(0, "out", {f"d_{name}": value for name, value in grads.items()})
    unit, axes, m = (x - e) * rstd, (1, 2, 4), 60
    inner = weight * dy - mean(weight * dy, axes) - unit * mean(weight * dy * unit, axes)
    assert_close(grads["x"], rstd * inner, 1e-12, "the closed form of 1.7")
    d_weight, d_bias = grads["weight"].sum(-1, keepdims=True), grads["bias"].sum(-1, keepdims=True)
    wrong = weight * rstd * (dy - d_bias / m - unit * d_weight / m)
    assert np.max(np.abs(wrong - grads["x"])) > 0.1
    case.arrays["wrong.d_x"] = wrong
    return case


def batch_norm_needle():
    """1.9: batch norm of n,C with biased variance everywhere; the course's public test, on its
    ten inputs (rounded to float32), then an evaluation.
    """
    case = Case("batch_norm_needle", N=4, C=3)
    case.settings(eps=1e-5, momentum=0.1)
    case.params(weight=np.ones(3), bias=np.zeros(3))
    case.states(running_mean=np.zeros(3), running_var=np.ones(3))

    def draw(k):
        random = np.random.RandomState(4 * 3 * 2 * k)
        return {"x": np.float32(random.randint(0, 100, (4, 3)) / 20)}

    def forward(v, phase):
        if phase == "eval":
            unit = (v.x - v.running_mean) / np.sqrt(v.running_var + v.eps)
            return {"y": v.weight * unit + v.bias}, {}
        e, var = mean(v.x, 0), variance(v.x, 0)
        y = v.weight * (v.x - e) / np.sqrt(var + v.eps) + v.bias
        shift, growth = np.real(e[0]) - v.running_mean, np.real(var[0]) - v.running_var
        return {"y": y}, {"running_mean": v.running_mean + v.momentum * shift,
                          "running_var": v.running_var + v.momentum * growth}

    case.run(forward, draw, ("train",) * 10 + ("eval",))
    expected = np.array([1.412775, 1.386191, 1.096604])
    assert_close(case.current["running_var"], expected, 1e-6, "the public test of 1.9")
    return case


BATCH = ("batch_mean", "batch_var")
FEATURE = ("feature_mean", "feature_var")
LAYER = ("event:epoch_begin", "train", "train", "train", "event:epoch_end")


def batch_layer(name, sizes, tail):
    """1.8, #24: the mixture of normalizations over N and over the last axis, divided by sqrt(d).

    w_f = 1/m - c, w_b = 1 - (1/m + c), c = 1e-4, m = N. In evaluation each statistic is the
    data's or, where the setting `population_NAME` of that step is 1, the accumulator's.
    """
    case = Case(name, **sizes)
    shape = tuple(sizes.values())
    m, d, last = shape[0], shape[-1], len(shape) - 1
    case.settings(eps=1e-3, c=1e-4)
    case.affine(d)
    shapes = {**dict.fromkeys(BATCH, (1, *shape[1:])), **dict.fromkeys(FEATURE, (*shape[:-1], 1))}
    case.states(**{f"sum_{key}": np.zeros(size) for key, size in shapes.items()},
                steps=np.int64(0))
    flags = iter(tail)
    chosen = {}

    def draw(k):
        chosen.clear()
        if k >= len(LAYER):
            chosen.update(next(flags))
        for key in shapes if k >= len(LAYER) else ():
            case.arrays[f"{k}.set_population_{key}"] = np.float64(chosen.get(key, 0))
        return {"x": case.data(*shape)}

    def statistics(x):
        return {"batch_mean": mean(x, 0), "batch_var": variance(x, 0),
                "feature_mean": mean(x, last), "feature_var": variance(x, last)}

    def forward(v, phase):
        now = statistics(v.x)
        s = {key: getattr(v, f"sum_{key}") if phase == "eval" and chosen.get(key) else now[key]
             for key in now}
        x_b = (v.x - s["batch_mean"]) / np.sqrt(s["batch_var"] + v.eps)
        x_f = (v.x - s["feature_mean"]) / np.sqrt(s["feature_var"] + v.eps)
        mixed = (1 / m - v.c) * x_f + (1 - (1 / m + v.c)) * x_b
        y = v.weight * mixed / np.sqrt(d) + v.bias
        if phase == "eval":
            return {"y": y}, {}
        sums = {f"sum_{key}": getattr(v, f"sum_{key}") + np.real(now[key]) for key in now}
        return {"y": y}, {**sums, "steps": v.steps + 1}

    def closed(v, dl, phase):
        if phase == "eval":
            return {}
        g = v.weight * dl.y / np.sqrt(d)
        return {"x": centred_gradient(g * (1 - (1 / m + v.c)), v.x, 0, v.eps)
                + centred_gradient(g * (1 / m - v.c), v.x, last, v.eps)}

    def finalise(v):
        """Means by the steps K; variances by K with Bessel's factor of the batch size, both."""
        count, bessel = int(v.steps), m / (m - 1)
        return {f"sum_{key}": getattr(v, f"sum_{key}") / count * (bessel if "var" in key else 1)
                for key in shapes}

    def reset(v):
        return {f"sum_{key}": np.zeros(size) for key, size in shapes.items()} | {
            "steps": np.int64(0)}

    events = {"epoch_begin": reset, "epoch_end": finalise}
    return case.run(forward, draw, LAYER + ("eval",) * len(tail), closed=closed, events=events)


def batch_layer_norm():
    """#24 on m,T,d; evaluated with the default: batch statistics from the accumulators only."""
    return batch_layer("batch_layer_norm", {"N": 4, "T": 3, "D": 5}, [dict.fromkeys(BATCH, 1)])


def batch_layer_norm_2d():
    """#24 on m,d; evaluated with three of the 16 choices of population or data."""
    keys = BATCH + FEATURE
    choices = ((1, 1, 0, 0), (0, 0, 1, 1), (1, 0, 0, 1))
    tail = [dict(zip(keys, choice)) for choice in choices]
    return batch_layer("batch_layer_norm_2d", {"N": 4, "D": 3}, tail)


def batch_layer_norm_4d():
    """#24 on m,H,W,d; evaluated with the default."""
    sizes = {"N": 4, "H": 2, "W": 3, "D": 5}
    return batch_layer("batch_layer_norm_4d", sizes, [dict.fromkeys(BATCH, 1)])


VARIANTS = (
    group_scaling_1d, mask_batch_norm, mask_sync_batch_norm, group_norm_channels_last,
    group_norm_backward, batch_norm_needle, batch_layer_norm, batch_layer_norm_2d,
    batch_layer_norm_4d,
)

if __name__ == "__main__":
    write(VARIANTS)
