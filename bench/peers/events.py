"""The events of ours, drawn by the same integer hash: see bench/events.go."""
import numpy as np

SIZE, PIXELS, COLUMNS = 2000, 784, 43
TOKENS, SYMBOLS = 256, 256


def uniform(stream, i):
    """Element i of a stream of floats in [0, 1), by SplitMix64's finaliser."""
    with np.errstate(over="ignore"):
        x = (np.uint64(stream << 40) + i.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def bits():
    """(2000, 784): one of ten prototypes, a twentieth of the bits turned over."""
    i = np.arange(SIZE * PIXELS)
    prototype = uniform(0, i // PIXELS % 10 * PIXELS + i % PIXELS) < 0.3
    flipped = uniform(1, i) < 0.05
    return (prototype ^ flipped).astype(np.float32).reshape(SIZE, PIXELS)


def reals():
    """(2000, 43) in float64: x_0 = e_0, x_j = 0.8 x_{j-1} + 0.6 e_j."""
    i = np.arange(SIZE * COLUMNS)
    e = 2 * (uniform(2, 3 * i) + uniform(2, 3 * i + 1) + uniform(2, 3 * i + 2) - 1.5)
    x = e.reshape(SIZE, COLUMNS)
    for j in range(1, COLUMNS):
        x[:, j] = 0.8 * x[:, j - 1] + 0.6 * x[:, j]
    return x


def texts():
    """(2000, 256): symbols, of which three in four follow from the one before."""
    i = np.arange(SIZE * TOKENS)
    fresh = (uniform(3, i) < 0.25).reshape(SIZE, TOKENS)
    x = (SYMBOLS * uniform(4, i)).astype(np.int64).reshape(SIZE, TOKENS)
    for t in range(1, TOKENS):
        x[:, t] = np.where(fresh[:, t], x[:, t], (5 * x[:, t - 1] + 17) % SYMBOLS)
    return x


def log_odds(x):
    """The columns' log-odds, each value counted half a time more than it occurs."""
    ones = x.sum(0) + 0.5
    return np.log(ones / (len(x) + 1 - ones)).astype(np.float32)


def degrees(dims, units):
    """Degrees of the inputs 1..dims and of hidden units, spread evenly."""
    return np.arange(1, dims + 1), 1 + np.arange(units) * (dims - 1) // units


def weights(random, into, out, glorot=False):
    """Initial weights (into, out), by He's rule or Glorot's."""
    bound = np.sqrt(6 / (into + out if glorot else into))
    return random.uniform(-bound, bound, (into, out)).astype(np.float32)


def masked_weights(random, mask):
    """Initial weights under a mask (into, out), by He's rule for the mean fan-in."""
    used = np.count_nonzero(mask.any(0))
    bound = np.sqrt(6 / (mask.sum() // used))
    return (random.uniform(-bound, bound, mask.shape) * mask).astype(np.float32)


def causal(into, out, strict):
    """Open weights (3, 3, into, out) of a window that sees the pixels before its own, and its own unless strict."""
    open_ = np.zeros((9, into, out), bool)
    open_[: 4 if strict else 5] = True
    return open_.reshape(3, 3, into, out)


def mask(into, out, strict=False):
    """Open weights (into, out) between units of the given degrees."""
    return into[:, None] < out[None] if strict else into[:, None] <= out[None]
