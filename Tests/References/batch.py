"""2A, numbers 1 to 9 and 13: batch normalization and how it keeps its statistics."""

import numpy as np

from common import (Case, TRAINED, assert_close, centred_gradient, clip, counted, cut, mean,
                    moved, spread, total, variance, write)


def batch_case(name, sizes, channels=None, momentum=0.1, eps=1e-5):
    """A case with weight, bias and running statistics per channel."""
    channels = channels or sizes["C"]
    case = Case(name, **sizes)
    case.settings(eps=eps, momentum=momentum)
    case.affine(channels)
    case.states(running_mean=np.zeros(channels), running_var=np.ones(channels))
    return case


def normalized(v, e, var):
    """weight (x - e) / sqrt(var + eps) + bias, channels on axis 1."""
    rank = v.x.ndim
    e, var = (spread(value, rank) if np.ndim(value) == 1 else value for value in (e, var))
    unit = (v.x - e) / np.sqrt(var + v.eps)
    return spread(v.weight, rank) * unit + spread(v.bias, rank)


def others(x):
    """All axes but the channels'."""
    return (0, *range(2, x.ndim))


def batch_closed(v, d, phase):
    """G-CEN in training, G-FIX in evaluation."""
    g = spread(v.weight, v.x.ndim) * d.y
    if phase == "eval":
        return {"x": g / np.sqrt(spread(v.running_var, v.x.ndim) + v.eps)}
    return {"x": centred_gradient(g, v.x, others(v.x), v.eps), "bias": d.y.sum(others(v.x))}


def batch_forward(v, phase, rate=None, changed=None):
    """#1: batch statistics and a moving average, its variance with Bessel's factor."""
    if phase == "eval":
        return {"y": normalized(v, v.running_mean, v.running_var)}, {}
    e, var = mean(v.x, others(v.x)), variance(v.x, others(v.x))
    bessel = variance(v.x, others(v.x), ddof=1)
    rate = v.momentum if rate is None else rate
    return {"y": normalized(v, e, var)}, {
        "running_mean": moved(v.running_mean, e, rate),
        "running_var": moved(v.running_var, bessel, rate), **(changed or {})}


def plain(name, **sizes):
    case = batch_case(name, sizes)
    draw = lambda k: {"x": case.data(*sizes.values())}
    return case.run(batch_forward, draw, TRAINED, closed=batch_closed)


def batch_norm_1d():
    """#1 on N,C: y = weight (x - E) / sqrt(Var + eps) + bias; v^+ = v^ + m (n/(n-1) Var - v^)."""
    return plain("batch_norm_1d", N=7, C=4)


def batch_norm_1d_sequence():
    """#1 on N,C,L: statistics over N and L."""
    return plain("batch_norm_1d_sequence", N=4, C=3, L=5)


def batch_norm():
    """#2 on N,C,H,W: statistics over N, H and W."""
    return plain("batch_norm", N=4, C=3, H=2, W=5)


def batch_norm_no_state():
    """#1 with track_running_stats=False: the batch's statistics in evaluation, too."""
    case = Case("batch_norm_no_state", N=5, C=3, L=2)
    case.settings(eps=1e-5)
    case.affine(3)
    forward = lambda v, phase: ({"y": normalized(v, mean(v.x, (0, 2)), variance(v.x, (0, 2)))}, {})
    return case.run(forward, lambda k: {"x": case.data(5, 3, 2)}, ("train", "eval"))


def batch_norm_cumulative():
    """#3: the average moves by 1/t, t the number of this training step from 1."""
    case = batch_case("batch_norm_cumulative", {"N": 5, "C": 3, "L": 2})
    case.states(num_batches=np.int64(0))

    def forward(v, phase):
        t = v.num_batches + 1
        return batch_forward(v, phase, rate=1 / t, changed={"num_batches": t})

    return case.run(forward, lambda k: {"x": case.data(5, 3, 2)}, TRAINED, closed=batch_closed)


def batch_norm_size_weighted():
    """#3, weighted by size: the average moves by b / (seen + b), b samples in this batch.

    The batches hold 4, 7 and 5 samples, the evaluation 6, so there is no size_N.
    """
    case = batch_case("batch_norm_size_weighted", {"C": 3, "L": 2})
    case.states(seen=np.int64(0))

    def forward(v, phase):
        samples = len(v.x)
        rate = samples / (v.seen + samples)
        return batch_forward(v, phase, rate=rate, changed={"seen": v.seen + samples})

    draw = lambda k: {"x": case.data((4, 7, 5, 6)[k], 3, 2)}
    return case.run(forward, draw, TRAINED, closed=batch_closed)


def batch_norm_population():
    """#4: sums of E and Var over an epoch; at its end the mean and m/(m-1) Var of the epoch.

    epoch_begin sets the sums to 0; m = N. x: N,C.
    """
    case = batch_case("batch_norm_population", {"N": 6, "C": 3})
    zero = {"sum_mean": np.zeros(3), "sum_var": np.zeros(3), "steps": np.int64(0)}
    case.states(**zero)

    def forward(v, phase):
        if phase == "eval":
            return {"y": normalized(v, v.running_mean, v.running_var)}, {}
        e, var = mean(v.x, 0), variance(v.x, 0)
        return {"y": normalized(v, e, var)}, {
            "sum_mean": v.sum_mean + np.real(e[0]), "sum_var": v.sum_var + np.real(var[0]),
            "steps": v.steps + 1}

    events = {
        "epoch_begin": lambda v: zero,
        "epoch_end": lambda v: {"running_mean": v.sum_mean / v.steps,
                                "running_var": 6 / (5 * v.steps) * v.sum_var}}
    epoch = ("event:epoch_begin", "train", "train", "train", "event:epoch_end", "eval")
    steps = epoch + ("event:epoch_begin", "train", "event:epoch_end")
    draw = lambda k: {"x": case.data(6, 3)}
    return case.run(forward, draw, steps, closed=batch_closed, events=events)


def frozen_batch_norm():
    """#5: y = x w + b, w = weight / sqrt(v + eps), b = bias - mean w; all four are constants."""
    case = Case("frozen_batch_norm", N=4, C=3, H=2, W=5)
    case.settings(eps=1e-5)
    case.affine(3)
    case.params(running_mean=case.near(0, 3), running_var=case.near(1, 3))

    def forward(v, phase):
        w = v.weight / np.sqrt(v.running_var + v.eps)
        return {"y": v.x * spread(w, 4) + spread(v.bias - v.running_mean * w, 4)}, {}

    fixed = ("weight", "bias", "running_mean", "running_var")
    return case.run(forward, lambda k: {"x": case.data(4, 3, 2, 5)}, fixed=fixed)


def sync_batch_norm():
    """#6: (n, E, Var) of each rank merged by count; Bessel's factor with the count of all.

    Rows of x (N,C,L) belong to ranks in runs of rank_sizes, one of them empty. Gradients of weight
    and bias: one row for each rank, as they stay local.
    """
    sizes = (2, 0, 4)
    case = batch_case("sync_batch_norm", {"N": 6, "C": 3, "L": 2, "R": 3})
    case.arrays["rank_sizes"] = np.array(sizes, dtype=np.int64)
    ends = np.cumsum(sizes)[:-1]

    def merged(x):
        parts = [part for part in np.split(x, ends) if len(part)]
        n = sum(part.size / 3 for part in parts)
        e = sum(part.size / 3 * mean(part, (0, 2)) for part in parts) / n
        var = sum(part.size / 3 * (variance(part, (0, 2)) + (mean(part, (0, 2)) - e) ** 2)
                  for part in parts) / n
        return n, e, var

    def forward(v, phase):
        if phase == "eval":
            return {"y": normalized(v, v.running_mean, v.running_var)}, {}
        n, e, var = merged(v.x)
        return {"y": normalized(v, e, var)}, {
            "running_mean": moved(v.running_mean, e, v.momentum),
            "running_var": moved(v.running_var, var * n / (n - 1), v.momentum)}

    def closed(v, d, phase):
        return {"x": batch_closed(v, d, phase)["x"]}

    draw = lambda k: {"x": case.data(6, 3, 2)}
    case.run(forward, draw, TRAINED, closed=closed, fixed=("weight", "bias"))
    x, dy = (case.arrays[f"2.{key}"].astype(np.float64) for key in ("in.x", "grad_out.y"))
    n, e, var = merged(x)
    assert_close(var, variance(x, (0, 2)), 1e-12, "the merge of #6")
    unit = (x - e) / np.sqrt(var + 1e-5)
    by_rank = lambda u: np.stack([part.sum(axis=(0, 2)) for part in np.split(u, ends)])
    case.record(2, "grad", {"weight": by_rank(dy * unit), "bias": by_rank(dy)})
    return case


def ghost(name, split, axes, update):
    """#7 with N = 6 in S = 2 ghosts; `split` is the shape with the ghosts' axis."""
    shape = (6, *split[2:])
    case = batch_case(name, {**dict(zip("NCL", shape)), "S": 2})
    if update is separate:
        case.states(running_mean=np.zeros((2, 4)), running_var=np.ones((2, 4)))

    def forward(v, phase):
        if phase == "eval":
            e, var = (s.mean(axis=0) if s.ndim == 2 else s for s in
                      (v.running_mean, v.running_var))
            return {"y": normalized(v, e, var)}, {}
        parts = v.x.reshape(split)
        e, var = mean(parts, axes), variance(parts, axes)
        unit = ((parts - e) / np.sqrt(var + v.eps)).reshape(v.x.shape)
        y = spread(v.weight, v.x.ndim) * unit + spread(v.bias, v.x.ndim)
        bessel = np.real(variance(parts, axes, ddof=1)).reshape(2, 4)
        return {"y": y}, update(v, np.real(e).reshape(2, 4), np.real(var).reshape(2, 4), bessel)

    return case.run(forward, lambda k: {"x": case.data(*shape)}, TRAINED)


def averaged(v, e, var, bessel):
    return {"running_mean": moved(v.running_mean, e.mean(axis=0), v.momentum),
            "running_var": moved(v.running_var, var.mean(axis=0), v.momentum)}


def sequential(v, e, var, bessel):
    running_mean, running_var = v.running_mean, v.running_var
    for s in range(2):
        running_mean = moved(running_mean, e[s], v.momentum)
        running_var = moved(running_var, bessel[s], v.momentum)
    return {"running_mean": running_mean, "running_var": running_var}


def separate(v, e, var, bessel):
    return {"running_mean": moved(v.running_mean, e, v.momentum),
            "running_var": moved(v.running_var, bessel, v.momentum)}


def ghost_batch_norm():
    """#7 as in TF: sample n in ghost n mod S; one average of the ghosts' mean statistics. N,C,L.

    The variances enter the average without Bessel's factor.
    """
    return ghost("ghost_batch_norm", (3, 2, 4, 5), (0, 3), averaged)


def ghost_batch_norm_contiguous():
    """#7 as in forks: contiguous chunks; the average moves S times, ghost by ghost. N,C.

    The variances enter with Bessel's factor of the ghost's count.
    """
    return ghost("ghost_batch_norm_contiguous", (2, 3, 4), 1, sequential)


def ghost_batch_norm_separate():
    """#7 as in myrtle: sample n in ghost n mod S; averages S,C, whose mean evaluation reads. N,C.

    The variances enter with Bessel's factor of the ghost's count.
    """
    return ghost("ghost_batch_norm_separate", (3, 2, 4), 0, separate)


def renorm(name, deviation, bounds, steps_before=None):
    """#8: x^ = ((x - E) / s) r + d with r and d cut; running_std averages s; no eps in evaluation.
    """
    case = Case(name, N=5, C=6, L=2)
    case.settings(eps=1e-3, momentum=0.1)
    case.affine(6)
    case.states(running_mean=np.zeros(6), running_std=np.ones(6))
    if steps_before is not None:
        case.states(num_batches=np.int64(steps_before))
    else:
        case.settings(r_max=bounds(0)[0], d_max=bounds(0)[1])

    def forward(v, phase):
        e, s = spread(v.running_mean, 3), spread(v.running_std, 3)
        if phase == "eval":
            unit, changed = (v.x - e) / s, {}
        else:
            batch_e, batch_s = mean(v.x, (0, 2)), deviation(variance(v.x, (0, 2)), v.eps)
            r_max, d_max = bounds(getattr(v, "num_batches", 0))
            r = clip(cut(batch_s) / s, 1 / r_max, r_max)
            d = clip((cut(batch_e) - e) / s, -d_max, d_max)
            unit = (v.x - batch_e) / batch_s * r + d
            changed = {"running_mean": moved(v.running_mean, batch_e, v.momentum),
                       "running_std": moved(v.running_std, batch_s, v.momentum)}
            if steps_before is not None:
                changed["num_batches"] = v.num_batches + 1
        return {"y": spread(v.weight, 3) * unit + spread(v.bias, 3)}, changed

    def closed(v, d, phase):
        g = spread(v.weight, 3) * d.y
        if phase == "eval":
            return {"x": g / spread(v.running_std, 3)}
        e, std = mean(v.x, (0, 2)), np.sqrt(variance(v.x, (0, 2)))
        s = deviation(variance(v.x, (0, 2)), v.eps)
        r_max, _ = bounds(getattr(v, "num_batches", 0))
        r = clip(s / spread(v.running_std, 3), 1 / r_max, r_max)
        if steps_before is None:
            return {"x": r * centred_gradient(g, v.x, (0, 2), v.eps)}
        inner = mean(g * (v.x - e) / s, (0, 2))
        return {"x": r / s * (g - mean(g, (0, 2)) - (v.x - e) / std * inner)}

    draw = lambda k: {"x": case.data(5, 6, 2)}
    return case.run(forward, draw, TRAINED, closed=closed, has_cuts=True)


def batch_renorm():
    """#8, the paper: s = sqrt(Var + eps); fixed r_max = 1.25, d_max = 0.25. N,C,L."""
    return renorm("batch_renorm", lambda var, eps: np.sqrt(var + eps), lambda k: (1.25, 0.25))


def batch_renorm_scheduled():
    """#8, ludvb: s = sqrt(Var) + eps; r_max = clip(2k/35000 + 25/35, 1, 3) and
    d_max = clip(5k/20000 - 25/20, 0, 5) of the k batches before, here from 9000. N,C,L.
    """
    bounds = lambda k: (min(max(2 * k / 35000 + 25 / 35, 1), 3),
                        min(max(5 * k / 20000 - 25 / 20, 0), 5))
    return renorm("batch_renorm_scheduled", lambda var, eps: np.sqrt(var) + eps, bounds, 9000)


def mean_only_batch_norm():
    """#9: y = weight (x - E) + bias; running_mean with momentum 0.1. N,C,L."""
    case = Case("mean_only_batch_norm", N=5, C=3, L=2)
    case.settings(momentum=0.1)
    case.affine(3)
    case.states(running_mean=np.zeros(3))

    def forward(v, phase):
        e = mean(v.x, (0, 2)) if phase == "train" else spread(v.running_mean, 3)
        y = spread(v.weight, 3) * (v.x - e) + spread(v.bias, 3)
        changed = {"running_mean": moved(v.running_mean, e, v.momentum)}
        return {"y": y}, changed if phase == "train" else {}

    def closed(v, d, phase):
        g = spread(v.weight, 3) * d.y
        return {"x": g - mean(g, (0, 2)) if phase == "train" else g}

    return case.run(forward, lambda k: {"x": case.data(5, 3, 2)}, TRAINED, closed=closed)


def uneven_mask(case, *shape):
    """True where an element counts: each row leaves out another number, none is empty."""
    mask = np.ones(shape, dtype=bool)
    for i, row in enumerate(mask):
        row[case.random.permutation(row.size)[:i % row.size]] = False
    return mask


def masked(name, momentum, eps, added, state_ddof):
    """#13 on N,C,T with mask N,T (True counts); outputs at all positions."""
    case = batch_case(name, {"N": 4, "C": 3, "T": 5}, momentum=momentum, eps=eps)

    def statistics(v):
        weights = np.broadcast_to(v.mask[:, None, :], v.x.shape)
        n = counted(v.x, (0, 2), weights)
        e = total(v.x * weights, (0, 2)) / (n + added)
        return n, e, total((v.x - e) ** 2 * weights, (0, 2)) / (n + added)

    def forward(v, phase):
        if phase == "eval":
            return {"y": normalized(v, v.running_mean, v.running_var)}, {}
        n, e, var = statistics(v)
        return {"y": normalized(v, e, var)}, {
            "running_mean": moved(v.running_mean, e, v.momentum),
            "running_var": moved(v.running_var, var * n / (n - state_ddof), v.momentum)}

    def closed(v, d, phase):
        g = spread(v.weight, 3) * d.y
        if phase == "eval":
            return {"x": g / np.sqrt(spread(v.running_var, 3) + v.eps)}
        n, e, var = statistics(v)
        r = 1 / np.sqrt(var + v.eps)
        unit, m = (v.x - e) * r, v.mask[:, None, :]
        dx = r * g - r * m / n * (total(g, (0, 2)) + unit * total(g * unit, (0, 2)))
        return {"x": dx} if added == 0 else {}

    draw = lambda k: {"x": case.data(4, 3, 5), "mask": uneven_mask(case, 4, 5)}
    return case.run(forward, draw, TRAINED, closed=closed)


def masked_batch_norm():
    """#13 (a, c): statistics of the elements that the mask leaves in; Bessel's factor in the state.
    """
    return masked("masked_batch_norm", 0.1, 1e-5, 0, 1)


def masked_batch_norm_keras():
    """#13 (b): sums divided by count + 1e-7, no Bessel's factor; momentum 0.01, eps 1e-3."""
    return masked("masked_batch_norm_keras", 0.01, 1e-3, 1e-7, 0)


VARIANTS = (
    batch_norm_1d, batch_norm_1d_sequence, batch_norm, batch_norm_no_state,
    batch_norm_cumulative, batch_norm_size_weighted, batch_norm_population, frozen_batch_norm,
    sync_batch_norm, ghost_batch_norm, ghost_batch_norm_contiguous, ghost_batch_norm_separate,
    batch_renorm, batch_renorm_scheduled, mean_only_batch_norm, masked_batch_norm,
    masked_batch_norm_keras,
)

if __name__ == "__main__":
    write(VARIANTS)
