"""A network of wgpucnn for PyTorch. Its weights are in "every.pt" beside this file.

    import every
    net = every.load()
    logits = net(images)

images is a tensor (N, 16, 12, 1) of numbers from 0 to 255. It has the order of pixels that PIL and numpy have;
255 * tensors.permute(0, 2, 3, 1) makes it of torchvision's tensors (N, 1, 16, 12) of numbers from 0 to 1.
logits is a tensor (N, 6): a number for each of CLASSES. logits.softmax(1) has the probabilities.
"""

from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

CLASSES = [
    "a \"quoted\" name", "back\\slash \\n", "it's käfer 🐞", "\u202eturned\x00", "\"\"\"",
    "%d {x}",
]


class Normalize(nn.Module):
    """Turns images (N, H, W, C) of 0 to 255 into maps (N, C, H, W): (x / 255 - mean) / std."""

    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32), persistent=False)
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32), persistent=False)

    def forward(self, x):
        return ((x / 255 - self.mean) / self.std).permute(0, 3, 1, 2)


def network():
    """Returns the network with random weights."""
    return nn.Sequential(OrderedDict([
        ("normalize1", Normalize([0.5], [1])),
        ("conv1", nn.Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))),
        ("relu1", nn.ReLU()),
        ("pool1", nn.MaxPool2d(kernel_size=2, stride=1, padding=0)),
        ("conv2", nn.Conv2d(2, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=2, bias=False)),
        ("silu1", nn.SiLU()),
        ("pool2", nn.AvgPool2d(kernel_size=2, stride=2, padding=0)),
        ("gelu1", nn.GELU(approximate='none')),
        ("pool3", nn.AdaptiveMaxPool2d(output_size=3)),
        ("pool4", nn.AdaptiveAvgPool2d(output_size=2)),
        ("flatten1", nn.Flatten(start_dim=1, end_dim=-1)),
        ("dropout1", nn.Dropout(p=0.25, inplace=False)),
        ("linear1", nn.Linear(in_features=16, out_features=6, bias=True)),
    ]))


def load(path=Path(__file__).with_name("every.pt")):
    """Returns the network with the weights of a file, ready to classify."""
    net = network()
    net.load_state_dict(torch.load(path, weights_only=True))
    return net.eval()
