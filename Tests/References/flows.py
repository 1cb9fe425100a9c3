"""2F, numbers 79, 80 and 82: flows and graphs."""

import numpy as np

from common import maximum, mean, spread, total, write
from position import once

AXES = (0, 2, 3)
FACTOR = 3


def act_norm():
    """#79 on N,C,H,W: y = (x + bias) exp(l), l = 3 logs; logdet = H W sum of l, a scalar output."""
    def formula(v):
        l = FACTOR * v.logs
        return {"y": (v.x + spread(v.bias, 4)) * spread(np.exp(l), 4), "logdet": 10 * np.sum(l)}

    def closed(v, d):
        dx = d.y * spread(np.exp(FACTOR * v.logs), 4)
        dlogs = FACTOR * (total(dx * (v.x + spread(v.bias, 4)), AXES).reshape(-1) + 10 * d.logdet)
        return {"x": dx, "bias": dx.sum(axis=AXES), "logs": dlogs}

    prepare = lambda case: case.params(bias=case.near(0, 4), logs=case.normal(4, scale=0.1))
    return once("act_norm", formula, closed, shape=(3, 4, 2, 5), axes="NCHW", prepare=prepare,
                settings={"logscale_factor": FACTOR})


def act_norm_initialise():
    """#79, once from the first batch: bias = -E x, logs = ln(scale/(sqrt(E (x + bias)^2) + eps))/3.

    Its outputs are the parameters of act_norm; nothing is differentiated. scale = 1.
    """
    def formula(v):
        bias = -mean(v.x, AXES)
        spread_of = np.sqrt(mean((v.x + bias) ** 2, AXES)) + v.eps
        return {"bias": bias.reshape(-1),
                "logs": (np.log(v.scale / spread_of) / FACTOR).reshape(-1)}

    case = once("act_norm_initialise", formula, shape=(3, 4, 2, 5), axes="NCHW", fixed=("x",),
                settings={"eps": 1e-6, "scale": 1, "logscale_factor": FACTOR})
    case.arrays = {key: value for key, value in case.arrays.items() if ".grad_out." not in key}
    return case


def pair_norm():
    """#80 on rows and features P,D: c = x - E_P x, y = s c / sqrt(eps + E_P sum_D c^2)."""
    centre = lambda v: v.x - mean(v.x, 0)
    q = lambda v: v.eps + mean(total(centre(v) ** 2, 1), 0)

    def closed(v, d):
        c = centre(v)
        dc = v.s * (d.y * q(v) ** -0.5 - q(v) ** -1.5 * c / 7 * np.sum(d.y * c))
        return {"x": dc - mean(dc, 0)}

    return once("pair_norm", lambda v: v.s * centre(v) / np.sqrt(q(v)), closed, shape=(7, 4),
                axes="PD", settings={"eps": 1e-6, "s": 1.5})


def pair_norm_si():
    """#80, scaled individually: y = s c / (eps + |c| of the row)."""
    def formula(v):
        c = v.x - mean(v.x, 0)
        return v.s * c / (v.eps + np.sqrt(total(c**2, 1)))

    return once("pair_norm_si", formula, shape=(7, 4), axes="PD",
                settings={"eps": 1e-6, "s": 1.5})


def message_norm():
    """#82 on P,D: y = s |x| message / max(|message|, eps), L2 over D, a learned scalar s."""
    def formula(v):
        norm = lambda u: np.sqrt(total(u**2, 1))
        return v.s * norm(v.x) * v.message / maximum(norm(v.message), v.eps)

    return once("message_norm", formula, shape=(7, 4), axes="PD", settings={"eps": 1e-12},
                prepare=lambda case: case.params(s=case.near(1)),
                inputs=lambda case: {"message": case.data(7, 4)})


VARIANTS = (act_norm, act_norm_initialise, pair_norm, pair_norm_si, message_norm)

if __name__ == "__main__":
    write(VARIANTS)
