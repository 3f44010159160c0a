"""Loads a network through the script that wgpucnn wrote beside its weights, and runs it.

    script.py MODEL.py IMAGES CLASSES.json LOGITS.f32

IMAGES holds the bytes of 16 images. The script's CLASSES must be those of the JSON file. LOGITS.f32 gets the logits
(16, classes) of these bytes, computed in float64, as little-endian floats.
"""

import importlib
import json
import pathlib
import runpy
import sys

import numpy
import torch

script, images, classes, logits = sys.argv[1:]
script = pathlib.Path(script)
if script.stem.isidentifier():
    sys.path.insert(0, str(script.parent))
    module = vars(importlib.import_module(script.stem))
else:
    module = runpy.run_path(str(script))
net = module["load"]()
assert not net.training
assert module["CLASSES"] == json.load(open(classes)), module["CLASSES"]
assert set(net.state_dict()) == set(torch.load(script.with_suffix(".pt"), weights_only=True))
height, width, channels = map(int, module["__doc__"].split("(N, ")[1].split(")")[0].split(", "))
x = torch.from_numpy(numpy.fromfile(images, "u1").reshape(-1, height, width, channels))
with torch.no_grad():
    single, double = net(x), net.double()(x.double())
assert torch.allclose(single, double.float(), rtol=1e-5, atol=1e-6)
double.numpy().astype("<f4").tofile(logits)
