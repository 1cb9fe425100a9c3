"""Measures norms of other libraries, for `make bench PEERS=/path/to/python`.

Reads requests, one JSON object on a line, and answers each with one:

    {"peer": "layer_norm", "sizes": {"N": 64, "C": 768}, "type": "f32",
     "direction": "forward", "seconds": 0.3}
    {"times": {"torch": [nanoseconds of a call, ...], "compile": [...], "jax": [...], ...}}

The method is that of the program which asks: one thread; rounds in which each library runs once
unmeasured and then in one measured batch of at least 20 us. Libraries that are missing are left
out, and so are norms that a library does not have.
"""

import ctypes
import json
import math
import os
import sys
import time

# Before the libraries read them.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

# What libraries print goes to the standard error: the output is for answers.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None
try:
    import jax
    import jax.numpy as jnp
except ImportError:
    jax = None

try:
    import numpy
except ImportError:
    numpy = None

BATCH = 20_000  # nanoseconds
LEAST_ROUNDS = 4
EPS = 1e-5


def tensor_shape(peer, sizes):
    """The shape of x: a run of places is two dimensions where it is a square."""
    places = sizes.get("S")
    if peer in ("batch_norm", "group_norm") and places:
        side = round(places**0.5)
        return [sizes["N"], sizes["C"], side, places // side]
    return [sizes[name] for name in ("N", "T", "S", "C") if name in sizes]


# ---- PyTorch --------------------------------------------------------------------------------


def torch_norm(peer, sizes):
    """The norm as a function of x and the parameters, and the shapes of these."""
    functional = torch.nn.functional
    channels = sizes["C"]
    affine = [[channels], [channels]]
    if peer == "layer_norm":
        return lambda x, w, b: functional.layer_norm(x, [channels], w, b, EPS), affine
    if peer == "layer_norm_gelu":
        return (lambda x, w, b: functional.gelu(functional.layer_norm(x, [channels], w, b, EPS)),
                affine)
    if peer == "rms_norm":
        return lambda x, w: functional.rms_norm(x, [channels], w, 1e-6), affine[:1]
    if peer == "softmax":
        return lambda x: functional.softmax(x, -1), []
    if peer == "batch_norm":
        mean, var = torch.zeros(channels), torch.ones(channels)
        return (lambda x, w, b: functional.batch_norm(x, mean, var, w, b, True, 0.1, EPS), affine)
    if peer == "group_norm":
        groups = sizes["G"]
        return lambda x, w, b: functional.group_norm(x, groups, w, b, EPS), affine
    if peer == "ada_layer_norm":
        return (lambda x, scale, shift: functional.layer_norm(x, [channels], None, None, 1e-6)
                * (1 + scale) + shift, [[sizes["N"], 1, channels]] * 2)
    if peer == "global_response_norm":
        def response(x, w, b):
            length = torch.linalg.vector_norm(x, dim=1, keepdim=True)
            return w * x * (length / (length.mean(-1, keepdim=True) + 1e-6)) + b + x
        return response, affine
    return None


def torch_subjects(peer, sizes, kind, direction):
    """Calls of PyTorch, eager and compiled."""
    found = torch_norm(peer, sizes)
    if found is None:
        return {}
    norm, shapes = found
    type_ = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16,
             "f16": torch.float16}[kind]
    torch.manual_seed(1)
    x = torch.rand(tensor_shape(peer, sizes)).mul_(4).sub_(2).to(type_)
    # PyTorch mixes 16-bit data with float32 parameters in batch norm, whose states are float32.
    beside = torch.float32 if peer == "batch_norm" else type_
    parameters = [torch.rand(shape).add_(0.5).to(beside) for shape in shapes]
    torch._dynamo.reset()
    # Each has states of its own: what changes between forward and backward is refused.
    calls = {"torch": norm, "compile": torch.compile(torch_norm(peer, sizes)[0], dynamic=False)}
    subjects = {}
    for name, call in calls.items():
        if direction == "forward":
            # What backward needs is kept, as in training.
            inputs = [t.detach().clone().requires_grad_() for t in (x, *parameters)]
            subjects[name] = lambda call=call, inputs=inputs: call(*inputs)
        else:
            inputs = [t.detach().clone().requires_grad_() for t in (x, *parameters)]
            y = call(*inputs)
            d_y = torch.rand_like(y)
            subjects[name] = lambda y=y, inputs=inputs, d_y=d_y: torch.autograd.grad(
                y, inputs, d_y, retain_graph=True)
    return subjects


# ---- JAX ------------------------------------------------------------------------------------


def jax_norm(peer, sizes):
    """The norm as a function of x and the parameters, and the shapes of these."""
    channels = sizes["C"]
    affine = [[channels], [channels]]

    def standardized(x, axes, eps=EPS):
        mean = x.mean(axes, keepdims=True)
        var = jnp.square(x - mean).mean(axes, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(var + eps)

    def along_channels(p, x):
        return p.reshape([1, -1] + [1] * (x.ndim - 2))

    if peer == "layer_norm":
        return lambda x, w, b: standardized(x, -1) * w + b, affine
    if peer == "layer_norm_gelu":
        return lambda x, w, b: jax.nn.gelu(standardized(x, -1) * w + b, False), affine
    if peer == "rms_norm":
        return (lambda x, w: x * jax.lax.rsqrt(jnp.square(x).mean(-1, keepdims=True) + 1e-6) * w,
                affine[:1])
    if peer == "softmax":
        return lambda x: jax.nn.softmax(x, -1), []
    if peer == "batch_norm":
        def batch(x, w, b):
            axes = tuple(i for i in range(x.ndim) if i != 1)
            return standardized(x, axes) * along_channels(w, x) + along_channels(b, x)
        return batch, affine
    if peer == "group_norm":
        def group(x, w, b):
            groups = standardized(x.reshape([x.shape[0], sizes["G"], -1]), -1).reshape(x.shape)
            return groups * along_channels(w, x) + along_channels(b, x)
        return group, affine
    if peer == "ada_layer_norm":
        return (lambda x, scale, shift: standardized(x, -1, 1e-6) * (1 + scale) + shift,
                [[sizes["N"], 1, channels]] * 2)
    if peer == "global_response_norm":
        def response(x, w, b):
            length = jnp.sqrt(jnp.square(x).sum(1, keepdims=True))
            return w * x * (length / (length.mean(-1, keepdims=True) + 1e-6)) + b + x
        return response, affine
    return None


def jax_subjects(peer, sizes, kind, direction):
    """Calls of JAX: forward with what backward keeps, and backward from that."""
    found = jax_norm(peer, sizes)
    if found is None or kind == "f64":
        return {}
    norm, shapes = found
    type_ = {"f32": jnp.float32, "bf16": jnp.bfloat16, "f16": jnp.float16}[kind]
    keys = jax.random.split(jax.random.key(1), len(shapes) + 2)
    x = jax.random.uniform(keys[0], tensor_shape(peer, sizes), type_, -2, 2)
    parameters = [jax.random.uniform(key, shape, type_, 0.5, 1.5)
                  for key, shape in zip(keys[2:], shapes)]
    forward = jax.jit(lambda *inputs: jax.vjp(norm, *inputs))
    y, pull = forward(x, *parameters)
    if direction == "forward":
        return {"jax": lambda: jax.block_until_ready(forward(x, *parameters))}
    d_y = jax.random.uniform(keys[1], y.shape, y.dtype, -2, 2)
    backward = jax.jit(lambda pull, d_y: pull(d_y))
    return {"jax": lambda: jax.block_until_ready(backward(pull, d_y))}


# ---- oneDNN ---------------------------------------------------------------------------------


class OneDNN:
    """oneDNN through its C interface: a package such as onednn-cpu-gomp has the library."""

    __name__ = "oneDNN"
    TYPES = {"f16": (1, "float16"), "bf16": (2, "uint16"), "f32": (3, "float32")}
    CPU, IN_ORDER, TRAINING, BACKWARD, SOFTMAX = 1, 1, 64, 128, 0x30000
    SCALE_AND_SHIFT, SCALE_OF_RMS = 2 | 4, 2 | 0x20
    SRC, DST, MEAN, VARIANCE, SCALE, SHIFT = 1, 17, 49, 50, 51, 52
    D_SRC, D_DST, D_SCALE, D_SHIFT = 129, 145, 255, 256

    class Argument(ctypes.Structure):
        """`dnnl_exec_arg_t`"""
        _fields_ = [("name", ctypes.c_int), ("memory", ctypes.c_void_p)]

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        self.kept = []
        self.engine, self.stream = ctypes.c_void_p(), ctypes.c_void_p()
        self.call("engine_create", ctypes.byref(self.engine), self.CPU, ctypes.c_size_t(0))
        self.call("stream_create", ctypes.byref(self.stream), self.engine, self.IN_ORDER)

    def call(self, name, *arguments):
        """Calls a function of the library that returns a status."""
        status = getattr(self.library, "dnnl_" + name)(*arguments)
        if status != 0:
            raise RuntimeError(f"{name}: status {status}")

    def layout(self, shape, kind):
        """A description of an array of rows."""
        strides = [math.prod(shape[i + 1:]) for i in range(len(shape))]
        sizes = ctypes.c_int64 * 12
        made = ctypes.c_void_p()
        self.call("memory_desc_create_with_strides", ctypes.byref(made), len(shape),
                  sizes(*shape), self.TYPES[kind][0], sizes(*strides))
        return made

    def array(self, shape, kind, low=0.5, high=1.5):
        """Numbers in a range, in memory that lasts until the next subjects are made."""
        numbers = numpy.random.default_rng(1).uniform(low, high, shape).astype("float32")
        if kind == "bf16":
            numbers = (numbers.view("uint32") >> 16).astype("uint16")
        numbers = numpy.ascontiguousarray(numbers.astype(self.TYPES[kind][1]))
        memory = ctypes.c_void_p()
        self.call("memory_create", ctypes.byref(memory), self.layout(shape, kind), self.engine,
                  ctypes.c_void_p(numbers.ctypes.data))
        self.kept.append(numbers)
        return memory

    def described(self, name, direction, *arguments):
        """The description of a primitive."""
        made = ctypes.c_void_p()
        self.call(f"{name}_{direction}_primitive_desc_create", ctypes.byref(made), self.engine,
                  *arguments)
        return made

    def subject(self, description, arrays):
        """A call of the primitive; it returns when the work is done."""
        primitive = ctypes.c_void_p()
        self.call("primitive_create", ctypes.byref(primitive), description)
        arguments = (self.Argument * len(arrays))(*[
            self.Argument(name, memory) for name, memory in arrays.items()])
        execute, wait = self.library.dnnl_primitive_execute, self.library.dnnl_stream_wait
        stream, count = self.stream, len(arrays)
        def run():
            if execute(primitive, stream, count, arguments) != 0 or wait(stream) != 0:
                raise RuntimeError("a primitive failed")
        return run

    def subjects(self, peer, sizes, kind, direction):
        """Calls of oneDNN: in training, as the others."""
        self.kept = []
        if kind not in self.TYPES:
            return {}
        shape = tensor_shape(peer, sizes)
        data = self.layout(shape, kind)
        arrays = {self.SRC: self.array(shape, kind, -2, 2), self.DST: self.array(shape, kind)}
        gradients = {self.D_SRC: self.array(shape, kind),
                     self.D_DST: self.array(shape, kind, -2, 2)}
        if peer == "softmax":
            axis = len(shape) - 1
            forward = self.described("softmax", "forward", self.TRAINING, self.SOFTMAX, data, data,
                                     axis, None)
            if direction == "forward":
                return {"onednn": self.subject(forward, arrays)}
            self.subject(forward, arrays)()
            backward = self.described("softmax", "backward", self.SOFTMAX, data, data, data, axis,
                                      forward, None)
            return {"onednn": self.subject(
                backward, {self.DST: arrays[self.DST], **gradients})}
        # By peer: the primitive, the shape of its statistics, what else describes it.
        found = {
            "layer_norm": ("layer_normalization", shape[:-1], []),
            "rms_norm": ("layer_normalization", shape[:-1], []),
            "batch_norm": ("batch_normalization", [sizes["C"]], []),
            "group_norm": ("group_normalization", [sizes["N"], sizes.get("G", 1)],
                           [ctypes.c_int64(sizes.get("G", 1))]),
        }.get(peer)
        if found is None:
            return {}
        name, statistics, more = found
        flags = self.SCALE_OF_RMS if peer == "rms_norm" else self.SCALE_AND_SHIFT
        layout = [self.layout(statistics, "f32")] if name == "layer_normalization" else []
        rest = [*layout, *more, ctypes.c_float(1e-6 if peer == "rms_norm" else EPS), flags]
        forward = self.described(name, "forward", self.TRAINING, data, data, *rest, None)
        channels = [sizes["C"]]
        arrays[self.VARIANCE] = self.array(statistics, "f32")
        arrays[self.SCALE] = self.array(channels, "f32")
        gradients[self.D_SCALE] = self.array(channels, "f32")
        if peer != "rms_norm":
            arrays[self.MEAN] = self.array(statistics, "f32")
            arrays[self.SHIFT] = self.array(channels, "f32")
            gradients[self.D_SHIFT] = self.array(channels, "f32")
        if direction == "forward":
            return {"onednn": self.subject(forward, arrays)}
        self.subject(forward, arrays)()
        backward = self.described(
            name, "backward", self.BACKWARD, data, data, data, *rest, forward, None)
        arrays.pop(self.DST)
        if name != "layer_normalization":  # Which takes the shift here as well.
            arrays.pop(self.SHIFT, None)
        return {"onednn": self.subject(backward, {**arrays, **gradients})}


def found_onednn():
    """oneDNN, if the Python has it with a runtime that calls functions rather than queues."""
    path = os.path.join(sys.prefix, "lib", "libdnnl.so.3")
    if numpy is None or not os.path.exists(path):
        return None
    try:
        return OneDNN(path)
    except (OSError, RuntimeError) as error:
        print(f"oneDNN: {error}", file=sys.stderr)
        return None


onednn = found_onednn()


# ---- Measuring ------------------------------------------------------------------------------


def batch_time(call, count):
    """The mean nanoseconds of some calls that follow one another."""
    start = time.perf_counter_ns()
    for _ in range(count):
        call()
    return (time.perf_counter_ns() - start) / count


def measure(subjects, seconds):
    """Nanoseconds of single calls, by name, from rounds in which the subjects take turns."""
    counts = {}
    for name, call in subjects.items():
        call()
        call()
        counts[name] = max(1, int(BATCH / max(batch_time(call, 1), 1)))
    times = {name: [] for name in subjects}
    end = time.monotonic() + seconds
    round_ = 0
    while round_ < LEAST_ROUNDS or (time.monotonic() < end and round_ < 400):
        names = list(subjects)
        for name in names[round_ % len(names):] + names[:round_ % len(names)]:
            subjects[name]()
            times[name].append(batch_time(subjects[name], counts[name]))
        round_ += 1
    return times


def made_subjects(request):
    """All calls for a request; what a library cannot do is said on the standard error."""
    key = (request["peer"], request["sizes"], request["type"], request["direction"])
    subjects = {}
    for library, make in ((torch, torch_subjects), (jax, jax_subjects),
                          (onednn, onednn and onednn.subjects)):
        if library is None:
            continue
        try:
            made = make(*key)
            for call in made.values():
                call()
            subjects.update(made)
        except Exception as error:  # One library's refusal must not hide the others.
            print(f"{library.__name__}: {key}: {error}", file=sys.stderr)
    return subjects


def main():
    """Answers requests until there are no more."""
    last, subjects = None, {}
    for line in sys.stdin:
        request = json.loads(line)
        seconds = request.pop("seconds")
        try:
            # The next rounds of one case go on with the same arrays.
            if request != last:
                subjects = {}
                subjects = made_subjects(request)
                last = request
            answer = {"times": measure(subjects, seconds) if subjects else {}}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=ANSWERS, flush=True)


main()
