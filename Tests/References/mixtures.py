"""2C, numbers 60 to 67: mixtures of statistics, and affine parts that depend on the sample."""

import numpy as np

from common import Case, TRAINED, mean, moved, spread, total, variance, write
from position import centred, once, root

IMAGE = (3, 4, 2, 5)
SPACE = (2, 3)
LINE = (3, 4, 5)


def softmax(w):
    e = np.exp(w)
    return e / np.sum(e)


def channel_affine(v, unit):
    return spread(v.weight, v.x.ndim) * unit + spread(v.bias, v.x.ndim)


def running(case, channels, initial_var=1.0):
    case.settings(momentum=0.1)
    case.states(running_mean=np.zeros(channels), running_var=np.full(channels, initial_var))


def batch_unit(v, phase):
    """#1 without affine on N,C,L: x^ and next states."""
    if phase == "eval":
        e, var = spread(v.running_mean, 3), spread(v.running_var, 3)
        return (v.x - e) / np.sqrt(var + v.eps), {}
    bessel = variance(v.x, (0, 2), ddof=1)
    return centred(v.x, (0, 2), v.eps), {
        "running_mean": moved(v.running_mean, mean(v.x, (0, 2)), v.momentum),
        "running_var": moved(v.running_var, bessel, v.momentum)}


def trained(name, forward, prepare, inputs=None, closed=None, shape=LINE, **options):
    """Three training steps and an evaluation of N,C,L with running statistics as in #1."""
    case = Case(name, **dict(zip("NCL", shape)))
    case.settings(eps=1e-5)
    running(case, shape[1])
    prepare(case)
    draw = lambda k: {"x": case.data(*shape), **(inputs(case) if inputs else {})}
    return case.run(forward, draw, TRAINED, closed=closed, **options)


def switchable_norm():
    """#60 on N,C,L: e = E_L x, V unbiased, q = V + e^2, and three means and variances.

    IN: e, V; LN: E_C e, E_C q - (E_C e)^2; BN: E_N e, E_N q - (E_N e)^2; mixed with the softmax of
    mean_weight and var_weight (order IN, LN, BN). Both states start at 0 and keep 0.9.
    """
    case = Case("switchable_norm", N=3, C=4, L=5)
    case.settings(eps=1e-5)
    running(case, 4, initial_var=0)
    case.affine(4)
    case.params(mean_weight=case.near(1, 3), var_weight=case.near(1, 3))

    def parts(v, phase):
        e, var = mean(v.x, 2), variance(v.x, 2, ddof=1)
        q = var + e**2
        means = [e, mean(e, 1), mean(e, 0)]
        variances = [var, mean(q, 1) - means[1] ** 2, mean(q, 0) - means[2] ** 2]
        changed = {"running_mean": moved(v.running_mean, means[2], v.momentum),
                   "running_var": moved(v.running_var, variances[2], v.momentum)}
        if phase == "eval":
            means[2], variances[2] = spread(v.running_mean, 3), spread(v.running_var, 3)
            changed = {}
        mixed = lambda weights, values: sum(w * u for w, u in zip(softmax(weights), values))
        return mixed(v.mean_weight, means), mixed(v.var_weight, variances), means, changed

    def forward(v, phase):
        mu, var, _, changed = parts(v, phase)
        return {"y": channel_affine(v, (v.x - mu) / np.sqrt(var + v.eps))}, changed

    def closed(v, d, phase):
        """The G-GEN chain of #60."""
        mu, var, (e, e_layer, e_batch), _ = parts(v, phase)
        r, g, n = 1 / np.sqrt(var + v.eps), spread(v.weight, 3) * d.y, 5
        w_mean, w_var = softmax(v.mean_weight), softmax(v.var_weight)
        d_mean, d_var = -total(g * r, 2), -0.5 * r**3 * total(g * (v.x - mu), 2)
        dv_layer = w_var[1] * total(d_var, 1)
        dm_layer = w_mean[1] * total(d_mean, 1) - 2 * e_layer * dv_layer
        dv_batch, dm_batch = 0, 0
        if phase == "train":
            dv_batch = w_var[2] * total(d_var, 0)
            dm_batch = w_mean[2] * total(d_mean, 0) - 2 * e_batch * dv_batch
        dq = dv_layer / 4 + dv_batch / 3
        dv = w_var[0] * d_var + dq
        de = w_mean[0] * d_mean + dm_layer / 4 + dm_batch / 3 + 2 * e * dq
        return {"x": g * r + de / n + 2 * (v.x - e) * dv / (n - 1)}

    return case.run(forward, lambda k: {"x": case.data(*LINE)}, TRAINED, closed=closed)


def switchable_norm_1d():
    """#60 on N,C: LN over C and BN over N only, both variances unbiased; the states keep 0.997."""
    case = Case("switchable_norm_1d", N=6, C=4)
    case.settings(eps=1e-5)
    running(case, 4, initial_var=0)
    case.settings(momentum=0.003)
    case.affine(4)
    case.params(mean_weight=case.near(1, 2), var_weight=case.near(1, 2))

    def forward(v, phase):
        e, var = mean(v.x, 0), variance(v.x, 0, ddof=1)
        changed = {"running_mean": moved(v.running_mean, e, v.momentum),
                   "running_var": moved(v.running_var, var, v.momentum)}
        if phase == "eval":
            e, var, changed = v.running_mean, v.running_var, {}
        w_mean, w_var = softmax(v.mean_weight), softmax(v.var_weight)
        mu = w_mean[0] * mean(v.x, 1) + w_mean[1] * e
        mixed = w_var[0] * variance(v.x, 1, ddof=1) + w_var[1] * var
        return {"y": v.weight * (v.x - mu) / np.sqrt(mixed + v.eps) + v.bias}, changed

    return case.run(forward, lambda k: {"x": case.data(6, 4)}, TRAINED)


def batch_instance_norm():
    """#61: y = weight (rho x^_BN + (1 - rho) x^_IN) + bias; rho per channel, not clipped. N,C,L."""
    def prepare(case):
        case.affine(4)
        case.params(rho=np.float32(case.random.uniform(0.1, 0.9, 4)))

    def forward(v, phase):
        unit, changed = batch_unit(v, phase)
        rho = spread(v.rho, 3)
        inner = rho * unit + (1 - rho) * centred(v.x, 2, v.eps)
        return {"y": channel_affine(v, inner)}, changed

    return trained("batch_instance_norm", forward, prepare)


def layer_instance(v):
    """#62: rho x^_IN + (1 - rho) x^_LN, LN over C,H,W, both variances unbiased."""
    unit = lambda axes: (v.x - mean(v.x, axes)) / np.sqrt(variance(v.x, axes, ddof=1) + v.eps)
    rho = spread(v.rho, 4)
    return rho * unit(SPACE) + (1 - rho) * unit((1, 2, 3))


def by_sample(value, rank=3):
    """N,C with as many axes of size 1 behind as `rank` leaves."""
    return value.reshape(*value.shape, *[1] * (rank - 2))


def adaptive_layer_instance_norm():
    """#62, AdaLIN: y = weight (rho x^_IN + (1 - rho) x^_LN) + bias; weight, bias: inputs N,C."""
    inputs = lambda case: {"weight": case.near(1, 3, 4), "bias": case.near(0, 3, 4)}
    return once("adaptive_layer_instance_norm",
                lambda v: by_sample(v.weight, 4) * layer_instance(v) + by_sample(v.bias, 4),
                shape=IMAGE, axes="NCHW", inputs=inputs, settings={"eps": 1e-5},
                prepare=lambda case: case.params(rho=case.normal(4, scale=0.1, shift=0.7)))


def layer_instance_norm():
    """#62, ILN: the same with weight and bias per channel."""
    def prepare(case):
        case.affine(4)
        case.params(rho=np.float32(case.random.uniform(0.1, 0.5, 4)))

    return once("layer_instance_norm", lambda v: channel_affine(v, layer_instance(v)),
                shape=IMAGE, axes="NCHW", prepare=prepare, settings={"eps": 1e-5})


def adaptive_instance_norm():
    """#63 (AdaIN): y = std(style) (x - E)/std(x) + E style, std = sqrt(unbiased Var_HW + eps).

    style: N,C,P,Q with its own height and width.
    """
    std = lambda u, eps: np.sqrt(variance(u, SPACE, ddof=1) + eps)

    def closed(v, d):
        s, s_style = std(v.x, v.eps), std(v.style, v.eps)
        unit, g = (v.x - mean(v.x, SPACE)) / s, d.y * s_style
        inner = unit * total(g * unit, SPACE) / (10 - 1)
        shift = (v.style - mean(v.style, SPACE)) / ((12 - 1) * s_style)
        return {"x": (g - mean(g, SPACE) - inner) / s,
                "style": total(d.y, SPACE) / 12 + total(d.y * unit, SPACE) * shift}

    def formula(v):
        unit = (v.x - mean(v.x, SPACE)) / std(v.x, v.eps)
        return std(v.style, v.eps) * unit + mean(v.style, SPACE)

    case = once("adaptive_instance_norm", formula, closed, shape=IMAGE, axes="NCHW",
                inputs=lambda case: {"style": case.data(3, 4, 6, 2)}, settings={"eps": 1e-5})
    case.arrays.update(size_P=np.int64(6), size_Q=np.int64(2))
    return case


def modulation(*shape):
    return lambda case: {"scale": case.near(0, *shape), "shift": case.near(0, *shape)}


def adaptive_layer_norm():
    """#64: y = x^ (1 + scale) + shift on N,T,C, scale and shift: N,C; LN over C without affine."""
    def closed(v, d):
        unit = centred(v.x, 2, v.eps)
        return {"scale": (d.y * unit).sum(axis=1), "shift": d.y.sum(axis=1)}

    return once("adaptive_layer_norm",
                lambda v: centred(v.x, 2, v.eps) * (1 + v.scale[:, None]) + v.shift[:, None],
                closed, shape=(4, 3, 5), axes="NTC", inputs=modulation(4, 5),
                settings={"eps": 1e-6})


def adaptive_layer_norm_zero():
    """#64, AdaLN-Zero's block output: y = x + gate f on N,T,C, gate: N,C."""
    inputs = lambda case: {"f": case.data(4, 3, 5), "gate": case.near(0, 4, 5)}
    return once("adaptive_layer_norm_zero", lambda v: v.x + v.gate[:, None] * v.f,
                shape=(4, 3, 5), axes="NTC", inputs=inputs)


def adaptive_group_norm():
    """#64, AdaGN: group norm (G = 2, weight and bias per channel), then scale and shift. N,C,L."""
    def formula(v):
        unit = centred(v.x.reshape(5, 2, 3, 4), (2, 3), v.eps).reshape(v.x.shape)
        return channel_affine(v, unit) * (1 + by_sample(v.scale)) + by_sample(v.shift)

    return once("adaptive_group_norm", formula, shape=(5, 6, 4), axes="NCL",
                prepare=lambda case: case.affine(6), inputs=modulation(5, 6),
                settings={"eps": 1e-5, "groups": 2})


def modulated_rms_norm():
    """#64: y = x / sqrt(E_C x^2 + eps) (1 + scale) + shift on N,T,C, without weight."""
    return once("modulated_rms_norm",
                lambda v: root(v.x, 2, v.eps) * (1 + v.scale[:, None]) + v.shift[:, None],
                shape=(4, 3, 5), axes="NTC", inputs=modulation(4, 5), settings={"eps": 1e-6})


def conditional_batch_norm():
    """#65: y = weight[label_n] x^ + bias[label_n], tables: D,C with D = 5 classes; x^ as #1.

    The classes of a batch repeat, so that the tables' gradients sum; others have gradient 0.
    """
    def forward(v, phase):
        unit, changed = batch_unit(v, phase)
        return {"y": by_sample(v.weight[v.label]) * unit + by_sample(v.bias[v.label])}, changed

    def inputs(case):
        first = case.random.integers(5)
        return {"label": np.array([first, (first + 2) % 5, first])}

    case = trained("conditional_batch_norm", forward, lambda case: case.affine(5, 4), inputs)
    case.arrays["size_D"] = np.int64(5)
    return case


def film():
    """#65, dense: y = weight_nc x^ + bias_nc with inputs N,C; x^ as #1."""
    def forward(v, phase):
        unit, changed = batch_unit(v, phase)
        return {"y": by_sample(v.weight) * unit + by_sample(v.bias)}, changed

    inputs = lambda case: {"weight": case.near(1, 3, 4), "bias": case.near(0, 3, 4)}
    return trained("film", forward, lambda case: None, inputs)


def conditional_batch_norm_delta():
    """#65, CBN: y = (weight + d_weight_nc) x^ + bias + d_bias_nc, the differences inputs N,C."""
    def forward(v, phase):
        unit, changed = batch_unit(v, phase)
        weight = spread(v.weight, 3) + by_sample(v.delta_weight)
        return {"y": weight * unit + spread(v.bias, 3) + by_sample(v.delta_bias)}, changed

    inputs = lambda case: {"delta_weight": case.near(0, 3, 4), "delta_bias": case.near(0, 3, 4)}
    return trained("conditional_batch_norm_delta", forward, lambda case: case.affine(4), inputs)


def spade():
    """#66: y = x^ (1 + scale) + shift, scale and shift: N,C,L as x; x^ as #1."""
    def forward(v, phase):
        unit, changed = batch_unit(v, phase)
        return {"y": unit * (1 + v.scale) + v.shift}, changed

    def closed(v, d, phase):
        return {"scale": d.y * batch_unit(v, phase)[0], "shift": d.y}

    return trained("spade", forward, lambda case: None, modulation(*LINE), closed)


def domain_case(name, weights):
    case = Case(name, N=6, C=4, L=2, D=3)
    case.settings(eps=1e-5, momentum=0.1)
    case.affine(3, 4)
    case.states(running_mean=np.zeros((3, 4)), running_var=np.ones((3, 4)))

    def forward(v, phase):
        """`weights`: the domain of each sample, from the inputs."""
        domain = weights(v, phase)
        y, running_mean, running_var = v.x * 0, v.running_mean.copy(), v.running_var.copy()
        for k in set(domain.tolist()):
            rows = (domain == k)[:, None, None]
            e, var = spread(v.running_mean[k], 3), spread(v.running_var[k], 3)
            if phase == "train":
                mask = np.broadcast_to(rows, v.x.shape)
                e, var = mean(v.x, (0, 2), mask), variance(v.x, (0, 2), mask)
                bessel = variance(v.x, (0, 2), mask, ddof=1)
                running_mean[k] = moved(running_mean[k], e, v.momentum)
                running_var[k] = moved(running_var[k], bessel, v.momentum)
            unit = (v.x - e) / np.sqrt(var + v.eps)
            y = y + rows * (spread(v.weight[k], 3) * unit + spread(v.bias[k], 3))
        states = {"running_mean": running_mean, "running_var": running_var}
        return {"y": y}, states if phase == "train" else {}

    return case, forward


def domain_batch_norm():
    """#67: statistics over the samples of one domain (N ids); weight, bias, states: D,C.

    Uneven domains; one is absent in each training step, and its states stay. N,C,L.
    """
    case, forward = domain_case("domain_batch_norm", lambda v, phase: v.domain)
    ids = ([0, 1, 0, 1, 0, 0], [2, 1, 2, 2, 1, 2], [0, 2, 2, 0, 2, 2], [2, 0, 1, 1, 0, 2])
    draw = lambda k: {"x": case.data(6, 4, 2), "domain": np.array(ids[k])}
    return case.run(forward, draw, TRAINED)


def split_batch_norm():
    """#67, timm: D contiguous chunks of samples, each its own; evaluation is chunk 0's. N,C,L."""
    chunks = lambda v, phase: np.repeat([0, 1, 2] if phase == "train" else [0, 0, 0], 2)
    case, forward = domain_case("split_batch_norm", chunks)
    return case.run(forward, lambda k: {"x": case.data(6, 4, 2)}, TRAINED)


VARIANTS = (
    switchable_norm, switchable_norm_1d, batch_instance_norm, adaptive_layer_instance_norm,
    layer_instance_norm, adaptive_instance_norm, adaptive_layer_norm, adaptive_layer_norm_zero,
    adaptive_group_norm, modulated_rms_norm, conditional_batch_norm, film,
    conditional_batch_norm_delta, spade, domain_batch_norm, split_batch_norm,
)

if __name__ == "__main__":
    write(VARIANTS)
