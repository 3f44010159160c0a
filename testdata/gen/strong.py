"""Trains a built-in network by the recipe strong in PyTorch. Prints accuracies for the README.

    /usr/bin/python3 testdata/gen/strong.py FOLDER CLASSES NETWORK EPOCHS MIXUP CUTOUT SEED

FOLDER is in CIFAR-100's Python layout. CLASSES are ids separated by commas. NETWORK is small or medium.
MIXUP is the alpha of Beta(alpha, alpha), CUTOUT the side of the square that each picture loses, 0 for none.
"""

import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import accuracy
from operations import Muon

BATCH, SHIFT, SMOOTHING, WARMUP = 128, 4, 0.1, 0.1
MUON_LR, MUON_MOMENTUM, LR, MOMENTUM, DECAY = 0.1, 0.6, 0.1, 0.9, 5e-4


class Add(nn.Module):
    """A residual block."""

    def __init__(self, *body):
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x):
        return x + self.body(x)


def conv(inputs, outputs, pool=False):
    """A convolution without bias, a pool behind it or none, and a BatchNorm."""
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)] + [nn.MaxPool2d(2)] * pool + [nn.BatchNorm2d(outputs)]


def network(name, classes):
    """The built-in network of that name, behind Normalize."""
    if name == "small":
        layers = [*conv(3, 16, True), nn.SiLU(), *conv(16, 24, True), nn.SiLU(), *conv(24, 48, True), nn.SiLU(), *conv(48, 80), nn.SiLU()]
    else:
        layers = [*conv(3, 24, True), nn.SiLU(), *conv(24, 48, True), nn.SiLU(), *conv(48, 64), nn.SiLU(),
                  Add(*conv(64, 64), nn.SiLU(), *conv(64, 64)), nn.SiLU(), *conv(64, 128), nn.SiLU()]
    last = 80 if name == "small" else 128
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(last, classes))


def changed(x, mirrored, cutout):
    """Pictures (N, C, H, W), some of them mirrored, each moved at random, and each without a random square."""
    count, _, height, width = x.shape
    x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
    padded = functional.pad(x, [SHIFT] * 4, mode="reflect")
    top, left = torch.randint(2 * SHIFT + 1, (2, count))
    x = torch.stack([p[:, i:i + height, k:k + width] for p, i, k in zip(padded, top.tolist(), left.tolist())])
    row, column = torch.randint(height, (count, 1, 1)) - cutout // 2, torch.randint(width, (count, 1, 1)) - cutout // 2
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    hole = (row <= rows) & (rows < row + cutout) & (column <= columns) & (columns < column + cutout)
    return x.masked_fill(hole[:, None], 0)


def train(model, x, y, classes, epochs, mixup, cutout):
    filters = [p for p in model.parameters() if p.dim() == 4]
    rest = [p for p in model.parameters() if p.dim() != 4]
    optimisers = [Muon(filters, lr=MUON_LR, momentum=MUON_MOMENTUM),
                  torch.optim.SGD(rest, lr=LR, momentum=MOMENTUM, nesterov=True, weight_decay=DECAY)]
    total = epochs * -(-len(y) // BATCH)

    def factor(step):
        t = (step + 1 / 2) / total
        return t / WARMUP if t < WARMUP else (1 + np.cos(np.pi * (t - WARMUP) / (1 - WARMUP))) / 2

    schedulers = [torch.optim.lr_scheduler.LambdaLR(o, factor) for o in optimisers]
    beta = torch.distributions.Beta(mixup, mixup)
    first = torch.rand(len(y)) < 1 / 2  # pictures that the even epochs mirror; the odd ones mirror the others
    for epoch in range(epochs):
        for rows in torch.randperm(len(y)).split(BATCH):
            batch = changed(x[rows], first[rows] ^ (epoch % 2 == 1), cutout)
            target, own = functional.one_hot(y[rows], classes).float(), beta.sample()
            logits = model(own * batch + (1 - own) * batch.flip(0))
            loss = functional.cross_entropy(logits, own * target + (1 - own) * target.flip(0), label_smoothing=SMOOTHING)
            model.zero_grad()
            loss.backward()
            for step in optimisers + schedulers:
                step.step()


if __name__ == "__main__":
    folder, classes = pathlib.Path(sys.argv[1]), sorted(map(int, sys.argv[2].split(",")))
    name, epochs, mixup, cutout, seed = sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]), int(sys.argv[7])
    torch.manual_seed(seed)
    model = network(name, len(classes))
    train(model, *accuracy.load(folder / "train", classes), len(classes), epochs, mixup, cutout)
    test, labels = accuracy.load(folder / "test", classes)
    model.eval()
    with torch.no_grad():
        right = (model(test).argmax(1) == labels).float().mean().item()
    print(f"{name}: test accuracy {100 * right:.2f} %")
