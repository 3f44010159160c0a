"""Measures the lab's step at batch 128 in PyTorch on the CPU and prints one line of JSON.

    /usr/bin/python3 testdata/peers/pytorch.py [--pooling base] [--threads 2] [--repeats 5] [--steps 4]

A step is forward, loss, backward and SGD on one batch that stays in place. The network
normalises the bytes. Images, labels and initial weights are those of gen/training.py.
"""

import argparse
import json
import pathlib
import statistics
import sys
import time

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))
import training


class Normalize(nn.Module):
    """Converts bytes as floats (N, H, W, C) to normalised maps (N, C, H, W)."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor(training.MEAN))
        self.register_buffer("std", torch.tensor(training.STD))

    def forward(self, x):
        return ((x / 255 - self.mean) / self.std).permute(0, 3, 1, 2)


def lab(pooling):
    """A lab model."""
    return nn.Sequential(Normalize(), training.begin(pooling).float())


def batch(device="cpu"):
    """One batch: x (N, H, W, C), y (N)."""
    rows = training.order(0)[: training.BATCH].astype(np.int64)
    x = torch.tensor(training.images()[rows]).float().to(device)
    y = torch.tensor(training.labels()[rows].astype(np.int64)).to(device)
    return x, y


def update(model):
    """The usual step of a model with the lab's optimiser, as a function of x and y that returns logits and loss."""
    optimiser = torch.optim.SGD(model.parameters(), lr=training.LR, momentum=training.MOMENTUM)

    def step(x, y):
        optimiser.zero_grad(set_to_none=True)
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
        loss.backward()
        optimiser.step()
        return logits.detach(), loss.detach()

    return step


def timed(step, repeats, steps, wait=lambda: None):
    """Milliseconds a step in each repeat of the given number of steps, after a tenth of all steps as warm-up."""
    for _ in range(max(3, repeats * steps // 10)):
        step()
    wait()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        wait()
        times.append(1000 * (time.perf_counter() - start) / steps)
    return times


def summary(times):
    return {"median_ms": round(statistics.median(times), 5), "min_ms": round(min(times), 5), "max_ms": round(max(times), 5)}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pooling", default="base")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--steps", type=int, default=4)
    o = arguments.parse_args()
    torch.set_num_threads(o.threads)
    (x, y), train = batch(), update(lab(o.pooling))

    def step():
        return train(x, y)

    first_loss = step()[1].item()
    row = {"peer": "PyTorch", "host": torch.__version__, "adapter": f"CPU, {o.threads} threads", "pooling": o.pooling, "steps": o.steps}
    print(json.dumps({**row, **summary(timed(step, o.repeats, o.steps)), "first_loss": first_loss}))


if __name__ == "__main__":
    main()
