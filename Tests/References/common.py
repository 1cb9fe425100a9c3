"""What the reference scripts share: seeded inputs, differences, and the writing of .npz files.

A variant is a function that builds a `Case`: sizes, settings, parameters and states, then
`run(forward, draw)` with the plain formula. Gradients come from the formula by complex steps
(exact to the last bits, as no difference is taken), so `forward` uses the functions below where
NumPy's are not analytic: `cut` for a stop-gradient, `absolute`, `maximum`, `where` by real parts.
Each gradient is compared with Richardson's central difference in a random direction, except where
something is cut, and with the closed form where one is given.
"""

import io
import math
import pathlib
import zipfile
import zlib
from types import SimpleNamespace

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Data" / "References"
TRAINED = ("train", "train", "train", "eval")
ONCE = ("train",)
STEP = 1e-30


def rounded(values):
    """The nearest float32 values, as float64."""
    return np.asarray(values, dtype=np.float32).astype(np.float64)


def cut(values):
    """Stop-gradient: the value, without the imaginary part that carries a derivative."""
    return np.real(values)


def absolute(values):
    return np.where(np.real(values) < 0, -values, values)


def maximum(a, b):
    """The larger one; the inputs have no ties."""
    return np.where(np.real(a) >= np.real(b), a, b)


def minimum(a, b):
    return -maximum(-a, -b)


def clip(values, low, high):
    return minimum(maximum(values, low), high)


def largest(values, axes):
    """Maximum over `axes`, kept as size 1; the inputs have no ties."""
    top = np.real(values).max(axis=axes, keepdims=True)
    return np.sum(np.where(np.real(values) == top, values, 0), axis=axes, keepdims=True)


def logistic(values):
    return 1 / (1 + np.exp(-values))


def silu(values):
    return values * logistic(values)


def erf(values):
    """The error function; on complex steps by its derivative."""
    real = np.vectorize(math.erf)(np.real(values))
    slope = 2 / math.sqrt(math.pi) * np.exp(-np.real(values) ** 2)
    return real + 1j * np.imag(values) * slope if np.iscomplexobj(values) else real


def mean(values, axes, mask=None):
    """Mean over `axes`, kept as size 1; with a mask of the same shape, over what it leaves in."""
    if mask is None:
        return np.mean(values, axis=axes, keepdims=True)
    weights = np.broadcast_to(mask, values.shape).astype(float)
    return total(values * weights, axes) / total(weights, axes)


def total(values, axes):
    return np.sum(values, axis=axes, keepdims=True)


def variance(values, axes, mask=None, ddof=0):
    """Sum of squared deviations over `axes` divided by the count less `ddof`."""
    squares = mean((values - mean(values, axes, mask)) ** 2, axes, mask)
    if ddof == 0:
        return squares
    count = counted(values, axes, mask)
    return squares * count / (count - ddof)


def counted(values, axes, mask=None):
    """How many elements a mean over `axes` takes in."""
    weights = np.ones(values.shape) if mask is None else np.broadcast_to(mask, values.shape)
    return total(weights.astype(float), axes)


def moved(old, new, rate):
    """old + rate (new - old), the moving average; it carries no derivative."""
    return old + rate * (np.real(new).reshape(np.shape(old)) - old)


def spread(vector, rank, axis=1):
    """`vector` shaped so that it broadcasts along `axis` of an array with `rank` axes."""
    shape = [1] * rank
    shape[axis] = -1
    return np.reshape(vector, shape)


def centred_gradient(g, x, axes, eps):
    """G-CEN: r (g - E g - x^ E[g x^]) with biased variance and eps inside the root."""
    r = 1 / np.sqrt(variance(x, axes) + eps)
    unit = (x - mean(x, axes)) * r
    return r * (g - mean(g, axes) - unit * mean(g * unit, axes))


def uncentred_gradient(g, x, axes, eps):
    """G-UNC: r (g - x^ E[g x^]) with the second moment and eps inside the root."""
    r = 1 / np.sqrt(mean(x**2, axes) + eps)
    return r * (g - x * r * mean(g * x * r, axes))


def reduced(values, shape):
    """Sums of `values` over the axes along which `shape` is broadcast."""
    missing = values.ndim - len(shape)
    values = values.sum(axis=tuple(range(missing)))
    axes = tuple(i for i, size in enumerate(shape) if size == 1 and values.shape[i] != 1)
    return values.sum(axis=axes, keepdims=True)


def assert_close(actual, expected, tolerance, what):
    scale = max(float(np.max(np.abs(expected), initial=0)), 1e-3)
    error = float(np.max(np.abs(np.asarray(actual) - expected), initial=0)) / scale
    assert error <= tolerance, f"{what}: relative error {error:.2e} is above {tolerance:.0e}"


class Case:
    """One file of reference data: what is given is float32, what is computed is float64."""

    def __init__(self, name, **sizes):
        self.name = name
        self.arrays = {f"size_{axis}": np.int64(size) for axis, size in sizes.items()}
        self.random = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
        self.attributes, self.parameters, self.current = {}, {}, {}

    def normal(self, *shape, scale=1.0, shift=0.0):
        """Normal deviates with the given standard deviation and mean."""
        return rounded(self.random.standard_normal(shape) * scale + shift)

    def data(self, *shape):
        """Inputs whose rows, channels and positions have different means and spreads."""
        values = self.random.standard_normal(shape)
        for axis, size in enumerate(shape):
            values = values * spread(self.random.uniform(0.6, 1.5, size), len(shape), axis)
            values = values + spread(self.random.standard_normal(size) * 0.4, len(shape), axis)
        return rounded(values)

    def near(self, centre, *shape):
        return self.normal(*shape, scale=0.3, shift=centre)

    def settings(self, **values):
        """Scalar attributes, kept as `set_NAME`."""
        self.attributes.update(values)
        self.arrays.update({f"set_{name}": np.float64(value) for name, value in values.items()})

    def params(self, **values):
        self.parameters.update({name: given(value) for name, value in values.items()})
        self.arrays.update({f"param.{name}": stored(value) for name, value in values.items()})

    def states(self, **values):
        self.current.update({name: given(value) for name, value in values.items()})
        self.arrays.update({f"0.state.{name}": stored(value) for name, value in values.items()})

    def affine(self, *shape):
        self.params(weight=self.near(1, *shape), bias=self.near(0, *shape))

    def run(self, forward, draw, steps=ONCE, closed=None, backward=None, events=None,
            fixed=(), has_cuts=False, kept=1):
        """Runs the steps and records them.

        forward(v, phase): outputs and next states; `v` has inputs, params, states, settings.
        draw(k): the inputs of step k. `fixed`: names of inputs and params without gradient.
        closed(v, d, phase): gradients in closed form from the upstream `d`, to be checked.
        backward(v, d): gradients and next states, where the norm replaces its derivative;
            they are kept for the last `kept` training steps.
        """
        last = max((k for k, phase in enumerate(steps) if phase == "train"), default=-1)
        for k, phase in enumerate(steps):
            if phase.startswith("event:"):
                self.take_event(k, phase.removeprefix("event:"), events)
                continue
            inputs = {name: given(value) for name, value in draw(k).items()}
            v = SimpleNamespace(**self.attributes, **self.parameters, **self.current, **inputs)
            outputs, changed = forward(v, phase)
            changed = dict(changed)
            self.arrays[f"{k}.phase"] = np.int64(phase == "eval")
            self.record(k, "in", {name: stored(value) for name, value in inputs.items()})
            self.record(k, "out", outputs)
            if backward is not None and phase == "train":
                d = self.upstream(k, outputs)
                grads, written = backward(v, SimpleNamespace(**d))
                changed.update(written)
                if k > last - kept:
                    self.record(k, "grad", grads)
            elif k == last or phase == "eval":
                d = self.upstream(k, outputs)
                names = [n for n in {**inputs, **self.parameters} if n not in fixed]
                grads = gradients(forward, v, phase, d, names)
                where = f"{self.name}, step {k}"
                if not has_cuts:
                    self.check_direction(forward, v, phase, d, grads, where)
                if closed is not None:
                    for name, value in closed(v, SimpleNamespace(**d), phase).items():
                        assert_close(value, grads[name], 1e-10, f"{where}, closed {name}")
                self.record(k, "grad", grads)
            self.commit(k, changed)
        return self

    def take_event(self, k, name, events):
        self.arrays[f"{k}.event"] = np.bytes_(name)
        v = SimpleNamespace(**self.attributes, **self.parameters, **self.current)
        self.commit(k, events[name](v))

    def commit(self, k, changed):
        for name, value in changed.items():
            assert np.shape(value) == np.shape(self.current[name]), (self.name, name)
            self.current[name] = np.asarray(value)
        if changed or f"{k - 1}.phase" not in self.arrays or self.arrays[f"{k - 1}.phase"] == 0:
            self.record(k, "next", self.current)

    def upstream(self, k, outputs):
        d = {name: self.normal(*np.shape(value)) for name, value in outputs.items()
             if np.asarray(value).dtype.kind == "f"}
        self.record(k, "grad_out", {name: stored(value) for name, value in d.items()})
        return d

    def record(self, k, kind, values):
        assert not any(np.iscomplexobj(value) for value in values.values()), (self.name, k, kind)
        self.arrays.update({f"{k}.{kind}.{name}": value for name, value in values.items()})

    def check_direction(self, forward, v, phase, d, grads, where):
        """Each gradient along a random direction against two central differences."""
        for name, gradient in grads.items():
            value = getattr(v, name)
            direction = self.random.standard_normal(value.shape)

            def slope(h):
                ends = [loss(forward, changed(v, name, value + s * h * direction), phase, d)
                        for s in (1, -1)]
                return (ends[0] - ends[1]) / (2 * h)

            expected = (4 * slope(5e-5) - slope(1e-4)) / 3
            scale = float(np.sqrt(np.sum(gradient**2) * np.sum(direction**2))) + 1e-2
            error = abs(float(np.sum(gradient * direction)) - expected) / scale
            assert error < 1e-8, f"{where}: {name} is off by {error:.1e} along a direction"

    def archive(self):
        """The bytes of the .npz: stored without compression, with a fixed date."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
            for name, value in self.arrays.items():
                array = np.asarray(value, order="C")
                assert array.dtype.kind not in "fc" or np.all(np.isfinite(array)), name
                part = io.BytesIO()
                np.lib.format.write_array(part, array, version=(1, 0))
                entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
                entry.create_system, entry.external_attr = 3, 0o644 << 16
                target.writestr(entry, part.getvalue())
        return buffer.getvalue()


def given(value):
    """What is given is computed with in float64; masks and counters keep their type."""
    array = np.asarray(value)
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def stored(value):
    """What is given is kept as float32, masks as bool, counters and ids as int64."""
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return array if array.dtype.kind == "b" else array.astype(np.int64)
    single = array.astype(np.float32)
    assert np.array_equal(single.astype(np.float64), array), "a given value is not a float32"
    return single


def changed(v, name, value):
    return SimpleNamespace(**{**vars(v), name: value})


def loss(forward, v, phase, d):
    outputs, _ = forward(v, phase)
    return sum(np.sum(d[name] * outputs[name]) for name in d)


def gradients(forward, v, phase, d, names):
    """Derivatives of sum(d y) for the named float arrays, element by element."""
    result = {}
    for name in names:
        value = getattr(v, name)
        if value.dtype.kind != "f":
            continue
        gradient = np.zeros(value.shape)
        for index in np.ndindex(value.shape):
            moved = value.astype(np.complex128)
            moved[index] += 1j * STEP
            gradient[index] = np.imag(loss(forward, changed(v, name, moved), phase, d)) / STEP
        result[name] = gradient
    return result


def write(variants):
    """Rewrites the files of these variants."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for variant in variants:
        case = variant()
        data = case.archive()
        (FOLDER / f"{case.name}.npz").write_bytes(data)
        print(f"{case.name}.npz: {len(data)} bytes")
