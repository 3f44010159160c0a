"""Exchanges networks between PyTorch and wgpucnn, and writes the logits that PyTorch computes.

    statedict.py save POOLING INPUT.f32 MODEL.pt LOGITS.f32    random weights, saved by torch.save as a state dict
    statedict.py whole POOLING INPUT.f32 MODEL.pt LOGITS.f32   random weights, saved by torch.save as a whole model
    statedict.py fold POOLING INPUT.f32 MODEL.pt LOGITS.f32    the same without biases in the convolutions and with
                                                               BatchNorms, which are folded before the model is saved
    statedict.py norm POOLING INPUT.f32 MODEL.pt LOGITS.f32    the same, saved with its BatchNorms
    statedict.py load POOLING INPUT.f32 MODEL.pt LOGITS.f32    weights loaded by torch.load

The network is the lab's with 32 channels and three classes. nn.Sequential numbers its layers when it is saved; they
have names when it is loaded. INPUT.f32 holds images (N, 32, 32, 3), LOGITS.f32 gets logits (N, 3), both as
little-endian floats. PyTorch computes in float64.
"""

import copy
import sys
from collections import OrderedDict

import numpy
import torch
from torch import nn

MEAN, STD = [0.5074, 0.4867, 0.4411], [0.2011, 0.1987, 0.2025]
HIDDEN, CLASSES = 32, 3


class Normalize(nn.Module):
    def forward(self, x):
        return ((x / 255 - x.new_tensor(MEAN)) / x.new_tensor(STD)).permute(0, 3, 1, 2)


def lab(pooling):
    stride, pool, side = {
        "base": (1, nn.AvgPool2d(4), 2),
        "stride": (2, nn.Identity(), 4),
        "max": (1, nn.AdaptiveMaxPool2d(1), 1),
        "avg": (1, nn.AdaptiveAvgPool2d(1), 1),
    }[pooling]
    return OrderedDict(
        normalize1=Normalize(),
        conv1=nn.Conv2d(3, HIDDEN, 5, stride=4, padding=2), relu1=nn.ReLU(),
        conv2=nn.Conv2d(HIDDEN, 2 * HIDDEN, 3, stride=stride, padding=1), relu2=nn.ReLU(),
        pool1=pool, flatten1=nn.Flatten(), linear1=nn.Linear(2 * HIDDEN * side * side, CLASSES))


direction, pooling, images, weights, logits = sys.argv[1:]
torch.manual_seed(7)
if direction in ("fold", "norm"):
    model = nn.Sequential(lab(pooling))
    for conv, bn in ("conv1", "relu1"), ("conv2", "relu2"):
        of = getattr(model, conv)
        of.bias = None
        norm = nn.BatchNorm2d(of.out_channels).eval()
        with torch.no_grad():
            for t in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                t.uniform_(0.5, 2)
        setattr(model, bn, nn.Sequential(norm, nn.ReLU()))
    model.eval()
    unfolded = copy.deepcopy(model)
    if direction == "fold":
        for conv, bn in ("conv1", model.relu1), ("conv2", model.relu2):
            setattr(model, conv, torch.nn.utils.fusion.fuse_conv_bn_eval(getattr(model, conv), bn[0]))
            bn[0] = nn.Identity()
    torch.save(model, weights)
    model = unfolded
elif direction in ("save", "whole"):
    model = nn.Sequential(*lab(pooling).values())
    torch.save(model.state_dict() if direction == "save" else model, weights)
else:
    model = nn.Sequential(lab(pooling))
    for weights_only in (False, True):
        state = torch.load(weights, weights_only=weights_only)
        assert type(state) is OrderedDict and all(type(t) is torch.Tensor and t.is_contiguous() for t in state.values())
        model.load_state_dict(state, strict=True)
x = torch.from_numpy(numpy.fromfile(images, "<f4")).reshape(-1, 32, 32, 3)
with torch.no_grad():
    model.double()(x.double()).numpy().astype("<f4").tofile(logits)
