"""2E, numbers 74 to 77: norms of weights O,I,P,Q (output and input channels, kernel P by Q).

The input is called x here as elsewhere, and the output y: the weight that the layer uses.
"""

import numpy as np

from common import maximum, mean, spread, total, variance, write
from position import once

SHAPE = (5, 3, 2, 4)
ROW = (1, 2, 3)
FAN_IN = 24


def rows(name, formula, closed=None, prepare=None, **options):
    return once(name, formula, closed, shape=SHAPE, axes="OIPQ", prepare=prepare, **options)


def row_gain(name, centre=1):
    return lambda case: case.params(**{name: case.near(centre, 5)})


def weight_norm():
    """#74: y = g x / |x| per output channel, no eps."""
    norm = lambda v: np.sqrt(total(v.x**2, ROW))

    def closed(v, d):
        inner = total(d.y * v.x, ROW)
        return {"g": (inner / norm(v)).reshape(-1),
                "x": spread(v.g, 4, 0) / norm(v) * (d.y - v.x * inner / norm(v) ** 2)}

    return rows("weight_norm", lambda v: spread(v.g, 4, 0) * v.x / norm(v), closed,
                row_gain("g"))


def deviations(v):
    return v.x - mean(v.x, ROW)


def weight_standardization():
    """#75 (torch): y = (x - E) / (std + eps), std unbiased, per output channel."""
    return rows("weight_standardization",
                lambda v: deviations(v) / (np.sqrt(variance(v.x, ROW, ddof=1)) + v.eps),
                settings={"eps": 1e-5})


def weight_standardization_biased():
    """#75 (TF): the same with the biased std."""
    return rows("weight_standardization_biased",
                lambda v: deviations(v) / (np.sqrt(variance(v.x, ROW)) + v.eps),
                settings={"eps": 1e-5})


def weight_standardization_inside():
    """#75 (timm): y = (x - E) / sqrt(Var + eps), biased."""
    return rows("weight_standardization_inside",
                lambda v: deviations(v) / np.sqrt(variance(v.x, ROW) + v.eps),
                settings={"eps": 1e-6})


def scaled_weight_standardization():
    """#76 (Haiku): y = gain (x - E) / sqrt(max(fan_in Var, floor)), fan_in = I P Q, floor 1e-4.

    Two rows are below the floor, where Var has no gradient.
    """
    def closed(v, d):
        gain, n = spread(v.gain, 4, 0), FAN_IN
        spread_of_row = n * variance(v.x, ROW)
        r = 1 / np.sqrt(np.maximum(spread_of_row, v.floor))
        g = gain * d.y
        active = spread_of_row > v.floor
        inner = active * r**3 * deviations(v) * total(g * deviations(v), ROW)
        return {"x": r * (g - mean(g, ROW)) - inner}

    return rows("scaled_weight_standardization",
                lambda v: spread(v.gain, 4, 0) * deviations(v)
                / np.sqrt(maximum(FAN_IN * variance(v.x, ROW), v.floor)),
                closed, row_gain("gain"), settings={"floor": 1e-4},
                scale=(1, 1e-3, 0.5, 1e-3, 2))


def scaled_weight_standardization_inside():
    """#76 (timm): y = gain gamma fan_in^(-1/2) (x - E) / sqrt(Var + eps), gamma of ReLU."""
    return rows("scaled_weight_standardization_inside",
                lambda v: spread(v.gain, 4, 0) * v.gamma * FAN_IN**-0.5 * deviations(v)
                / np.sqrt(variance(v.x, ROW) + v.eps),
                prepare=row_gain("gain"), settings={"eps": 1e-6, "gamma": 1.7139588594436646})


def weight_centring():
    """#77 (CenConv): y = x - E per output channel."""
    return rows("weight_centring", deviations, lambda v, d: {"x": d.y - mean(d.y, ROW)})


def weight_demodulation():
    """#77 (StyleGAN2): w = style_ni x_oi, y = w / sqrt(sum_IPQ w^2 + eps) per sample and output.

    style: N,I; y: N,O,I,P,Q.
    """
    def formula(v):
        w = v.style[:, None, :, None, None] * v.x[None]
        return w / np.sqrt(total(w**2, (2, 3, 4)) + v.eps)

    case = once("weight_demodulation", formula, shape=(4, 3, 1, 5), axes="OIPQ",
                inputs=lambda case: {"style": case.near(1, 2, 3)}, settings={"eps": 1e-8})
    case.arrays["size_N"] = np.int64(2)
    return case


VARIANTS = (
    weight_norm, weight_standardization, weight_standardization_biased,
    weight_standardization_inside, scaled_weight_standardization,
    scaled_weight_standardization_inside, weight_centring, weight_demodulation,
)

if __name__ == "__main__":
    write(VARIANTS)
