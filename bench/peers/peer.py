"""Runs one work in another framework and times it.

    peer.py --peer torch --work made-100 --threads 2 --seconds 3

prints a JSON line that says what runs and then one with the median seconds of
a step. Without --seconds it is a child: each line on standard input is a number
of seconds to run for, each answered by a line, until the input ends.
"""
import argparse
import importlib
import json
import os
import statistics
import sys
import time

MODULES = {"torch": "torch_works", "torch-compile": "torch_works", "jax": "jax_works",
           "openblas": "products", "mkl": "products", "onednn": "products"}
CHUNK = 0.005  # seconds: what is shorter is timed several steps together


def measure(step, sync, seconds):
    """Seconds a step (median and least over chunks), the number of steps, the last nats."""
    times, size, steps = [], 1, 0
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds or len(times) < 3:
        start = time.perf_counter()
        for _ in range(size):
            nats = step()
        sync(nats)
        took = time.perf_counter() - start
        if not times and took < CHUNK and time.perf_counter() - begin < seconds:
            size *= 2
            continue
        times.append(took / size)
        steps += size
    return {"seconds": statistics.median(times), "best": min(times), "steps": steps, "nats": float(nats.mean())}


def high_water():
    """Bytes that this process had resident at most; 0 where the system does not tell."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:
        return 0


def say(message):
    print(json.dumps(message), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--peer", choices=MODULES, required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seconds", type=float)
    args = p.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(args.threads)
    model, batch = args.work.rsplit("-", 1)
    try:
        works = importlib.import_module(MODULES[args.peer])
    except ImportError as e:
        say({"error": f"not installed: {e}"})
        return
    base = high_water()
    run = works.open_work(args.peer, model, int(batch), args.threads)
    first = float(run["step"]().mean())
    for _ in range(20):  # compilation, caches, allocation
        run["step"]()
    say({"peer": args.peer, "settings": run["settings"], "params": run["params"], "first_nats": first,
         "base_bytes": base, "peak_bytes": high_water()})
    turns = [args.seconds] if args.seconds else map(float, sys.stdin)
    for seconds in turns:
        say(measure(run["step"], run["sync"], seconds) | {"peak_bytes": high_water()})


if __name__ == "__main__":
    main()
