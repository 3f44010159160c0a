"""Trains the lab's models on three classes in PyTorch. Prints accuracies and step times for the README.

    /usr/bin/python3 testdata/gen/accuracy.py FOLDER CLASSES EPOCHS SEED

FOLDER is in CIFAR-100's Python layout. CLASSES are ids separated by commas.
"""

import pathlib
import pickle
import statistics
import sys
import time

import numpy as np
import torch

import training


def load(path, classes):
    """Normalised maps (N, 3, 32, 32) and labels (N) of the classes in a pickle."""
    rows = pickle.loads(path.read_bytes(), encoding="latin1")
    labels = np.array(rows["fine_labels"])
    keep = np.isin(labels, classes)
    x = torch.tensor(rows["data"][keep]).reshape(-1, 3, 32, 32).float() / 255
    mean, std = torch.tensor(training.MEAN)[:, None, None], torch.tensor(training.STD)[:, None, None]
    return (x - mean) / std, torch.tensor(np.searchsorted(classes, labels[keep]))


def train(model, x, y, epochs):
    """Train for a number of epochs and return the seconds of each step."""
    optimiser = torch.optim.SGD(model.parameters(), lr=training.LR, momentum=training.MOMENTUM)
    seconds = []
    for _ in range(epochs):
        for rows in torch.randperm(len(y)).split(training.BATCH):
            start = time.perf_counter()
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimiser.step()
            seconds.append(time.perf_counter() - start)
    return seconds


if __name__ == "__main__":
    torch.set_num_threads(2)
    folder, classes, epochs, seed = pathlib.Path(sys.argv[1]), sorted(map(int, sys.argv[2].split(","))), int(sys.argv[3]), int(sys.argv[4])
    x, y = load(folder / "train", classes)
    test, labels = load(folder / "test", classes)
    for pooling in ("base", "stride", "max", "avg"):
        torch.manual_seed(seed)
        model = training.network(pooling)
        seconds = train(model, x, y, epochs)
        with torch.no_grad():
            accuracy = (model(test).argmax(1) == labels).float().mean().item()
        print(f"{pooling:8}test accuracy {100 * accuracy:5.2f}   step {1000 * statistics.median(seconds):.2f} ms")
