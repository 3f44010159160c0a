"""A network of wgpucnn for PyTorch. Its weights are in "residual.pt" beside this file.

    import residual
    net = residual.load()
    logits = net(images)

images is a tensor (N, 32, 32, 3) of numbers from 0 to 255. It has the order of pixels that PIL and numpy have;
255 * tensors.permute(0, 2, 3, 1) makes it of torchvision's tensors (N, 3, 32, 32) of numbers from 0 to 1.
logits is a tensor (N, 3): a number for each of CLASSES. logits.softmax(1) has the probabilities.
"""

from pathlib import Path

import torch
from torch import nn

CLASSES = [
    "apple", "forest", "palm_tree",
]


class Normalize(nn.Module):
    """Turns images (N, H, W, C) of 0 to 255 into maps (N, C, H, W): (x / 255 - mean) / std."""

    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32), persistent=False)
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32), persistent=False)

    def forward(self, x):
        return ((x / 255 - self.mean) / self.std).permute(0, 3, 1, 2)


class Add(nn.Module):
    """Sums its inputs."""

    def forward(self, *inputs):
        return sum(inputs)


class Graph(nn.Module):
    """Runs layers in turn. A layer takes the outputs of the layers that are named behind it, or of the layer before it."""

    def __init__(self, layers):
        super().__init__()
        self.inputs_of = {}
        for name, layer, *inputs in layers:
            self.add_module(name, layer)
            self.inputs_of[name] = inputs

    def forward(self, x):
        outputs = {}
        for name, layer in self.named_children():
            inputs = [outputs[i] for i in self.inputs_of[name]]
            outputs[name] = x = layer(*(inputs or [x]))
        return x


def network():
    """Returns the network with random weights."""
    return Graph([
        ("normalize1", Normalize([0.5074, 0.4867, 0.4411], [0.2011, 0.1987, 0.2025])),
        ("conv1", nn.Conv2d(3, 12, kernel_size=(4, 4), stride=(4, 4))),
        ("relu1", nn.ReLU()),
        ("conv2", nn.Conv2d(12, 16, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))),
        ("relu2", nn.ReLU()),
        ("conv3", nn.Conv2d(16, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))),
        ("conv4", nn.Conv2d(12, 16, kernel_size=(1, 1), stride=(2, 2)), "relu1"),
        ("add1", Add(), "conv3", "conv4"),
        ("relu3", nn.ReLU()),
        ("conv5", nn.Conv2d(16, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))),
        ("relu4", nn.ReLU()),
        ("conv6", nn.Conv2d(16, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))),
        ("add2", Add(), "conv6", "relu3"),
        ("relu5", nn.ReLU()),
        ("pool1", nn.AdaptiveAvgPool2d(output_size=1)),
        ("flatten1", nn.Flatten(start_dim=1, end_dim=-1)),
        ("linear1", nn.Linear(in_features=16, out_features=3, bias=True)),
    ])


def load(path=Path(__file__).with_name("residual.pt")):
    """Returns the network with the weights of a file, ready to classify."""
    net = network()
    net.load_state_dict(torch.load(path, weights_only=True))
    return net.eval()
