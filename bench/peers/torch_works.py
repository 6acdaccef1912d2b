"""The works in PyTorch, at its best settings on a processor.

Masks act on gradients: weights begin masked, a masked gradient keeps them so,
and no product has to mask them again. Adam is the fused one. Subnormals are
flushed. With torch-compile, loss and gradient are compiled by Inductor.
"""
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import events

os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # no processes that outlive this one


random = np.random.default_rng(0)


def mlp(sizes, f, zero=False):
    """Linear layers with f between them; zero is a last layer of zeros."""
    layers = []
    for i in range(len(sizes) - 1):
        last = i == len(sizes) - 2
        layer = nn.Linear(sizes[i], sizes[i + 1])
        w = events.weights(random, sizes[i], sizes[i + 1], f is nn.Tanh or last) * (0 if last and zero else 1)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w.T))
            layer.bias.zero_()
        layers += [layer] if last else [layer, f()]
    return nn.Sequential(*layers)


class Masked(nn.Linear):
    """Linear of which closed weights are and stay zero."""

    def __init__(self, into, out, strict=False, zero=False):
        super().__init__(len(into), len(out))
        mask = events.mask(into, out, strict)
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(events.masked_weights(random, mask).T * (0 if zero else 1)))
            self.bias.zero_()
        self.open = int(mask.sum()) + len(out)
        self.mask = torch.from_numpy(mask.T.copy()).float()
        self.weight.register_post_accumulate_grad_hook(self.close)

    def close(self, weight):
        weight.grad.mul_(self.mask)


class MADE(nn.Module):
    def __init__(self, x):
        super().__init__()
        d, h = events.degrees(events.PIXELS, 500)
        self.hidden, self.out = Masked(d, h), Masked(h, d, strict=True, zero=True)
        with torch.no_grad():
            self.out.bias.copy_(torch.from_numpy(events.log_odds(x)))

    def forward(self, x):
        logits = self.out(F.relu(self.hidden(x)))
        return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)

    def score(self, x):
        logits = self.out(F.relu(self.hidden(x)))
        return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


def affine(x, params):
    """x exp(s) + t and sum of s, with s = 2 tanh(r/2)."""
    r, t = params.chunk(2, 1)
    s = 2 * torch.tanh(r / 2)
    return x * torch.exp(s) + t, s.sum(1)


def standard_nats(z):
    return 0.5 * (z * z).sum(1) + 0.5 * z.shape[1] * math.log(2 * math.pi)


class MAF(nn.Module):
    def __init__(self, _):
        super().__init__()
        d, h = events.degrees(events.COLUMNS, 512)
        self.layers = nn.ModuleList(
            nn.Sequential(Masked(d, h), nn.ReLU(), Masked(h, h), nn.ReLU(),
                          Masked(h, np.concatenate([d, d]), strict=True, zero=True))
            for _ in range(5))

    def forward(self, x):
        log_det = 0
        for net in self.layers:
            x, s = affine(x, net(x))
            x, log_det = x.flip(1), log_det + s
        return (standard_nats(x) - log_det).mean()


class RealNVP(nn.Module):
    def __init__(self, x):
        super().__init__()
        d, self.keep = events.COLUMNS, events.COLUMNS // 2
        self.offset = float(np.log(x.std(0)).sum())
        self.layers = nn.ModuleList(
            mlp([self.keep, 512, 512, 2 * (d - self.keep)], nn.ReLU, zero=True) for _ in range(5))
        self.orders = [torch.randperm(d) if i % 2 == 0 else torch.arange(d).flip(0) for i in range(5)]

    def forward(self, x):
        log_det = 0
        for net, order in zip(self.layers, self.orders):
            x = x[:, order]
            kept = x[:, : self.keep]
            moved, s = affine(x[:, self.keep :], net(kept))
            x, log_det = torch.cat([kept, moved], 1), log_det + s
        return (standard_nats(x) - log_det).mean() + self.offset


class VAE(nn.Module):
    def __init__(self, x, draws):
        super().__init__()
        d, self.draws = events.PIXELS, draws
        self.encoder, self.decoder = mlp([d, 200, 200, 100], nn.Tanh), mlp([50, 200, 200, d], nn.Tanh)
        with torch.no_grad():
            self.decoder[-1].bias.copy_(torch.from_numpy(events.log_odds(x)))

    def forward(self, x):
        mean, raw = self.encoder(x).chunk(2, 1)
        log_sd = 7 * torch.tanh(raw / 7)
        sd = torch.exp(log_sd)
        if self.draws == 1:
            z = mean + sd * torch.randn_like(mean)
            cross = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
            kl = (0.5 * (mean * mean + sd * sd - 1) - log_sd).sum()
            return (cross + kl) / len(x)
        e = torch.randn(len(x), self.draws, 50)
        z = mean[:, None] + sd[:, None] * e
        logits = self.decoder(z)
        target = x[:, None].expand_as(logits)
        recon = -F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(2)
        log_w = recon + (0.5 * (e * e - z * z)).sum(2) + log_sd.sum(1, keepdim=True)
        return (math.log(self.draws) - torch.logsumexp(log_w, 1)).mean()


class Block(nn.Module):
    """A transformer's layer that normalises first."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        b, t, w = x.shape
        q, k, v = (p.transpose(1, 2) for p in self.qkv(self.norm1(x)).view(b, t, 3, self.heads, -1).unbind(2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, w))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        width, n = 128, events.SYMBOLS
        self.symbols, self.positions = nn.Embedding(n + 1, width), nn.Parameter(0.02 * torch.randn(events.TOKENS, width))
        self.blocks = nn.Sequential(*(Block(width, 4, 512) for _ in range(2)))
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, n)
        with torch.no_grad():
            self.symbols.weight.mul_(0.02)
            self.out.weight.zero_()
            self.out.bias.zero_()

    def forward(self, x):
        seen = F.pad(x[:, :-1], (1, 0), value=events.SYMBOLS)
        logits = self.out(self.norm(self.blocks(self.symbols(seen) + self.positions)))
        return F.cross_entropy(logits.flatten(0, 1), x.flatten(), reduction="sum") / len(x)


class MaskedConv(nn.Conv2d):
    """3x3 window of which weights behind the middle, and for type A in it, are and stay zero."""

    def __init__(self, into, out, strict):
        super().__init__(into, out, 3, padding=1)
        mask = events.causal(into, out, strict)
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(events.masked_weights(random, mask.reshape(-1, out)).reshape(mask.shape).transpose(3, 2, 0, 1)))
            self.bias.zero_()
        self.open = int(mask.sum()) + out
        self.mask = torch.from_numpy(mask.transpose(3, 2, 0, 1).copy()).float().contiguous(memory_format=torch.channels_last)
        self.weight.register_post_accumulate_grad_hook(self.close)

    def close(self, weight):
        weight.grad.mul_(self.mask)


class PixelCNN(nn.Module):
    def __init__(self, _):
        super().__init__()
        layers = []
        for i in range(5):
            layers += [MaskedConv(64 if i else 1, 64, strict=i == 0), nn.ReLU()]
        self.net = nn.Sequential(*layers, nn.Conv2d(64, 1, 1))
        for p in self.net[-1].parameters():
            nn.init.zeros_(p)
        self.to(memory_format=torch.channels_last)

    def forward(self, x):
        images = x.view(-1, 1, 28, 28).contiguous(memory_format=torch.channels_last)
        logits = self.net(images)
        return F.binary_cross_entropy_with_logits(logits.view(len(x), -1), x, reduction="sum") / len(x)


def build(model):
    """The model and its events (2000, D)."""
    if model == "transformer":
        return Transformer(), torch.from_numpy(events.texts())
    if model == "pixelcnn":
        x = events.bits()
        return PixelCNN(x), torch.from_numpy(x)
    if model in ("made", "score", "sample", "sample-passes", "vae", "iwae"):
        x = events.bits()
        net = VAE(x, 50 if model == "iwae" else 1) if model in ("vae", "iwae") else MADE(x)
        return net, torch.from_numpy(x)
    x = events.reals()
    if model == "maf":
        return MAF(x), torch.from_numpy(x.astype(np.float32))
    if model == "realnvp":
        return RealNVP(x), torch.from_numpy(((x - x.mean(0)) / x.std(0)).astype(np.float32))
    raise SystemExit(f"unknown work {model}")


def training(net, x, batch, compiled):
    adam = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    loss_of = torch.compile(net) if compiled else net
    at = 0

    def step():
        nonlocal at
        rows = (torch.arange(batch) + at) % len(x)
        at += batch
        loss = loss_of(x.index_select(0, rows))
        loss.backward()
        adam.step()
        adam.zero_grad(set_to_none=True)
        return loss.detach()

    return step


def scoring(net, x, batch, compiled):
    train = training(net, x, 100, False)
    for _ in range(20):
        train()
    net.eval().requires_grad_(False)
    score = torch.compile(net.score) if compiled else net.score
    batches = x[: len(x) // batch * batch].split(batch)
    at = 0

    @torch.inference_mode()
    def step():
        nonlocal at
        nats = score(batches[at % len(batches)])
        at += 1
        return nats

    return step


def sampling(net, x, batch, compiled, passes):
    """Draws images: by a whole pass for every pixel, or with the sums into hidden units kept."""
    train = training(net, x, 100, compiled)
    for _ in range(20):
        train()
    net.eval().requires_grad_(False)
    nats = net.score(x[:100]).mean()
    d = x.shape[1]
    whole = torch.compile(lambda v: net.out(F.relu(net.hidden(v)))) if compiled else lambda v: net.out(F.relu(net.hidden(v)))

    def unit(sums, threshold, into, out, bias):
        bit = (threshold < torch.mv(F.relu(sums), out) + bias).float()
        return bit, torch.addr(sums, bit, into)

    one = torch.compile(unit) if compiled else unit
    rows = list(zip(net.hidden.weight.T.contiguous().unbind(0), net.out.weight.unbind(0), net.out.bias.unbind(0)))

    @torch.inference_mode()
    def step():
        thresholds = torch.logit(torch.rand(d, batch))
        if passes:
            v = torch.zeros(batch, d)
            for i, t in enumerate(thresholds.unbind(0)):
                v[:, i] = (t < whole(v)[:, i]).float()
            return nats
        sums, bits = net.hidden.bias.expand(batch, -1), []
        for t, (into, out, bias) in zip(thresholds.unbind(0), rows):
            bit, sums = one(sums, t, into, out, bias)
            bits.append(bit)
        torch.stack(bits, 1)
        return nats

    return step


def open_work(peer, model, batch, threads):
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    compiled = peer == "torch-compile"
    net, x = build(model)
    masked = sum(m.weight.numel() + m.bias.numel() - m.open for m in net.modules() if isinstance(m, (Masked, MaskedConv)))
    return {
        "step": sampling(net, x, batch, compiled, model == "sample-passes") if model.startswith("sample")
        else (scoring if model == "score" else training)(net, x, batch, compiled),
        "sync": lambda nats: None,
        "params": sum(p.numel() for p in net.parameters()) - masked,
        "settings": f"torch {torch.__version__}, {threads} threads, {torch.backends.cpu.get_cpu_capability()}, "
        + ("mkl" if torch.backends.mkl.is_available() else "no mkl")
        + (", inference mode" if model.startswith(("score", "sample")) else ", fused Adam")
        + (", channels last" if model == "pixelcnn" else "")
        + (", torch.compile" if compiled else ""),
    }
