"""The works in JAX: a whole step is one jitted program, its state donated.

Masks act on gradients as in torch_works.py. Draws are by the backend's own
generator, the fastest. XLA sizes its pool of threads by the processors that it
may run on.
"""
import math
import os
import sys

import numpy as np


def limit(threads):
    """Must run before jax is imported."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    os.environ.setdefault("JAX_PLATFORMS", "cpu")


limit(int(os.environ.get("OMP_NUM_THREADS", "2")))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

import events  # noqa: E402


class Draw:
    """Draws initial weights."""

    def __init__(self):
        self.random = np.random.default_rng(0)

    def mlp(self, *sizes, zero=False, glorot=False):
        """Linear layers; zero is a last layer of zeros."""
        layers = []
        for i in range(len(sizes) - 1):
            last = i == len(sizes) - 2
            w = events.weights(self.random, sizes[i], sizes[i + 1], glorot or last) * (0 if last and zero else 1)
            layers.append({"w": w.astype(np.float32), "b": np.zeros(sizes[i + 1], np.float32)})
        return layers

    def masked(self, *degrees):
        """Linear layers between units of the given degrees, the last of zeros, and their masks."""
        layers, masks = [], []
        for i in range(len(degrees) - 1):
            last = i == len(degrees) - 2
            open_ = events.mask(degrees[i], degrees[i + 1], strict=last)
            w, b = events.masked_weights(self.random, open_), np.zeros(len(degrees[i + 1]), np.float32)
            layers.append({"w": w * np.float32(not last), "b": b})
            masks.append({"w": open_.astype(np.float32), "b": b + 1})
        return layers, masks


def mlp(layers, x, f):
    for l in layers[:-1]:
        x = f(x @ l["w"] + l["b"])
    return x @ layers[-1]["w"] + layers[-1]["b"]


def cross_entropy(logits, x):
    return (jax.nn.softplus(logits) - x * logits).sum(-1)


def made():
    x, (d, h) = events.bits(), events.degrees(events.PIXELS, 500)
    params, masks = Draw().masked(d, h, d)
    params[-1]["b"] = events.log_odds(x)
    return x, params, masks, lambda p, x, key: cross_entropy(mlp(p, x, jax.nn.relu), x)


def affine(x, params):
    r, t = jnp.split(params, 2, 1)
    s = 2 * jnp.tanh(r / 2)
    return x * jnp.exp(s) + t, s.sum(1)


def standard_nats(z):
    return 0.5 * (z * z).sum(1) + 0.5 * z.shape[1] * math.log(2 * math.pi)


def maf():
    d, h = events.degrees(events.COLUMNS, 512)
    draw = Draw()
    params, masks = zip(*[draw.masked(d, h, h, np.concatenate([d, d])) for _ in range(5)])

    def nats(p, x, key):
        log_det = 0
        for net in p:
            x, s = affine(x, mlp(net, x, jax.nn.relu))
            x, log_det = x[:, ::-1], log_det + s
        return standard_nats(x) - log_det

    return events.reals().astype(np.float32), params, masks, nats


def realnvp():
    x, keep, draw = events.reals(), events.COLUMNS // 2, Draw()
    params = [draw.mlp(keep, 512, 512, 2 * (43 - keep), zero=True) for _ in range(5)]
    orders = [draw.random.permutation(43) if i % 2 == 0 else np.arange(43)[::-1].copy() for i in range(5)]
    offset = float(np.log(x.std(0)).sum())

    def nats(p, x, key):
        log_det = 0
        for net, order in zip(p, orders):
            x = x[:, order]
            moved, s = affine(x[:, keep:], mlp(net, x[:, :keep], jax.nn.relu))
            x, log_det = jnp.concatenate([x[:, :keep], moved], 1), log_det + s
        return standard_nats(x) - log_det + offset

    return ((x - x.mean(0)) / x.std(0)).astype(np.float32), params, None, nats


def vae(draws):
    x, draw = events.bits(), Draw()
    params = {"encoder": draw.mlp(784, 200, 200, 100, glorot=True), "decoder": draw.mlp(50, 200, 200, 784, glorot=True)}
    params["decoder"][-1]["b"] = events.log_odds(x)

    def nats(p, x, key):
        mean, raw = jnp.split(mlp(p["encoder"], x, jnp.tanh), 2, 1)
        log_sd = 7 * jnp.tanh(raw / 7)
        sd = jnp.exp(log_sd)
        if draws == 1:
            z = mean + sd * jax.random.normal(key, mean.shape)
            kl = (0.5 * (mean * mean + sd * sd - 1) - log_sd).sum(1)
            return cross_entropy(mlp(p["decoder"], z, jnp.tanh), x) + kl
        e = jax.random.normal(key, (len(x), draws, 50))
        z = mean[:, None] + sd[:, None] * e
        recon = -cross_entropy(mlp(p["decoder"], z, jnp.tanh), x[:, None])
        log_w = recon + (0.5 * (e * e - z * z)).sum(2) + log_sd.sum(1, keepdims=True)
        return math.log(draws) - jax.scipy.special.logsumexp(log_w, 1)

    return x, params, None, nats


def transformer():
    width, heads, hidden, n = 128, 4, 512, events.SYMBOLS
    draw = Draw()
    zeros, ones = np.zeros(width, np.float32), np.ones(width, np.float32)
    norm = lambda: {"gain": ones, "bias": zeros}
    linear = lambda *sizes, **how: draw.mlp(*sizes, **how)[0]
    table = lambda rows: (0.02 * draw.random.standard_normal((rows, width))).astype(np.float32)
    block = lambda: {"norm1": norm(), "qkv": linear(width, 3 * width), "out": linear(width, width),
                     "norm2": norm(), "up": linear(width, hidden), "down": linear(hidden, width)}
    params = {"symbols": table(n + 1), "positions": table(events.TOKENS), "blocks": [block(), block()],
              "norm": norm(), "out": linear(width, n, zero=True)}

    def normalized(p, x):
        c = x - x.mean(-1, keepdims=True)
        return c * jax.lax.rsqrt((c * c).mean(-1, keepdims=True) + 1e-5) * p["gain"] + p["bias"]

    def affine(p, x):
        return x @ p["w"] + p["b"]

    def nats(p, x, key):
        b, t = x.shape
        seen = jnp.pad(x[:, :-1], ((0, 0), (1, 0)), constant_values=n)
        h = p["symbols"][seen] + p["positions"]
        for l in p["blocks"]:
            q, k, v = jnp.moveaxis(affine(l["qkv"], normalized(l["norm1"], h)).reshape(b, t, 3, heads, width // heads), 2, 0)
            y = jax.nn.dot_product_attention(q, k, v, is_causal=True)
            h = h + affine(l["out"], y.reshape(b, t, width))
            h = h + affine(l["down"], jax.nn.gelu(affine(l["up"], normalized(l["norm2"], h)), approximate=False))
        logits = jax.nn.log_softmax(affine(p["out"], normalized(p["norm"], h)))
        return -jnp.take_along_axis(logits, x[:, :, None], 2).sum((1, 2))

    return events.texts().astype(np.int32), params, None, nats



def pixelcnn():
    x, draw, params, masks = events.bits(), Draw(), [], []
    for i in range(5):
        open_ = events.causal(64 if i else 1, 64, strict=i == 0)
        w = events.masked_weights(draw.random, open_.reshape(-1, 64)).reshape(open_.shape)
        params.append({"w": w, "b": np.zeros(64, np.float32)})
        masks.append({"w": open_.astype(np.float32), "b": np.ones(64, np.float32)})
    params.append({"w": np.zeros((64, 1), np.float32), "b": np.zeros(1, np.float32)})
    masks.append(jax.tree.map(np.ones_like, params[-1]))

    def nats(p, x, key):
        h = x.reshape(-1, 28, 28, 1)
        for l in p[:-1]:
            h = jax.lax.conv_general_dilated(h, l["w"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            h = jax.nn.relu(h + l["b"])
        return cross_entropy((h @ p[-1]["w"] + p[-1]["b"]).reshape(x.shape), x)

    return x, params, masks, nats


BUILD = {"made": made, "score": made, "sample": made, "sample-passes": made, "maf": maf, "realnvp": realnvp, "vae": lambda: vae(1), "iwae": lambda: vae(50),
         "pixelcnn": pixelcnn, "transformer": transformer}


def adam_step(nats, masks, batch):
    """A jitted step: (params, m, v, t), events → the next, loss."""

    def step(state, x, at):
        p, m, v, t = state
        rows = jnp.take(x, (at + jnp.arange(batch)) % len(x), axis=0)
        key = jax.random.fold_in(jax.random.key(0, impl="unsafe_rbg"), at)
        loss, g = jax.value_and_grad(lambda p: nats(p, rows, key).mean())(p)
        if masks is not None:
            g = jax.tree.map(jnp.multiply, g, masks)
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        c1, c2 = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
        p = jax.tree.map(lambda p, m, v: p - 1e-3 * m * c1 / (jnp.sqrt(v * c2) + 1e-8), p, m, v)
        return (p, m, v, t), loss

    return jax.jit(step, donate_argnums=0)


def training(x, params, masks, nats, batch):
    """Returns the step, and what reads the parameters."""
    state = jax.tree.map(jnp.asarray, (params, jax.tree.map(np.zeros_like, params), jax.tree.map(np.zeros_like, params), np.float32(0)))
    x, once, at = jnp.asarray(x), adam_step(nats, masks, batch), 0

    def step():
        nonlocal state, at
        state, loss = once(state, x, at)
        at = (at + batch) % len(x)
        return loss

    return step, lambda: state[0]


def scoring(x, params, masks, nats, batch):
    train, read = training(x, params, masks, nats, 100)
    for _ in range(20):
        train()
    trained = read()
    score = jax.jit(lambda p, x: nats(p, x, None))
    batches = [jnp.asarray(x[lo : lo + batch]) for lo in range(0, len(x) - batch + 1, batch)]
    at = 0

    def step():
        nonlocal at
        out = score(trained, batches[at % len(batches)])
        at += 1
        out.block_until_ready()  # a user reads each score
        return out

    return step


def sampling(x, params, masks, nats, batch, passes):
    """Draws images: by a whole pass for every pixel, or with the sums into hidden units kept."""
    train, read = training(x, params, masks, nats, 100)
    for _ in range(20):
        train()
    trained = read()
    mean = nats(trained, jnp.asarray(x[:100]), None).mean()
    d = x.shape[1]

    def pixel_by_pass(i, carry, hidden, out, thresholds):
        v, _ = carry
        logits = jax.nn.relu(v @ hidden["w"] + hidden["b"]) @ out["w"] + out["b"]
        return v.at[:, i].set(thresholds[:, i] < logits[:, i]), carry[1]

    def pixel_by_sums(i, carry, hidden, columns, out, thresholds):
        v, sums = carry
        bit = (thresholds[:, i] < jax.nn.relu(sums) @ columns[i] + out["b"][i]).astype(v.dtype)
        return v.at[:, i].set(bit), sums + bit[:, None] * hidden["w"][i]

    @jax.jit
    def draw(p, columns, key):
        hidden, out = p
        thresholds = jax.scipy.special.logit(jax.random.uniform(key, (batch, d), minval=1e-9))
        start = jnp.zeros((batch, d)), jnp.broadcast_to(hidden["b"], (batch, len(hidden["b"])))
        if passes:
            return jax.lax.fori_loop(0, d, lambda i, c: pixel_by_pass(i, c, hidden, out, thresholds), start)[0]
        return jax.lax.fori_loop(0, d, lambda i, c: pixel_by_sums(i, c, hidden, columns, out, thresholds), start)[0]

    columns, at = jnp.asarray(trained[1]["w"].T.copy()), 0

    def step():
        nonlocal at
        at += 1
        draw(trained, columns, jax.random.fold_in(jax.random.key(0, impl="unsafe_rbg"), at)).block_until_ready()
        return mean

    return step


def open_work(peer, model, batch, threads):
    if model not in BUILD:
        sys.exit(f"unknown work {model}")
    x, params, masks, nats = BUILD[model]()
    count = masks if masks is not None else jax.tree.map(np.ones_like, params)
    if model.startswith("sample"):
        step = sampling(x, params, masks, nats, batch, model == "sample-passes")
    else:
        step = scoring(x, params, masks, nats, batch) if model == "score" else training(x, params, masks, nats, batch)[0]
    return {
        "step": step,
        "sync": lambda nats: nats.block_until_ready(),
        "params": int(sum(a.sum() for a in jax.tree.leaves(count))),
        "settings": f"jax {jax.__version__}, {threads} threads, step jitted, state donated",
    }
