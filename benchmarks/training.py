"""What the reference networks reach in the trials of the specs, over several seeds.

    python -m benchmarks.training [--seeds 10] [--item ID] [--torch]

The figures stand in the specs (`training.calibrated`); run this again after a change of the
trial, the digits or the reference. `--torch` trains the same networks with PyTorch in the same
run and prints both times (PyTorch is no dependency: install it for this).
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from graders import data
from graders.specs import ItemSpec, load_sprints
from reference import SGD


@dataclass(frozen=True)
class Calibration:
    """Accuracies of the reference on the held-out digits, one a seed, and the seconds of one."""

    accuracies: tuple[float, ...]
    seconds: float

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(np.mean(self.accuracies))

    @property
    def sd(self) -> float:
        """Standard deviation over the seeds."""
        return float(np.std(self.accuracies, ddof=1))


def items() -> Iterator[ItemSpec]:
    """Every item of kind classifier that has a reference network."""
    for sprint in load_sprints().values():
        yield from (i for i in sprint.items if i.training is not None)


def calibrate(item: ItemSpec, seeds: int) -> Calibration:
    """Train the item's reference with its trial's figures, once a seed."""
    training = item.training
    assert training is not None
    digits = data.digits()
    module, _, name = item.reference.partition(":")
    network = getattr(importlib.import_module(module), name)
    shape = training.layouts[0]
    held_out = (digits.held_out / 255).reshape(-1, *shape)
    accuracies = []
    began = time.perf_counter()
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(len(digits.labels))[: training.samples]
        x = (digits.images[chosen] / 255).reshape(-1, *shape)
        model = network(rng)
        model.fit(
            x, digits.labels[chosen], optimizer=SGD(training.rate), epochs=training.epochs,
            batch_size=training.batch, seed=seed,
        )  # fmt: skip
        accuracies.append(float((model.predict(held_out) == digits.held_out_labels).mean()))
    return Calibration(tuple(accuracies), (time.perf_counter() - began) / seeds)


def torch_seconds(item: ItemSpec) -> float:
    """Seconds of the same trial with PyTorch on one CPU thread."""
    import torch
    from torch import nn

    training = item.training
    assert training is not None
    torch.manual_seed(0)
    torch.set_num_threads(1)
    digits = data.digits()
    image = torch.tensor(digits.images[: training.samples] / 255)
    x = image.reshape(-1, *training.layouts[0])
    y = torch.tensor(digits.labels[: training.samples].astype(np.int64))
    nets = {
        "dnn_classifier": lambda: [
            nn.Linear(784, 400), nn.Tanh(), nn.Linear(400, 200), nn.Tanh(), nn.Linear(200, 10),
        ],
        "cnn1d_classifier": lambda: [
            nn.Conv1d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 782, 10),
        ],
        "cnn2d_classifier": lambda: [
            nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 169, 10),
        ],
        "lenet": lambda: [
            nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
            nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84),
            nn.ReLU(), nn.Linear(84, 10),
        ],
    }  # fmt: skip
    net = nn.Sequential(*nets[item.id]()).double()
    optimizer = torch.optim.SGD(net.parameters(), training.rate)
    loss = nn.CrossEntropyLoss()
    began = time.perf_counter()
    for _ in range(training.epochs):
        for rows in torch.randperm(len(y)).split(training.batch):
            optimizer.zero_grad()
            loss(net(x[rows]), y[rows]).backward()
            optimizer.step()
    return time.perf_counter() - began


def main() -> None:
    """Print one line an item."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--item")
    parser.add_argument("--torch", action="store_true")
    options = parser.parse_args()
    for item in items():
        if options.item in (None, item.id):
            found = calibrate(item, options.seeds)
            line = (
                f"{item.id}: mean {found.mean:.4f}, sd {found.sd:.4f}, lowest "
                f"{min(found.accuracies):.3f} of {options.seeds} seeds, {found.seconds:.2f} s a trial"
            )
            if options.torch:
                line += f"; PyTorch {torch_seconds(item):.2f} s"
            print(line, flush=True)


if __name__ == "__main__":
    main()
