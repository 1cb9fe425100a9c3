"""PowerNorm in all its forms: sections 1.2 to 1.5, numbers 20 to 23.

The backward passes are not derivatives: they are written out as the source states them, so
nothing here is compared with differences but the exact parts (#20, evaluation); the state of the
backward pass is compared with the paper's form of it.
"""

import numpy as np

from common import Case, assert_close, mean, spread, uncentred_gradient, write

STEPS = ("train",) * 4 + ("eval",)


def updated(phi, moment, t, alpha, warmup, rule):
    """phi after step `t`, counted from 1.

    double: a cumulative mean while t < W, and the moving average on top of it, always.
    else: a cumulative mean while t < W, the moving average from then on.
    """
    if t < warmup:
        phi = phi * (t - 1) / t + moment / t
        if rule == "else":
            return phi
    return alpha * phi + (1 - alpha) * moment


def group_scaling(x, groups, eps):
    """1.1: y = x / sqrt(E_K[x^2] + eps) in each group of the last axis."""
    parts = x.reshape(*x.shape[:-1], groups, -1)
    return (parts / np.sqrt(mean(parts**2, -1) + eps)).reshape(x.shape)


def group_scaling_gradient(g, x, groups, eps):
    """G-UNC over the channels of one group."""
    split = (*x.shape[:-1], groups, -1)
    return uncentred_gradient(g.reshape(split), x.reshape(split), -1, eps).reshape(x.shape)


def check_controller(v, g, z, ema, axes):
    """(1 - a) ema_gz follows the paper's recursion of nu, from which the code seems to differ."""
    share = 1 - v.alpha_bwd
    nu = share * v.ema_gz
    gamma, lam = mean(z**2, axes).reshape(-1), mean(g * z, axes).reshape(-1)
    assert_close(share * ema, nu * (1 - share * gamma) + share * lam, 1e-12, "nu of 1.2")


def passes(groups, rule="double", divisor="batch", backward_mask="all", channel=-1):
    """Forward and backward of 1.2 for x with channels on axis `channel`, the states per channel.

    divisor: what the backward pass divides by: sqrt(v + eps) of this batch (the released code),
    sqrt(phi + eps) before the update, or what the forward pass divided by.
    """

    def parts(v):
        x = np.moveaxis(v.x, channel, -1)
        scaled = x if groups == 0 else group_scaling(x, groups, v.eps)
        axes = tuple(range(x.ndim - 1))
        valid = None if not hasattr(v, "pad_mask") else ~v.pad_mask.T[:, :, None]
        return x, scaled, axes, valid

    def forward(v, phase):
        x, scaled, axes, valid = parts(v)
        if phase == "eval":
            z = scaled / np.sqrt(v.phi + v.eps)
            changed = {}
        else:
            t = int(v.iters) + 1
            moment = mean(scaled**2, axes, valid)
            z = scaled / np.sqrt((moment if t <= v.warmup_iters else v.phi) + v.eps)
            phi = updated(v.phi, moment.reshape(-1), t, v.alpha_fwd, v.warmup_iters, rule)
            changed = {"phi": phi, "iters": np.int64(t)}
        y = np.moveaxis(v.weight * z + v.bias, -1, channel)
        return {"y": y}, changed

    def backward(v, d):
        x, scaled, axes, valid = parts(v)
        dy = np.moveaxis(d.y, channel, -1)
        t = int(v.iters) + 1
        moment = mean(scaled**2, axes, valid)
        used = moment if t <= v.warmup_iters else v.phi
        z = scaled / np.sqrt(used + v.eps)
        a = v.weight * dy - (1 - v.alpha_bwd) * v.ema_gz * z
        mask = valid if backward_mask == "valid" else None
        ema = v.ema_gz + mean(a * z, axes, mask).reshape(-1)
        if mask is None:
            check_controller(v, v.weight * dy, z, ema, axes)
        below = {"batch": moment, "running": v.phi, "same": used}[divisor]
        dx = a / np.sqrt(below + v.eps)
        if groups:
            dx = group_scaling_gradient(dx, x, groups, v.eps)
        grads = {"x": np.moveaxis(dx, -1, channel), "weight": (dy * z).sum(axis=axes),
                 "bias": dy.sum(axis=axes)}
        return grads, {"ema_gz": ema}

    return forward, backward


def power_case(name, sizes, channels, warmup=3):
    case = Case(name, **sizes)
    case.settings(eps=1e-5, alpha_fwd=0.9, alpha_bwd=0.9, warmup_iters=warmup)
    case.affine(channels)
    case.states(phi=np.ones(channels), ema_gz=np.zeros(channels), iters=np.int64(0))
    return case


def core(name, rule="double", divisor="batch", **sizes):
    case = power_case(name, sizes, sizes["C"])
    forward, backward = passes(0, rule, divisor, channel=1)
    draw = lambda k: {"x": case.data(*sizes.values())}
    return case.run(forward, draw, STEPS, backward=backward, kept=2 if "H" in sizes else 1)


def power_norm():
    """#21: 1.2 without GroupScaling and mask. N,C,H,W; moments over N,H,W; W = 3.

    z = x / sqrt(v + eps) while t <= W, then x / sqrt(phi + eps) with phi before its update.
    """
    return core("power_norm", N=5, C=3, H=2, W=4)


def power_norm_else_rule():
    """#21 with the other warm-up: a plain cumulative mean while t < W, then the average. N,C,L."""
    return core("power_norm_else_rule", rule="else", N=5, C=3, L=4)


def power_norm_running_divisor():
    """#21 whose backward pass divides by sqrt(phi + eps), phi before its update. N,C,L."""
    return core("power_norm_running_divisor", divisor="running", N=5, C=3, L=4)


def power_norm_same_divisor():
    """#21 whose backward pass divides by what its forward pass divided by. N,C,L."""
    return core("power_norm_same_divisor", divisor="same", N=5, C=3, L=4)


def power_norm_paper():
    """1.3: x^ = x / psi-; a = g - nu- x^; dx = a / psi-; nu+ = nu- (1 - (1-a) G) + (1-a) L.

    No eps, no warm-up; phi = psi^2 starts at 1, nu at 0; N,C,L; G = E[x^ ^2], L = E[g x^].
    """
    case = Case("power_norm_paper", N=5, C=3, L=4)
    case.settings(alpha=0.9)
    case.affine(3)
    case.states(phi=np.ones(3), nu=np.zeros(3))
    axes = (0, 2)

    def unit(v):
        return v.x / np.sqrt(spread(v.phi, 3))

    def forward(v, phase):
        y = spread(v.weight, 3) * unit(v) + spread(v.bias, 3)
        if phase == "eval":
            return {"y": y}, {}
        moment = mean(v.x**2, axes).reshape(-1)
        return {"y": y}, {"phi": v.alpha * v.phi + (1 - v.alpha) * moment}

    def backward(v, d):
        g = spread(v.weight, 3) * d.y
        dx = (g - spread(v.nu, 3) * unit(v)) / np.sqrt(spread(v.phi, 3))
        gamma, lam = mean(unit(v) ** 2, axes).reshape(-1), mean(g * unit(v), axes).reshape(-1)
        nu = v.nu * (1 - (1 - v.alpha) * gamma) + (1 - v.alpha) * lam
        grads = {"x": dx, "weight": (d.y * unit(v)).sum(axis=axes), "bias": d.y.sum(axis=axes)}
        return grads, {"nu": nu}

    return case.run(forward, lambda k: {"x": case.data(5, 3, 4)}, STEPS, backward=backward)


def power_norm_v():
    """#20: y = weight x / sqrt(M2 + eps) + bias, exact gradient; phi only for evaluation. N,C,L."""
    case = Case("power_norm_v", N=5, C=3, L=4)
    case.settings(eps=1e-5, momentum=0.1)
    case.affine(3)
    case.states(phi=np.ones(3))
    axes = (0, 2)

    def forward(v, phase):
        moment = mean(v.x**2, axes)
        used = moment if phase == "train" else spread(v.phi, 3)
        y = spread(v.weight, 3) * v.x / np.sqrt(used + v.eps) + spread(v.bias, 3)
        phi = v.phi + v.momentum * (moment.reshape(-1) - v.phi)
        return {"y": y}, {"phi": phi} if phase == "train" else {}

    def closed(v, d, phase):
        g = spread(v.weight, 3) * d.y
        if phase == "eval":
            return {"x": g / np.sqrt(spread(v.phi, 3) + v.eps)}
        return {"x": uncentred_gradient(g, v.x, axes, v.eps)}

    return case.run(forward, lambda k: {"x": case.data(5, 3, 4)}, STEPS, closed=closed)


def padding(case, batch, time):
    """True at the padding behind each sequence: lengths from 1 to `time`, all different."""
    lengths = case.random.permutation(time)[:batch] + 1
    return np.arange(time)[None, :] >= lengths[:, None]


def masked(name, backward_mask):
    case = power_case(name, {"T": 5, "B": 3, "C": 8, "G": 2, "K": 4}, 8)
    forward, backward = passes(2, backward_mask=backward_mask)
    draw = lambda k: {"x": case.data(5, 3, 8), "pad_mask": padding(case, 3, 5)}
    kept = 2 if backward_mask == "all" else 1
    return case.run(forward, draw, STEPS, backward=backward, kept=kept)


def mask_power_norm():
    """#22, 1.2: GroupScaling, then PowerNorm. x: T,B,C; pad_mask: B,T, True at padding.

    The mask holds for the forward moment only: y, the backward state and the gradients of weight
    and bias take in padding too.
    """
    return masked("mask_power_norm", "all")


def mask_power_norm_valid():
    """#22 with the backward state's mean over valid tokens only (the consistent choice, 1.4).

    The gradients of weight and bias still sum over all positions.
    """
    return masked("mask_power_norm_valid", "valid")


def mask_power_norm_2d():
    """#22 on n,C (as T = 1, B = n), without a mask."""
    case = power_case("mask_power_norm_2d", {"N": 7, "C": 6, "G": 2, "K": 3}, 6)
    forward, backward = passes(2)
    return case.run(forward, lambda k: {"x": case.data(7, 6)}, STEPS, backward=backward)


def mask_power_norm_4d():
    """#22 on N,C,H,W (each of N,H,W a token), the answer in the layout of the input."""
    sizes = {"N": 3, "C": 6, "H": 4, "W": 2, "G": 2, "K": 3}
    case = power_case("mask_power_norm_4d", sizes, 6)
    forward, backward = passes(2, channel=1)
    steps = ("train", "train", "train", "eval")
    return case.run(forward, lambda k: {"x": case.data(3, 6, 4, 2)}, steps, backward=backward)


RANK_SIZES = (2, 0, 5)


def sync_case(name, rank_sizes, merge):
    """1.5 without GroupScaling and mask; rows of x belong to ranks in runs of rank_sizes.

    Gradients of weight and bias: one row for each rank (in evaluation they are left out).
    """
    rows, ranks = sum(rank_sizes), len(rank_sizes)
    case = power_case(name, {"N": rows, "T": 2, "C": 4, "R": ranks}, 4, warmup=2)
    case.arrays["rank_sizes"] = np.array(rank_sizes, dtype=np.int64)
    if merge == "means":
        case.states(ema_gz=np.zeros((ranks, 4)))
    rank_of_row = np.repeat(np.arange(ranks), rank_sizes)

    def by_rank(values):
        """Sums over the rows and times of each rank: R,C."""
        return np.stack([values[rank_of_row == k].sum(axis=(0, 1)) for k in range(ranks)])

    def moment(x):
        tokens = 2 * np.array(rank_sizes)[:, None]
        if merge == "counts":
            return by_rank(x**2).sum(axis=0) / tokens.sum()
        return (by_rank(x**2) / tokens).mean(axis=0)

    def forward(v, phase):
        if phase == "eval":
            return {"y": v.weight * v.x / np.sqrt(v.phi + v.eps) + v.bias}, {}
        t = int(v.iters) + 1
        batch = moment(v.x)
        used = batch if t <= v.warmup_iters else v.phi
        phi = updated(v.phi, batch, t, v.alpha_fwd, v.warmup_iters, "double")
        y = v.weight * v.x / np.sqrt(used + v.eps) + v.bias
        return {"y": y}, {"phi": phi, "iters": np.int64(t)}

    def backward(v, d):
        t = int(v.iters) + 1
        batch = moment(v.x)
        z = v.x / np.sqrt((batch if t <= v.warmup_iters else v.phi) + v.eps)
        g = v.weight * d.y
        ema = v.ema_gz if merge == "counts" else v.ema_gz[rank_of_row][:, None, :]
        a = g - (1 - v.alpha_bwd) * ema * z
        d_weight, d_bias = by_rank(d.y * z), by_rank(d.y)
        if merge == "counts":
            written = v.ema_gz + mean(a * z, (0, 1)).reshape(-1)
        else:
            written = v.ema_gz + by_rank(a * z) / (2 * np.array(rank_sizes)[:, None])
            d_weight = np.broadcast_to(d_weight.mean(axis=0), d_weight.shape)
            d_bias = np.broadcast_to(d_bias.mean(axis=0), d_bias.shape)
        grads = {"x": a / np.sqrt(batch + v.eps), "weight": d_weight, "bias": d_bias}
        return grads, {"ema_gz": written}

    draw = lambda k: {"x": case.data(rows, 2, 4)}
    return case.run(forward, draw, STEPS, backward=backward, fixed=("weight", "bias"))


def sync_power_norm():
    """#23, exact: v = sum(x^2) / n over all ranks, the backward state's mean over all ranks too.

    Gradients of weight and bias stay the sums of each rank. One rank is empty.
    """
    return sync_case("sync_power_norm", RANK_SIZES, "counts")


def sync_power_norm_mean_of_means():
    """#23 as in the third-party code: v = the unweighted mean of the ranks' moments.

    The backward state is each rank's own; gradients of weight and bias are averaged over ranks.
    """
    return sync_case("sync_power_norm_mean_of_means", (2, 1, 4), "means")


VARIANTS = (
    power_norm, power_norm_else_rule, power_norm_running_divisor, power_norm_same_divisor,
    power_norm_paper, power_norm_v, mask_power_norm, mask_power_norm_valid, mask_power_norm_2d,
    mask_power_norm_4d, sync_power_norm, sync_power_norm_mean_of_means,
)

if __name__ == "__main__":
    write(VARIANTS)
