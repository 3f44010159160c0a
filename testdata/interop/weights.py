"""Rebuilds a network in PyTorch from a safetensors file, without a library for these files, and runs it.

    weights.py MODEL.safetensors INPUT.f32 OUTPUT.f32

INPUT.f32 holds images (N, H, W, C), OUTPUT.f32 gets logits (N, classes), both as little-endian floats.
"""

import json
import struct
import sys

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
model = nn.Module()
for layer in layers:
    if layer["kind"] != "Add":
        options = {key: value for key, value in layer.items() if key not in ("name", "kind", "inputs")}
        model.add_module(layer["name"], getattr(nn, layer["kind"])(**options))
model.load_state_dict(state)
model.eval()

images = torch.from_numpy(numpy.fromfile(sys.argv[2], "<f4")).reshape(-1, *architecture["input"])
x = ((images / 255 - torch.tensor(first["mean"])) / torch.tensor(first["std"])).permute(0, 3, 1, 2)
outputs = {first["name"]: x}
with torch.no_grad():
    for layer in layers:
        inputs = [outputs[name] for name in layer["inputs"]] if "inputs" in layer else [x]
        outputs[layer["name"]] = x = sum(inputs) if layer["kind"] == "Add" else getattr(model, layer["name"])(*inputs)
x.numpy().tofile(sys.argv[3])
