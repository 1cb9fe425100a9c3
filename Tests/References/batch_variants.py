"""2A, numbers 10 to 12, 14 to 16, 19 and 25 to 27: other statistics across samples."""

import math

import numpy as np

from common import (Case, TRAINED, absolute, centred_gradient, clip, cut, largest, mean, moved,
                    spread, total, variance, write)

AXES = (0, 2)
SHAPE = (5, 3, 2)


def affine(v, unit):
    return spread(v.weight, v.x.ndim) * unit + spread(v.bias, v.x.ndim)


def draw_from(case, shape=SHAPE):
    return lambda k: {"x": case.data(*shape)}


def scaled(name, scale, state, closed=None, **settings):
    """y = weight (x - E) / scale + bias on N,C,L; states: E and a function of the scale.

    `state` is what the second state averages: the reciprocal of the scale, or the scale before
    eps is added. Averages keep 0.1 of the old value; both start at 0 and evaluation reads them.
    """
    case = Case(name, N=5, C=3, L=2)
    case.settings(momentum=0.9, **settings)
    case.affine(3)
    second = "running_scale" if state == "scale" else "running_reciprocal"
    case.states(**{"running_mean": np.zeros(3), second: np.zeros(3)})

    def forward(v, phase):
        if phase == "eval":
            held = spread(getattr(v, second), 3)
            factor = 1 / (held + v.eps) if state == "scale" else held
            return {"y": affine(v, (v.x - spread(v.running_mean, 3)) * factor)}, {}
        e = mean(v.x, AXES)
        s, divisor = scale(v, v.x - e)
        tracked = s if state == "scale" else 1 / divisor
        return {"y": affine(v, (v.x - e) / divisor)}, {
            "running_mean": moved(v.running_mean, e, v.momentum),
            second: moved(getattr(v, second), tracked, v.momentum)}

    def check(v, d, phase):
        if phase == "eval" or closed is None:
            return {}
        dc = closed(v, spread(v.weight, 3) * d.y, v.x - mean(v.x, AXES))
        return {"x": dc - mean(dc, AXES)}

    return case.run(forward, draw_from(case), TRAINED, closed=check)


def l1_scale(v, c):
    s = math.sqrt(math.pi / 2) * mean(absolute(c), AXES)
    return s, s + v.eps


def l1_closed(v, g, c):
    """G-LP with p = 1 and the factor sqrt(pi/2)."""
    q = l1_scale(v, c)[1]
    return g / q - math.sqrt(math.pi / 2) * np.sign(c) / q**2 * mean(g * c, AXES)


def l1_batch_norm():
    """#10: s = sqrt(pi/2) E|x - E|, y = weight (x - E)/(s + eps) + bias; averages 1/(s + eps)."""
    return scaled("l1_batch_norm", l1_scale, "reciprocal", l1_closed, eps=1e-5)


def l1_batch_norm_scale():
    """#10, the other class: the average of s without eps."""
    return scaled("l1_batch_norm_scale", l1_scale, "scale", l1_closed, eps=1e-5)


def lp_batch_norm():
    """#11 with p = 3: Q = (E|x - E|^p + eps)^(1/p); averages 1/Q."""

    def scale(v, c):
        q = (mean(absolute(c) ** v.p, AXES) + v.eps) ** (1 / v.p)
        return q, q

    def closed(v, g, c):
        q = scale(v, c)[0]
        slope = np.sign(c) * np.abs(c) ** (v.p - 1) / q ** (v.p + 1)
        return g / q - slope * mean(g * c, AXES)

    return scaled("lp_batch_norm", scale, "reciprocal", closed, eps=1e-5, p=3.0)


def linf_batch_norm():
    """#12, top-1: s = c(n) max|x - E|, c(n) = (1 + sqrt(pi ln 4)) / (2 sqrt(2 ln n)).

    Averages 1/(s + eps). n counts what a statistic takes in; there are no ties.
    """
    n = 10
    factor = 0.5 * (1 + math.sqrt(math.pi * math.log(4))) / math.sqrt(2 * math.log(n))

    def scale(v, c):
        s = factor * largest(absolute(c), AXES)
        return s, s + v.eps

    def closed(v, g, c):
        divisor, top = scale(v, c)[1], np.abs(c) == largest(np.abs(c), AXES)
        assert top.sum() == 3
        return g / divisor - factor * top * np.sign(c) / divisor**2 * total(g * c, AXES)

    return scaled("linf_batch_norm", scale, "reciprocal", closed, eps=1e-5)


def range_batch_norm():
    """#12, range: s = (max - min)(x - E) / sqrt(2 ln n), y = weight (x - E)/(s + eps) + bias.

    Averages s. n counts what a statistic takes in; there are no ties.
    """
    def scale(v, c):
        s = (largest(c, AXES) + largest(-c, AXES)) / math.sqrt(2 * math.log(10))
        return s, s + v.eps

    return scaled("range_batch_norm", scale, "scale", eps=1e-5)


def extended_batch_norm():
    """#14: y = weight (x - E_NL) / sqrt(Var_NCL + eps) + bias; Var about the mean of all.

    States: a mean per channel, one variance (with Bessel's factor of all elements), momentum 0.1.
    """
    case = Case("extended_batch_norm", N=5, C=3, L=2)
    case.settings(eps=1e-5, momentum=0.1)
    case.affine(3)
    case.states(running_mean=np.zeros(3), running_var=np.float32(1))
    everything = (0, 1, 2)

    def forward(v, phase):
        if phase == "eval":
            unit = (v.x - spread(v.running_mean, 3)) / np.sqrt(v.running_var + v.eps)
            return {"y": affine(v, unit)}, {}
        e, var = mean(v.x, AXES), variance(v.x, everything)
        return {"y": affine(v, (v.x - e) / np.sqrt(var + v.eps))}, {
            "running_mean": moved(v.running_mean, e, v.momentum),
            "running_var": moved(v.running_var, variance(v.x, everything, ddof=1), v.momentum)}

    def closed(v, dl, phase):
        if phase == "eval":
            return {}
        g, e, n = spread(v.weight, 3) * dl.y, mean(v.x, AXES), v.x.size
        r = 1 / np.sqrt(variance(v.x, everything) + v.eps)
        d = r * g
        dx = d - mean(d, AXES) - r**3 * (v.x - v.x.mean()) / n * np.sum(g * (v.x - e))
        return {"x": dx}

    return case.run(forward, draw_from(case), TRAINED, closed=closed)


def grouped(name, shape, groups, sizes, split, axes):
    """BN over the groups of a reshaped input, affine per channel, a state per group."""
    case = Case(name, **sizes)
    case.settings(eps=1e-5, momentum=0.1)
    case.affine(shape[1])
    case.states(running_mean=np.zeros(groups), running_var=np.ones(groups))

    def forward(v, phase):
        parts = v.x.reshape(split)
        if phase == "eval":
            e, var = (spread(s, len(split)) for s in (v.running_mean, v.running_var))
            if split[1] != groups:
                e, var = np.moveaxis(e, 1, 2), np.moveaxis(var, 1, 2)
            changed = {}
        else:
            e, var = mean(parts, axes), variance(parts, axes)
            changed = {
                "running_mean": moved(v.running_mean, e, v.momentum),
                "running_var": moved(v.running_var, variance(parts, axes, ddof=1), v.momentum)}
        unit = ((parts - e) / np.sqrt(var + v.eps)).reshape(shape)
        return {"y": affine(v, unit)}, changed

    def closed(v, d, phase):
        if phase == "eval":
            return {}
        g = (spread(v.weight, len(shape)) * d.y).reshape(split)
        return {"x": centred_gradient(g, v.x.reshape(split), axes, v.eps).reshape(shape)}

    return case.run(forward, draw_from(case, shape), TRAINED, closed=closed)


def batch_group_norm():
    """#15: (C,H,W) flattened to D, G equal contiguous runs of S (which cut channels); over N, S."""
    sizes = {"N": 4, "C": 3, "H": 2, "W": 5, "D": 30, "G": 5, "S": 6}
    return grouped("batch_group_norm", (4, 3, 2, 5), 5, sizes, (4, 5, 6), (0, 2))


def group_batch_norm():
    """#15, channels only: channel c in group c mod G; statistics over N and c div G. N,C."""
    sizes = {"N": 5, "C": 6, "G": 2, "K": 3}
    return grouped("group_batch_norm", (5, 6), 2, sizes, (5, 3, 2), (0, 1))


def mabn_case(name, steps, iters, buffers):
    """#16: uncentred batch norm with moments averaged over m batches, backward as well.

    q = M2; s = q if t <= m or t < W, else the mean of b_x after q has taken place t mod m;
    z = x / sqrt(s + eps); r = clip(sqrt(s + eps) / sqrt(v^ + eps), lo, hi), v^ before the step;
    y = weight r z + bias; v^+ = 0.98 v^ + 0.02 s. t counts training steps from 1.
    """
    m, warmup, held = 3, 5, 0.98
    case = Case(name, N=4, C=2, L=5, M=3)
    case.settings(eps=1e-5, warmup_iters=warmup, momentum=held, low=0.2, high=5)
    case.affine(2)
    case.states(running_var=np.ones(2), buffer_x=buffers(case), buffer_grad=np.zeros((3, 2)),
                iters=np.int64(iters))

    def parts(v):
        t = int(v.iters) + 1
        q, buffer = mean(v.x**2, AXES), v.buffer_x.copy()
        buffer[t % m] = q.reshape(-1)
        early = t <= m or t < warmup
        s = q if early else spread(buffer.mean(axis=0), 3)
        low, high = (1, 1) if t <= max(1000, warmup) else (v.low, v.high)
        r = clip(np.sqrt(s + v.eps) / np.sqrt(spread(v.running_var, 3) + v.eps), low, high)
        return t, buffer, early, s, r

    def forward(v, phase):
        if phase == "eval":
            return {"y": affine(v, v.x / np.sqrt(spread(v.running_var, 3) + v.eps))}, {}
        t, buffer, _, s, r = parts(v)
        return {"y": affine(v, r * v.x / np.sqrt(s + v.eps))}, {
            "running_var": held * v.running_var + (1 - held) * s.reshape(-1),
            "buffer_x": buffer, "iters": np.int64(t)}

    def backward(v, d):
        t, _, early, s, r = parts(v)
        z = v.x / np.sqrt(s + v.eps)
        g = spread(v.weight, 3) * d.y * r
        q, buffer = mean(g * z, AXES), v.buffer_grad.copy()
        buffer[t % m] = q.reshape(-1)
        h = q if early else spread(buffer.mean(axis=0), 3)
        grads = {"x": (g - z * h) / np.sqrt(s + v.eps), "bias": d.y.sum(AXES),
                 "weight": (d.y * r * z).sum(AXES)}
        return grads, {"buffer_grad": buffer}

    return case.run(forward, draw_from(case, (4, 2, 5)), steps, backward=backward,
                    kept=2)


def mabn():
    """#16 from the start: t = 1 to 4 use the batch's moment, t = 5 and 6 the buffer's mean."""
    zero = lambda case: np.zeros((3, 2))
    return mabn_case("mabn", ("train",) * 6 + ("eval",), 0, zero)


def mabn_late():
    """#16 from t = 1000: the last step with r = 1, then steps with r between 0.2 and 5."""
    full = lambda case: np.float32(case.random.uniform(0.5, 2, (3, 2)))
    return mabn_case("mabn_late", TRAINED, 999, full)


def streaming_norm():
    """#19 in the form of #21 with p = 1 and two averages (our choice; nothing else is known).

    v = E|x|; s = 0.3 long + 0.3 short + 0.4 v, both before the step; y = weight x/(s + eps) + bias.
    short moves by 0.3 to v, long by 0.05. Backward: the E[g z] of the exact gradient (g - sign(x)
    E[g z]) / (s + eps) becomes the same mixture of its own averages grad_long, grad_short and
    the current value. Evaluation divides by long + eps.
    """
    case = Case("streaming_norm", N=5, C=3, L=2)
    case.settings(eps=1e-5, mix_long=0.3, mix_short=0.3, mix_now=0.4, rate_long=0.05,
                  rate_short=0.3)
    case.affine(3)
    case.states(long=np.ones(3), short=np.ones(3), grad_long=np.zeros(3), grad_short=np.zeros(3))

    def mixed(v, long, short, now):
        return v.mix_long * long + v.mix_short * short + v.mix_now * now.reshape(-1)

    def divisor(v):
        return spread(mixed(v, v.long, v.short, mean(absolute(v.x), AXES)), 3) + v.eps

    def forward(v, phase):
        if phase == "eval":
            return {"y": affine(v, v.x / (spread(v.long, 3) + v.eps))}, {}
        now = mean(absolute(v.x), AXES)
        return {"y": affine(v, v.x / divisor(v))}, {
            "long": moved(v.long, now, v.rate_long), "short": moved(v.short, now, v.rate_short)}

    def backward(v, d):
        z, g = v.x / divisor(v), spread(v.weight, 3) * d.y
        now = mean(g * z, AXES)
        h = spread(mixed(v, v.grad_long, v.grad_short, now), 3)
        grads = {"x": (g - np.sign(v.x) * h) / divisor(v), "weight": (d.y * z).sum(AXES),
                 "bias": d.y.sum(AXES)}
        return grads, {"grad_long": moved(v.grad_long, now, v.rate_long),
                       "grad_short": moved(v.grad_short, now, v.rate_short)}

    return case.run(forward, draw_from(case), TRAINED, backward=backward)


def virtual_batch_norm():
    """#25: a reference batch R; per sample E = (n_R E_R + x)/(n_R + 1), the second moment alike.

    x: N,C; reference: R,C. x^ = (x - E) / sqrt(M2 - E^2 + eps), then weight and bias. Both
    inputs have gradients.
    """
    case = Case("virtual_batch_norm", N=5, C=4, R=7)
    case.settings(eps=1e-5)
    case.affine(4)

    def forward(v, phase):
        e = (7 * mean(v.reference, 0) + v.x) / 8
        moment = (7 * mean(v.reference**2, 0) + v.x**2) / 8
        return {"y": v.weight * (v.x - e) / np.sqrt(moment - e**2 + v.eps) + v.bias}, {}

    return case.run(forward, lambda k: {"x": case.data(5, 4), "reference": case.data(7, 4)})


def running_mean_std():
    """#26 (Chan's merge): the states first take in the batch (N,D), then normalize it.

    y = clip((x - mean+) / sqrt(var+ + eps), -limit, limit); eps 1e-8; limit 1.5 here, so that it
    acts (10 is usual). No gradient through the states. Evaluation leaves them.
    """
    case = Case("running_mean_std", N=6, D=4)
    case.settings(eps=1e-8, limit=1.5)
    case.states(mean=np.zeros(4), var=np.ones(4), count=np.float32(1e-4))

    def forward(v, phase):
        e, var, changed = v.mean, v.var, {}
        if phase == "train":
            x, b = cut(v.x), 6
            delta, n = x.mean(axis=0) - v.mean, v.count + b
            e = v.mean + delta * b / n
            var = (v.var * v.count + x.var(axis=0) * b + delta**2 * v.count * b / n) / n
            changed = {"mean": e, "var": var, "count": n}
        return {"y": clip((v.x - e) / np.sqrt(var + v.eps), -v.limit, v.limit)}, changed

    draw = lambda k: {"x": case.data(6, 4)}
    return case.run(forward, draw, TRAINED, has_cuts=True)


def inplace_abn():
    """#27: batch norm with |weight| + eps in place of weight, then leaky ReLU of slope 0.01.

    States as #1. Half of the weights are negative. N,C,L.
    """
    case = Case("inplace_abn", N=5, C=4, L=2)
    case.settings(eps=1e-5, momentum=0.1, slope=0.01)
    case.params(weight=case.near(1, 4) * np.array([1, -1, 1, -1]), bias=case.near(0, 4))
    case.states(running_mean=np.zeros(4), running_var=np.ones(4))

    def forward(v, phase):
        if phase == "eval":
            e, var, changed = spread(v.running_mean, 3), spread(v.running_var, 3), {}
        else:
            e, var = mean(v.x, AXES), variance(v.x, AXES)
            bessel = variance(v.x, AXES, ddof=1)
            changed = {"running_mean": moved(v.running_mean, e, v.momentum),
                       "running_var": moved(v.running_var, bessel, v.momentum)}
        gain = spread(absolute(v.weight) + v.eps, 3)
        u = gain * (v.x - e) / np.sqrt(var + v.eps) + spread(v.bias, 3)
        return {"y": np.where(np.real(u) > 0, u, v.slope * u)}, changed

    return case.run(forward, draw_from(case, (5, 4, 2)), TRAINED)


VARIANTS = (
    l1_batch_norm, l1_batch_norm_scale, lp_batch_norm, linf_batch_norm, range_batch_norm,
    extended_batch_norm, batch_group_norm, group_batch_norm, mabn, mabn_late, streaming_norm,
    virtual_batch_norm, running_mean_std, inplace_abn,
)

if __name__ == "__main__":
    write(VARIANTS)
