"""Rebuilds a network in PyTorch from a safetensors file, without a library for these files, and runs it.

    weights.py MODEL.safetensors INPUT.f32 OUTPUT.f32

INPUT.f32 holds images (N, H, W, C), OUTPUT.f32 gets logits (N, classes), both as little-endian floats.
"""

import json
import struct
import sys
from collections import OrderedDict

import numpy
import torch
from torch import nn

with open(sys.argv[1], "rb") as file:
    (size,) = struct.unpack("<Q", file.read(8))
    header, data = json.loads(file.read(size)), file.read()
architecture = json.loads(header.pop("__metadata__")["architecture"])

state = {}
for name, tensor in header.items():
    assert tensor["dtype"] == "F32", name
    begin, end = tensor["data_offsets"]
    values = numpy.frombuffer(data[begin:end], "<f4").reshape(tensor["shape"])
    state[name] = torch.from_numpy(values.copy())

first, *layers = architecture["layers"]
modules = OrderedDict()
for layer in layers:
    options = {key: value for key, value in layer.items() if key not in ("name", "kind")}
    modules[layer["name"]] = getattr(nn, layer["kind"])(**options)
model = nn.Sequential(modules)
model.load_state_dict(state)

images = torch.from_numpy(numpy.fromfile(sys.argv[2], "<f4")).reshape(-1, *architecture["input"])
maps = (images / 255 - torch.tensor(first["mean"])) / torch.tensor(first["std"])
with torch.no_grad():
    model(maps.permute(0, 3, 1, 2)).numpy().tofile(sys.argv[3])
