"""State dicts and whole models, written by torch.save, for nn/pytorch to read.

Element i of tensor number k is ((i + k) % 13 - 6) / 8, which is exact in float16 and bfloat16 too.
"""

import argparse
from collections import OrderedDict, defaultdict, deque
from datetime import date

import numpy
import torch
from torch import nn

HIDDEN, CLASSES = 2, 3


def values(k, *shape):
    return ((torch.arange(torch.Size(shape).numel()) + k) % 13 - 6).reshape(shape) / 8


def lab():
    """The layers of the lab's base variant that have weights, with fewer channels."""
    model = nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(3, HIDDEN, 5, stride=4, padding=2),
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(HIDDEN, 2 * HIDDEN, 3, padding=1),
        relu2=nn.ReLU(),
        pool1=nn.AvgPool2d(4),
        flatten1=nn.Flatten(),
        linear1=nn.Linear(8 * HIDDEN, CLASSES),
    ))
    with torch.no_grad():
        for k, parameter in enumerate(model.parameters()):
            parameter.copy_(values(k, *parameter.shape))
    return model


def checkpoint(model):
    """A checkpoint as in PyTorch's tutorial on resuming a training. The optimiser's state has integers."""
    model = nn.Sequential(OrderedDict(model.named_children()))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.0)
    model(torch.zeros(1, 3, 32, 32)).sum().backward()
    optimiser.step()
    return {"epoch": 3, "optimizer_state_dict": optimiser.state_dict(), "model_state_dict": model.state_dict(), "loss": 0.5}


class Normalize(nn.Module):
    """The lab's normalisation as students write it."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor((0.5074, 0.4867, 0.4411)))
        self.register_buffer("std", torch.tensor((0.2011, 0.1987, 0.2025)))


class Net(nn.Module):
    """A class around a Sequential, as in the lab."""

    def __init__(self, *layers):
        super().__init__()
        self.seq = nn.Sequential(*layers)


def beside(state):
    """A checkpoint with many kinds of objects beside the state dict. The names in the state dict have a prefix."""
    return {
        "net": OrderedDict(("module._orig_mod." + name, tensor) for name, tensor in state.items()),
        "acc": numpy.float64(81.2), "history": numpy.arange(3.0), "args": argparse.Namespace(lr=5e-3, classes={1, 4, 8}),
        "device": torch.device("cpu"), "dtype": torch.float32, "size": torch.Size((1, 2)), "day": date(2026, 11, 1),
        "losses": defaultdict(list, {"train": [0.5]}), "last": deque([1], maxlen=3), "class": nn.Linear, 7: frozenset((1,)),
    }


def other():
    """A network that is not the lab's. Its modules have the attributes of PyTorch 2 and, as there, plain dicts."""
    model = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 2, (3, 3), padding="same"), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Dropout2d(0.25)),
        nn.Conv2d(2, 4, 3, stride=2, padding="valid"), nn.ReLU(), nn.Identity(), nn.AvgPool2d(3, stride=2), nn.AdaptiveMaxPool2d((2, 2)),
        nn.Flatten(), nn.Linear(16, 5), nn.ReLU(), nn.Dropout(), nn.Linear(5, 3))
    with torch.no_grad():
        for k, parameter in enumerate(model.parameters()):
            parameter.copy_(values(k, *parameter.shape))
    model = nn.DataParallel(Net(Normalize(), *model))
    for module in model.modules():
        for name in ("_modules", "_parameters", "_buffers"):
            module.__dict__[name] = dict(module.__dict__[name])
        for name in ("_backward_pre_hooks", "_forward_hooks_with_kwargs", "_forward_hooks_always_called",
                     "_forward_pre_hooks_with_kwargs", "_state_dict_pre_hooks"):
            module.__dict__[name] = OrderedDict()
    return model


def write(folder):
    """Write <name>.pt for each state dict into the folder."""
    model = lab()
    base = torch.arange(24.0).reshape(4, 6)
    edges = torch.tensor([1.0, -2.5, 2.0 ** -14, 2.0 ** -24, -1023 * 2.0 ** -24, 65504.0, 0.0])
    for name, value in {
        "lab": model.state_dict(),
        "numbered": nn.Sequential(*model).state_dict(),
        "checkpoint": checkpoint(model),
        "parameters": dict(model.conv1.named_parameters()),
        "types": {str(t)[6:]: edges.to(t) for t in (torch.float32, torch.float64, torch.float16, torch.bfloat16)},
        "views": {"transposed": base.t(), "part": base[1:, 1::2], "scalar": base[2, 3], "empty": base[4:]},
        "integers": {"num_batches_tracked": torch.tensor(7)},
        "expanded": {"weight": torch.ones(1).expand(1000, 1000)},
        "module": nn.ReLU(),
        "beside": beside(model.state_dict()),
        "batchnorm": nn.Sequential(model.conv1, nn.BatchNorm2d(HIDDEN), *list(model)[1:]).state_dict(),
        "whole": Net(Normalize(), *model),
        "other": {"model": other(), "epoch": 3},
    }.items():
        torch.save(value, folder / f"{name}.pt")
