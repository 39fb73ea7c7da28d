"""The reference against PyTorch on the CPU: ``python -m benchmarks.reference [--json FILE]``.

Each case is one forward and one backward (all gradients, the input's too), and each epoch trains
on 4,000 images. Each library runs in a process of its own, since their thread pools would fight
in one. The two take turns of a fraction of a second, so that a machine that is now slow and now
fast treats both alike: a time is the median over the turns of the median in a turn, and a ratio
is the median over the turns of ours by theirs. Below 1 the reference is the faster of the two.
Whoever waits is stopped by a signal, since idle thread pools go on spinning for a while. With one
thread both are bound to the same processor, and the time is the CPU time of the process, which
others on the machine cannot lengthen much; with more it is the time on the wall.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
from math import exp, log
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
Run = Callable[[], object]

# name: (input shape, weight shape) for convolutions, (input shape,) for 2x2 poolings.
LAYERS: dict[str, tuple[tuple[int, ...], ...]] = {
    "conv2d (20, 1, 28, 28), 8 of 3x3": ((20, 1, 28, 28), (8, 1, 3, 3)),
    "conv2d (128, 6, 14, 14), 16 of 5x5": ((128, 6, 14, 14), (16, 6, 5, 5)),
    "conv2d (64, 32, 28, 28), 64 of 3x3": ((64, 32, 28, 28), (64, 32, 3, 3)),
    "conv1d (20, 1, 784), 3 of 3": ((20, 1, 784), (3, 1, 3)),
    "conv1d (20, 1, 784), 16 of 3": ((20, 1, 784), (16, 1, 3)),
    "conv1d (128, 8, 784), 16 of 5": ((128, 8, 784), (16, 8, 5)),
    "max pool 2x2 (20, 8, 26, 26)": ((20, 8, 26, 26),),
    "max pool 2x2 (128, 6, 28, 28)": ((128, 6, 28, 28),),
    "max pool 2x2 (64, 64, 28, 28)": ((64, 64, 28, 28),),
    "average pool 2x2 (20, 8, 26, 26)": ((20, 8, 26, 26),),
    "average pool 2x2 (128, 6, 28, 28)": ((128, 6, 28, 28),),
    "average pool 2x2 (64, 64, 28, 28)": ((64, 64, 28, 28),),
}
EPOCHS = {
    f"epoch of {kind}, batch {batch}": (kind, batch)
    for kind, batch in product(("small CNN", "784-400-200-10 MLP"), (20, 128))
}
IMAGES = 4000
LEARNING_RATE = 0.1
TARGETS = {1: (1.5, 0.7), 2: (2.2, 0.9)}
EPOCH_TARGET = 0.9


def arrays(name: str, dtype: str) -> tuple[np.ndarray, ...]:
    """The inputs of a case: the same for both libraries."""
    rng = np.random.default_rng(0)
    shapes = LAYERS[name]
    return tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)


def images(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Images of noise and their classes: speed does not depend on what they show."""
    rng = np.random.default_rng(0)
    return rng.random((IMAGES, 1, 28, 28)).astype(dtype), rng.integers(0, 10, IMAGES)


def numpy_layer(name: str, dtype: str) -> Run:
    import reference

    x, *rest = arrays(name, dtype)
    layer: reference.Layer
    if rest:
        kind = reference.Conv1d if x.ndim == 3 else reference.Conv2d
        layer = kind(rest[0], np.zeros(len(rest[0]), dtype))
    else:
        layer = (reference.MaxPool2D if name.startswith("max") else reference.AveragePool2D)(2)
    dy = np.random.default_rng(1).standard_normal(layer.forward(x).shape).astype(dtype)

    def run() -> None:
        layer.forward(x)
        layer.backward(dy)

    return run


def numpy_epoch(kind: str, batch: int, dtype: str) -> Run:
    import reference

    x, y = images(dtype)
    rng = np.random.default_rng(0)
    if kind == "small CNN":
        net = reference.cnn2d_classifier(rng, initializer=reference.HeInitializer(dtype))
    else:
        x = x.reshape(IMAGES, -1)
        net = reference.dnn_classifier(rng, initializer=reference.XavierInitializer(dtype))
    sgd = reference.SGD(LEARNING_RATE)
    return lambda: net.fit(x, y, optimizer=sgd, batch_size=batch, seed=rng)


def torch_layer(name: str, dtype: str) -> Run:
    import torch
    from torch.nn import functional as f

    x, *rest = (torch.tensor(a, requires_grad=True) for a in arrays(name, dtype))
    leaves = [x, *rest]
    forward: Callable[[], Any]
    if rest:
        conv: Callable[..., Any] = f.conv1d if x.ndim == 3 else f.conv2d
        leaves.append(torch.zeros(len(rest[0]), dtype=x.dtype, requires_grad=True))
        forward = lambda: conv(*leaves)  # noqa: E731
    else:
        pool = f.max_pool2d if name.startswith("max") else f.avg_pool2d
        forward = lambda: pool(x, 2)  # noqa: E731
    dy = torch.tensor(
        np.random.default_rng(1).standard_normal(tuple(forward().shape)).astype(dtype)
    )

    def run() -> None:
        for leaf in leaves:
            leaf.grad = None
        forward().backward(dy)

    return run


def torch_epoch(kind: str, batch: int, dtype: str) -> Run:
    import torch
    from torch import nn

    torch.set_default_dtype(getattr(torch, dtype))
    x, y = (torch.tensor(a) for a in images(dtype))
    if kind == "small CNN":
        net = nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1352, 10)
        )
    else:
        x = x.reshape(IMAGES, -1)
        net = nn.Sequential(
            nn.Linear(784, 400), nn.Tanh(), nn.Linear(400, 200), nn.Tanh(), nn.Linear(200, 10)
        )
    loss, sgd = nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), LEARNING_RATE)

    def run() -> float:
        total = 0.0
        order = torch.randperm(IMAGES)
        for start in range(0, IMAGES, batch):
            chosen = order[start : start + batch]
            sgd.zero_grad()
            value = loss(net(x[chosen]), y[chosen])
            value.backward()
            sgd.step()
            total += value.item() * len(chosen)
        return total / IMAGES

    return run


def seconds(run: Run, clock: Callable[[], float], budget: float) -> float:
    """The median time of a call, over as many calls as the budget allows."""
    times: list[float] = []
    while sum(times) < budget:
        start = clock()
        run()
        times.append(clock() - start)
    return median(times)


def serve(library: str, threads: int, budget: float) -> None:
    """Time a case for a turn whenever a line asks for it; the first turn of a case warms it up."""
    layer, epoch = (numpy_layer, numpy_epoch) if library == "numpy" else (torch_layer, torch_epoch)
    if library == "torch":
        import torch

        torch.set_num_threads(threads)
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    clock = process_time if threads == 1 else perf_counter
    current: list[str] = []
    for line in sys.stdin:
        asked = json.loads(line)
        if asked != current:
            name, dtype = current = asked
            run = layer(name, dtype) if name in LAYERS else epoch(*EPOCHS[name], dtype)
        print(seconds(run, clock, budget), flush=True)


def start(library: str, threads: int, budget: float) -> subprocess.Popen[str]:
    """A process for a library, told its number of threads before it starts."""
    variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    command = [sys.executable, "-m", "benchmarks.reference", "--serve", library]
    return subprocess.Popen(
        [*command, "--threads", str(threads), "--turn", str(budget)],
        env=os.environ | dict.fromkeys(variables, str(threads)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(process: subprocess.Popen[str], name: str, dtype: str) -> float:
    """The time of a case in one turn of a process, which stands still otherwise."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps([name, dtype]) + "\n")
    process.stdin.flush()
    process.send_signal(signal.SIGCONT)
    try:
        return float(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGSTOP)


def finish(*processes: subprocess.Popen[str]) -> None:
    """End processes; one that was stopped would never see that its input has ended."""
    for process in processes:
        process.kill()
        process.communicate()


def measure(threads: int, names: list[str], turns: int, budget: float) -> list[dict[str, Any]]:
    """One row a case and dtype."""
    rows = []
    ours, theirs = (start(library, threads, budget) for library in ("numpy", "torch"))
    try:
        for name, dtype in product(names, ("float64", "float32")):
            pairs = [(ask(ours, name, dtype), ask(theirs, name, dtype)) for _ in range(turns + 1)]
            del pairs[0]
            rows.append(
                {
                    "case": name,
                    "threads": threads,
                    "dtype": dtype,
                    "reference_s": median(a for a, _ in pairs),
                    "torch_s": median(b for _, b in pairs),
                    "ratio": median(a / b for a, b in pairs),
                }
            )
            print(f"{name}, {dtype} x{threads}: {rows[-1]['ratio']:.2f}", file=sys.stderr)
    finally:
        finish(ours, theirs)
    return rows


def geometric_mean(values: list[float]) -> float:
    """exp of the mean of the logarithms."""
    return exp(sum(map(log, values)) / len(values))


def summary(rows: list[dict[str, Any]], threads: int) -> dict[str, Any]:
    """The geometric mean and the worst of the layers, the worst of the epochs, and the targets."""
    mine = [row for row in rows if row["threads"] == threads]
    layers = [row["ratio"] for row in mine if row["case"] in LAYERS]
    epochs = [row["ratio"] for row in mine if row["case"] in EPOCHS]
    worst, mean = TARGETS.get(threads, (None, None))
    return {
        "threads": threads,
        "geometric_mean": geometric_mean(layers) if layers else None,
        "geometric_mean_target": mean,
        "worst": max(layers, default=None),
        "worst_target": worst,
        "worst_epoch": max(epochs, default=None),
        "worst_epoch_target": EPOCH_TARGET,
    }


def show(rows: list[dict[str, Any]], threads: list[int]) -> None:
    """Print the ratios as a table, and the summaries under it."""
    columns = list(product(threads, ("float64", "float32")))
    print(f"{'reference / PyTorch (below 1: faster)':40}", end="")
    print(*(f"{dtype} x{count}".rjust(12) for count, dtype in columns))
    ratio = {(row["case"], row["threads"], row["dtype"]): row["ratio"] for row in rows}
    for name in dict.fromkeys(row["case"] for row in rows):
        print(f"{name:40}", *(f"{ratio[name, *column]:12.2f}" for column in columns), sep="")
    for count in threads:
        found = summary(rows, count)
        print(f"{count} thread(s):", end="")
        for key in ("geometric_mean", "worst", "worst_epoch"):
            value, target = found[key], found[f"{key}_target"]
            if value is not None:
                limit = "" if target is None else f" (target {target})"
                print(f"  {key.replace('_', ' ')} {value:.2f}{limit}", end="")
        print()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reference", description=__doc__)
    every = [*LAYERS, *EPOCHS]
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--turns", type=int, default=9, help="turns of each library a case")
    parser.add_argument("--turn", type=float, default=0.1, help="seconds of a turn")
    parser.add_argument("--cases", nargs="+", default=every, metavar="TEXT", help="parts of names")
    parser.add_argument("--serve", choices=("numpy", "torch"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve, args.threads[0], args.turn)
        return
    names = [name for name in every if any(text in name for text in args.cases)]
    if find_spec("torch") is None:
        sys.exit("benchmarks.reference needs PyTorch to compare with: pip install torch")
    if not names:
        parser.error(f"no case matches {args.cases}; there are: {', '.join(every)}")
    rows = [row for n in args.threads for row in measure(n, names, args.turns, args.turn)]
    show(rows, args.threads)
    if args.json:
        found = {"cases": rows, "summary": [summary(rows, count) for count in args.threads]}
        args.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
