"""Single products, at their best in the libraries that come with numpy and torch.

openblas is numpy's matmul, mkl is torch.mm and onednn is dnnl_sgemm, all into a
given array. What a call costs where there is nothing to multiply stands in the
settings: it is part of every figure.
"""
import ctypes
import functools
import glob
import os
import re
import sys
import timeit

import numpy as np

import events


def openblas(x, w, threads):
    c = np.empty((x.shape[0], w.shape[1]), np.float32)
    return lambda: np.matmul(x, w, out=c)


def mkl(x, w, threads):
    import torch

    torch.set_num_threads(threads)
    x, w, c = torch.from_numpy(x), torch.from_numpy(w), torch.empty(x.shape[0], w.shape[1])
    return lambda: torch.mm(x, w, out=c)


def onednn(x, w, threads):
    c = np.empty((x.shape[0], w.shape[1]), np.float32)
    size, one = ctypes.c_int64, ctypes.c_float
    multiply = dnnl().dnnl_sgemm
    multiply.argtypes = [ctypes.c_char, ctypes.c_char, size, size, size, one, ctypes.c_void_p, size,
                         ctypes.c_void_p, size, one, ctypes.c_void_p, size]
    args = (letter(x), letter(w), *c.shape, x.shape[1], 1, x.ctypes.data, stride(x), w.ctypes.data, stride(w),
            0, c.ctypes.data, c.shape[1])

    def call(operands=(x, w)):  # which the addresses alone do not keep
        multiply(*args)
        return c

    return call


@functools.cache
def dnnl():
    try:
        return ctypes.CDLL(os.path.join(sys.prefix, "lib", "libdnnl.so.3"))
    except OSError as e:
        raise SystemExit(f"not installed: {e}")


def letter(x):
    return b"N" if x.flags.c_contiguous else b"T"


def stride(x):
    return x.shape[1] if x.flags.c_contiguous else x.shape[0]


LIBRARIES = {"openblas": openblas, "mkl": mkl, "onednn": onednn}


def version(peer):
    if peer == "mkl":
        import torch

        found = re.search(r"Math Kernel Library Version (\S+)", torch.__config__.show())
        if not found:
            raise SystemExit(f"torch {torch.__version__} has no MKL")
        return f"MKL {found[1]} of torch {torch.__version__}"
    if peer == "onednn":
        class Version(ctypes.Structure):
            _fields_ = [(part, ctypes.c_int) for part in ("major", "minor", "patch")]

        dnnl().dnnl_version.restype = ctypes.POINTER(Version)
        v = dnnl().dnnl_version()[0]
        return f"oneDNN {v.major}.{v.minor}.{v.patch}"
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    core = ""
    for path in glob.glob(os.path.join(os.path.dirname(np.__file__), "..", "numpy.libs", "libscipy_openblas*")):
        name = ctypes.CDLL(path).scipy_openblas_get_corename64_
        name.restype = ctypes.c_char_p
        core = f", {name().decode()} kernels"
    return f"{blas['name']} {blas['version']} of numpy {np.__version__}{core}"


class Last:
    """Stands for the loss: the last element of the product."""

    product = None

    def mean(self):
        return self.product[-1, -1]


def stored(stream, rows, cols, transposed):
    flat = events.uniform(stream, np.arange(rows * cols)).astype(np.float32)
    return flat.reshape(cols, rows).T if transposed else flat.reshape(rows, cols)


def open_work(peer, model, batch, threads):
    family, letters, sizes = model.split("-")
    k, n = map(int, sizes.split("x"))
    x, w = stored(3, batch, k, letters[0] == "t"), stored(4, k, n, letters[1] == "t")
    tiny = LIBRARIES[peer](x[:1, :1].copy(), w[:1, :1].copy(), threads)
    call = min(timeit.repeat(tiny, number=1000, repeat=10)) / 1000
    multiply, last = LIBRARIES[peer](x, w, threads), Last()

    def step():
        last.product = multiply()
        return last

    return {
        "step": step,
        "sync": lambda nats: None,
        "params": k * n,
        "settings": f"{version(peer)}, {threads} threads, {1e6 * call:.1f} µs a call",
    }
