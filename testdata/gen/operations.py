"""Vectors of each operation from PyTorch, in float64.

Every operation has one file. Its metadata hold the list of cases as JSON text,
with the field names of package ref; tensor t of case c is named "c/t". Inputs
are exact in float32, so that a float32 kernel can be compared with the same vectors.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

import tensorfile

CONV2D = [
    dict(Name="lab conv1", N=2, C=3, H=9, W=9, OC=4, Kernel=5, Stride=4, Pad=2),
    dict(Name="lab conv2", N=2, C=4, H=4, W=4, OC=6, Kernel=3, Stride=1, Pad=1),
    dict(Name="lab conv2 stride", N=2, C=4, H=5, W=5, OC=3, Kernel=3, Stride=2, Pad=1),
    dict(Name="pointwise", N=3, C=5, H=3, W=4, OC=2, Kernel=1, Stride=1, Pad=0),
    dict(Name="pointwise strided", N=1, C=2, H=5, W=4, OC=3, Kernel=1, Stride=3, Pad=0),
    dict(Name="no padding", N=2, C=2, H=5, W=7, OC=3, Kernel=3, Stride=1, Pad=0),
    dict(Name="odd map, edge unseen", N=1, C=2, H=6, W=9, OC=2, Kernel=3, Stride=4, Pad=0),
    dict(Name="stride above kernel", N=2, C=1, H=7, W=6, OC=2, Kernel=1, Stride=2, Pad=2),
    dict(Name="kernel above map", N=1, C=2, H=3, W=1, OC=3, Kernel=5, Stride=1, Pad=2),
    dict(Name="one pixel", N=1, C=1, H=1, W=1, OC=1, Kernel=3, Stride=1, Pad=1),
    dict(Name="much padding", N=1, C=1, H=2, W=3, OC=2, Kernel=3, Stride=3, Pad=2),
]

CONV2D_GROUPED = [
    dict(Name="depthwise", N=2, C=4, H=6, W=8, OC=4, Kernel=3, Stride=1, Pad=1, Groups=4, NoBias=False),
    dict(Name="depthwise strided", N=2, C=3, H=7, W=9, OC=3, Kernel=3, Stride=2, Pad=1, Groups=3, NoBias=True),
    dict(Name="several of a channel", N=1, C=2, H=5, W=4, OC=6, Kernel=5, Stride=1, Pad=2, Groups=2, NoBias=False),
    dict(Name="groups of channels", N=2, C=6, H=5, W=5, OC=4, Kernel=3, Stride=1, Pad=0, Groups=2, NoBias=False),
    dict(Name="groups, strided", N=1, C=6, H=8, W=7, OC=9, Kernel=2, Stride=3, Pad=1, Groups=3, NoBias=True),
    dict(Name="pointwise", N=3, C=4, H=3, W=4, OC=6, Kernel=1, Stride=1, Pad=0, Groups=2, NoBias=False),
    dict(Name="one pixel", N=1, C=2, H=1, W=1, OC=2, Kernel=3, Stride=1, Pad=1, Groups=2, NoBias=False),
]

LINEAR = [
    dict(Name="one", N=1, In=1, Out=1),
    dict(Name="row", N=1, In=7, Out=3),
    dict(Name="column", N=5, In=1, Out=4),
    dict(Name="odd", N=9, In=13, Out=5),
]

# Cases of AvgPool2d and MaxPool2d.
WINDOWS = [
    dict(Name="lab", N=2, C=3, H=8, W=8, Kernel=4, Stride=4, Out=0),
    dict(Name="overlapping", N=1, C=2, H=7, W=6, Kernel=3, Stride=2, Out=0),
    dict(Name="gaps", N=2, C=1, H=8, W=7, Kernel=2, Stride=3, Out=0),
    dict(Name="edge left out", N=1, C=2, H=5, W=7, Kernel=2, Stride=2, Out=0),
    dict(Name="one pixel", N=1, C=1, H=1, W=1, Kernel=1, Stride=1, Out=0),
]

# Cases of AdaptiveAvgPool2d and AdaptiveMaxPool2d.
ADAPTIVE = [
    dict(Name="lab", N=2, C=3, H=8, W=8, Kernel=0, Stride=0, Out=1),
    dict(Name="divides", N=1, C=2, H=6, W=4, Kernel=0, Stride=0, Out=2),
    dict(Name="does not divide", N=1, C=2, H=7, W=5, Kernel=0, Stride=0, Out=3),
    dict(Name="larger than the map", N=1, C=2, H=3, W=2, Kernel=0, Stride=0, Out=5),
    dict(Name="one pixel", N=1, C=1, H=1, W=1, Kernel=0, Stride=0, Out=1),
]

POOL2D = [
    dict(case, Name=f"{kind} {case['Name']}", Kind=kind)
    for kind in ("AvgPool2d", "MaxPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d")
    for case in (ADAPTIVE if kind.startswith("Adaptive") else WINDOWS)
]

BATCH_NORM2D = [
    dict(Name="defaults", N=4, C=3, H=3, W=2, Steps=3, Eps=1e-5, Momentum=0.1),
    dict(Name="one pixel", N=5, C=2, H=1, W=1, Steps=2, Eps=1e-5, Momentum=0.1),
    dict(Name="one row", N=1, C=2, H=4, W=4, Steps=2, Eps=1e-5, Momentum=0.1),
    dict(Name="eps and momentum", N=2, C=2, H=4, W=3, Steps=3, Eps=0.1, Momentum=0.5),
    dict(Name="a large mean", N=3, C=2, H=2, W=4, Steps=2, Eps=1e-5, Momentum=0.1, Mean=64),
]

CROSS_ENTROPY = [
    dict(Name="lab", N=6, Classes=3, Rows=6),
    dict(Name="last batch", N=5, Classes=4, Rows=3),
    dict(Name="one row", N=1, Classes=2, Rows=1),
    dict(Name="large logits", N=4, Classes=3, Rows=4, Scale=300),
    dict(Name="one class", N=2, Classes=1, Rows=2),
]

# Without Mix the targets are labels. With Mix they are probabilities: each row is mixed with the row at its
# place from the end.
SOFT_CROSS_ENTROPY = [
    dict(case, Name=f"{case['Name']}: {name}", **loss)
    for name, loss in {
        "smoothing": dict(Smoothing=0.125),
        "weights": dict(Weighted=True),
        "smoothing, weights": dict(Smoothing=0.25, Weighted=True),
        "mixed": dict(Mix=0.375),
        "mixed, smoothing": dict(Mix=0.75, Smoothing=0.125),
        "mixed, weights": dict(Mix=0.25, Weighted=True),
        "mixed, smoothing, weights": dict(Mix=0.625, Smoothing=0.5, Weighted=True),
    }.items()
    for case in CROSS_ENTROPY if case["Name"] != "one row"
]

SGD = [
    dict(Name="lab", Size=11, Steps=3, LR=5e-3, Momentum=0.9),
    dict(Name="plain", Size=3, Steps=3, LR=0.1, Momentum=0),
]

# The optimiser's settings are those of the first parameter. Each of Groups has one more, with its own.
SGD_GROUPS = [
    dict(Name="Nesterov", Size=7, Steps=3, LR=0.1, Momentum=0.9, Nesterov=True, WeightDecay=0, Groups=[]),
    dict(Name="weight decay", Size=7, Steps=2, LR=0.1, Momentum=0.5, Nesterov=False, WeightDecay=0.1, Groups=[]),
    dict(Name="groups", Size=7, Steps=3, LR=0.1, Momentum=0.9, Nesterov=True, WeightDecay=0.1,
         Groups=[dict(Size=3, LR=0.1, WeightDecay=0), dict(Size=2, LR=0.02, WeightDecay=0.5)]),
]

ADAMW = [
    dict(Name="defaults", Size=7, Steps=4, LR=1e-3, Beta1=0.9, Beta2=0.999, Eps=1e-8, WeightDecay=0, Groups=[]),
    dict(Name="weight decay", Size=7, Steps=3, LR=0.1, Beta1=0.9, Beta2=0.999, Eps=1e-8, WeightDecay=0.1, Groups=[]),
    dict(Name="betas and eps", Size=5, Steps=3, LR=0.02, Beta1=0.5, Beta2=0.9, Eps=0.1, WeightDecay=0.01, Groups=[]),
    dict(Name="groups", Size=7, Steps=3, LR=0.1, Beta1=0.9, Beta2=0.999, Eps=1e-8, WeightDecay=0.1,
         Groups=[dict(Size=3, LR=0.1, WeightDecay=0), dict(Size=2, LR=0.02, WeightDecay=0.5)]),
]

MUON = [
    dict(Name="wide and tall", Steps=3, LR=0.1, Momentum=0.6, Shapes=[[4, 3, 2, 2], [12, 1, 3, 3], [9, 5]], Size=5,
         Rest=dict(LR=0.2, Momentum=0.9, Nesterov=True, WeightDecay=5e-4)),
    dict(Name="pointwise", Steps=2, LR=0.02, Momentum=0.9, Shapes=[[8, 3, 1, 1], [3, 8, 1, 1], [5, 5, 1, 1]], Size=2,
         Rest=dict(LR=0.1, Momentum=0.5, Nesterov=False, WeightDecay=0)),
    dict(Name="one row, one column, one value", Steps=2, LR=0.1, Momentum=0.6, Shapes=[[1, 3, 3, 3], [7, 1, 1, 1], [1, 1, 1, 1]], Size=1,
         Rest=dict(LR=0.1, Momentum=0.5, Nesterov=False, WeightDecay=0)),
    dict(Name="low rank", Steps=2, LR=0.1, Momentum=0.6, Rank=2, Shapes=[[6, 3, 2, 2], [11, 7]], Size=2,
         Rest=dict(LR=0.1, Momentum=0.5, Nesterov=False, WeightDecay=0)),
    dict(Name="tiny gradients", Steps=2, LR=0.1, Momentum=0.6, Scale=1e-8, Shapes=[[6, 3, 2, 2], [11, 7]], Size=2,
         Rest=dict(LR=0.1, Momentum=0.5, Nesterov=False, WeightDecay=0)),
    dict(Name="no gradient", Steps=2, LR=0.1, Momentum=0.6, Scale=0, Shapes=[[6, 3, 2, 2], [11, 7]], Size=2,
         Rest=dict(LR=0.1, Momentum=0.5, Nesterov=False, WeightDecay=0)),
]

CLIP = [
    dict(Name="clipped", Sizes=[7, 1, 3], Norm=0.5, Scale=1),
    dict(Name="left alone", Sizes=[7, 1, 3], Norm=100, Scale=1),
    dict(Name="no gradient", Sizes=[2], Norm=1, Scale=0),
    dict(Name="tiny", Sizes=[5, 2], Norm=1e-7, Scale=1e-7),
]

SCHEDULES = [
    dict(Name="constant", Kind="constant", Steps=20),
    dict(Name="cosine", Kind="cosine", Steps=20, Warmup=0),
    dict(Name="cosine with warm-up", Kind="cosine", Steps=20, Warmup=5),
    dict(Name="cosine with one step of warm-up", Kind="cosine", Steps=20, Warmup=1),
    dict(Name="half steps", Kind="half steps", Steps=25, Share=0.1),
    dict(Name="half steps without warm-up", Kind="half steps", Steps=7, Share=0),
    dict(Name="half steps of one step", Kind="half steps", Steps=1, Share=0.6),
    dict(Name="one cycle", Kind="onecycle", Steps=20),
    dict(Name="one cycle of one step", Kind="onecycle", Steps=1),
    dict(Name="steps", Kind="steps", Steps=20, Every=6, Gamma=0.3),
]

NORMALIZE = [
    dict(Name="lab", N=3, H=3, W=5, C=3, Mean=[0.5074, 0.4867, 0.4411], Std=[0.2011, 0.1987, 0.2025]),
    dict(Name="grey", N=2, H=4, W=1, C=1, Mean=[0.25], Std=[0.5]),
]

EDGES = [dict(Name="edges")]

# Layers on inputs and gradients with NaN and infinities. In is the shape of the input.
NONFINITE = [
    dict(Name=f"{layer} {place}", Layer=layer, In=shape, Settings=settings)
    for layer, place, shape, settings in [
        ("Conv2d", "padded", (2, 2, 5, 6), dict(in_channels=2, out_channels=3, kernel_size=3, stride=1, padding=1)),
        ("Conv2d", "strided", (2, 2, 7, 8), dict(in_channels=2, out_channels=3, kernel_size=3, stride=2, padding=2)),
        ("Conv2d", "of groups", (2, 4, 5, 6), dict(in_channels=4, out_channels=6, kernel_size=3, stride=1, padding=1, groups=2)),
        ("Linear", "of rows", (5, 7), dict(in_features=7, out_features=3)),
        ("ReLU", "odd", (5, 9), {}),
        ("AvgPool2d", "disjoint", (2, 3, 5, 6), dict(kernel_size=2, stride=2)),
        ("AvgPool2d", "overlapping", (2, 3, 8, 9), dict(kernel_size=3, stride=2)),
        ("MaxPool2d", "disjoint", (2, 3, 5, 6), dict(kernel_size=2, stride=2)),
        ("MaxPool2d", "overlapping", (2, 3, 8, 9), dict(kernel_size=3, stride=2)),
        ("AdaptiveAvgPool2d", "does not divide", (2, 3, 7, 8), dict(output_size=3)),
        ("AdaptiveMaxPool2d", "does not divide", (2, 3, 7, 8), dict(output_size=3)),
        ("BatchNorm2d", "one channel", (2, 1, 3, 4), dict(num_features=1)),
        ("Dropout", "half", (5, 9), dict(p=0.5)),
    ]
]

# Rows of logits with NaN and infinities. The label of row n is n % Classes.
NONFINITE_LOGITS = [dict(Name="labels", Smoothing=0), dict(Name="smoothing", Smoothing=0.25)]

ACTIVATION = [
    dict(Name="SiLU", Kind="SiLU", Size=37),
    dict(Name="SiLU of fours", Kind="SiLU", Size=40),
    dict(Name="GELU", Kind="GELU", Size=37),
    dict(Name="GELU of fours", Kind="GELU", Size=40),
]


def draw(random, *shape, scale=1):
    """Normal values that are exact in float32 and require a gradient."""
    values = (random.standard_normal(shape) * scale).astype(np.float32)
    return torch.tensor(values.astype(np.float64), requires_grad=True)


def distinct(random, *shape):
    """Values of both signs, 1/32 apart and 1/64 or more from 0: off the kinks of max and ReLU."""
    size = int(np.prod(shape))
    values = (random.permutation(size) - size // 2 + 0.5) / 32
    return torch.tensor(values.reshape(shape), requires_grad=True)


def numpy(**tensors):
    return {name: t.detach().numpy() for name, t in tensors.items()}


def conv2d(random, N, C, H, W, OC, Kernel, Stride, Pad):
    x, w, b = draw(random, N, C, H, W), draw(random, OC, C, Kernel, Kernel), draw(random, OC)
    y = F.conv2d(x, w, b, stride=Stride, padding=Pad)
    dy = draw(random, *y.shape)
    y.backward(dy)
    return numpy(x=x, w=w, b=b, y=y, dy=dy, dx=x.grad, dw=w.grad, db=b.grad)


def batch_norm2d(random, N, C, H, W, Steps, Eps, Momentum, Mean=0):
    """Steps of training, each with its own x and dy; mean0 and var0 are the running statistics before them. y is an evaluation of the last x."""
    norm = torch.nn.BatchNorm2d(C, eps=Eps, momentum=Momentum).double()
    with torch.no_grad():
        norm.weight.copy_(draw(random, C))
        norm.bias.copy_(draw(random, C))
        norm.running_mean.copy_(draw(random, C))
        norm.running_var.copy_(draw(random, C) ** 2)
    tensors = numpy(w=norm.weight, b=norm.bias)
    tensors.update(mean0=norm.running_mean.numpy().copy(), var0=norm.running_var.numpy().copy())
    for step in range(1, Steps + 1):
        x = (draw(random, N, C, H, W) + Mean).detach().float().double().requires_grad_()
        y = norm(x)
        dy = draw(random, *y.shape)
        norm.zero_grad()
        y.backward(dy)
        named = numpy(x=x, y=y, dy=dy, dx=x.grad, dw=norm.weight.grad, db=norm.bias.grad, mean=norm.running_mean, var=norm.running_var)
        tensors.update({f"{name}{step}": array.copy() for name, array in named.items()})
    tensors.update(numpy(y=norm.eval()(x)))
    return tensors


def conv2d_grouped(random, N, C, H, W, OC, Kernel, Stride, Pad, Groups, NoBias):
    x, w = draw(random, N, C, H, W), draw(random, OC, C // Groups, Kernel, Kernel)
    b = None if NoBias else draw(random, OC)
    y = F.conv2d(x, w, b, stride=Stride, padding=Pad, groups=Groups)
    dy = draw(random, *y.shape)
    y.backward(dy)
    tensors = numpy(x=x, w=w, y=y, dy=dy, dx=x.grad, dw=w.grad)
    return tensors if NoBias else {**tensors, **numpy(b=b, db=b.grad)}


def linear(random, N, In, Out):
    x, w, b = draw(random, N, In), draw(random, Out, In), draw(random, Out)
    y = F.linear(x, w, b)
    dy = draw(random, *y.shape)
    y.backward(dy)
    return numpy(x=x, w=w, b=b, y=y, dy=dy, dx=x.grad, dw=w.grad, db=b.grad)


def pool2d(random, Kind, N, C, H, W, Kernel, Stride, Out):
    x = distinct(random, N, C, H, W)
    index = None
    if Kind == "AvgPool2d":
        y = F.avg_pool2d(x, Kernel, Stride)
    elif Kind == "AdaptiveAvgPool2d":
        y = F.adaptive_avg_pool2d(x, Out)
    elif Kind == "MaxPool2d":
        y, index = F.max_pool2d(x, Kernel, Stride, return_indices=True)
    else:
        y, index = F.adaptive_max_pool2d(x, Out, return_indices=True)
    dy = draw(random, *y.shape)
    y.backward(dy)
    tensors = numpy(x=x, y=y, dy=dy, dx=x.grad)
    if index is not None:
        tensors.update(numpy(index=index))
    return tensors


def max_edges(_):
    """Windows of 2 x 2 with ties, NaN and infinities: PyTorch's choices."""
    nan, inf = float("nan"), float("inf")
    windows = [[1, 2, 2, 1], [0, 0, 0, 0], [nan, 3, 1, 2], [4, nan, nan, 5],
               [-inf, -inf, -inf, -inf], [inf, nan, inf, 0]]
    x = torch.tensor(windows, dtype=torch.float64).reshape(1, len(windows), 2, 2)
    y, index = F.max_pool2d(x, 2, 2, return_indices=True)
    again, at = F.adaptive_max_pool2d(x, 1, return_indices=True)
    assert torch.equal(index, at) and np.array_equal(y.numpy(), again.numpy(), equal_nan=True)
    return numpy(x=x, y=y, index=index)


def relu(random, Size):
    x = distinct(random, Size)
    y = F.relu(x)
    dy = draw(random, Size)
    y.backward(dy)
    return numpy(x=x, y=y, dy=dy, dx=x.grad)


def relu_edges(_):
    nan, inf = float("nan"), float("inf")
    x = torch.tensor([0.0, -0.0, nan, inf, -inf], dtype=torch.float64, requires_grad=True)
    y = F.relu(x)
    dy = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0], dtype=torch.float64)
    y.backward(dy)
    return numpy(x=x, y=y, dy=dy, dx=x.grad)


def dropout(random, Size, P):
    torch.manual_seed(0)
    x = distinct(random, Size)
    y = F.dropout(x, P)
    dy = draw(random, Size)
    y.backward(dy)
    return numpy(x=x, y=y, dy=dy, dx=x.grad, evaluated=F.dropout(x, P, training=False))


ACTIVATIONS = {"SiLU": F.silu, "GELU": F.gelu}


def activation(random, Kind, Size):
    x = draw(random, Size, scale=3)
    y = ACTIVATIONS[Kind](x)
    dy = draw(random, Size)
    y.backward(dy)
    return numpy(x=x, y=y, dy=dy, dx=x.grad)


def activation_edges(_, Kind):
    """Zeros of both signs, NaN, infinities and numbers far from 0."""
    nan, inf = float("nan"), float("inf")
    x = [0.0, -0.0, nan, inf, -inf, 14, -14, 88, -88, 100, -100, 2.0**100, -(2.0**100)]
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = ACTIVATIONS[Kind](x)
    y.backward(torch.ones_like(x))
    return numpy(x=x, y=y, dx=x.grad)


def cross_entropy(random, N, Classes, Rows, Scale=1):
    logits = draw(random, N, Classes, scale=Scale)
    targets = torch.tensor(random.integers(0, Classes, N))
    loss = F.cross_entropy(logits[:Rows], targets[:Rows])
    loss.backward()
    correct = (logits[:Rows].argmax(1) == targets[:Rows]).sum()
    return numpy(logits=logits, targets=targets, dlogits=logits.grad,
                 loss=loss.reshape(1), correct=correct.reshape(1))


def soft_cross_entropy(random, N, Classes, Rows, Scale=1, Smoothing=0, Weighted=False, Mix=None):
    logits = draw(random, N, Classes, scale=Scale)
    labels = torch.tensor(random.integers(0, Classes, N))
    weights = torch.tensor(random.integers(1, 16, Classes) / 4 if Weighted else np.ones(Classes))
    targets = labels[:Rows]
    if Mix is not None:
        onehot = F.one_hot(targets, Classes).double()
        targets = Mix * onehot + (1 - Mix) * onehot.flip(0)
    loss = torch.nn.CrossEntropyLoss(weight=weights if Weighted else None, label_smoothing=Smoothing)(logits[:Rows], targets)
    loss.backward()
    correct = (logits[:Rows].argmax(1) == labels[:Rows]).sum()
    return numpy(logits=logits, targets=labels, weights=weights, dlogits=logits.grad,
                 loss=loss.reshape(1), correct=correct.reshape(1))


def scatter(values):
    """Put NaN and infinities where package verify puts them."""
    flat = values.detach().view(-1)
    flat[len(flat) // 3], flat[len(flat) // 2] = float("inf"), float("-inf")
    flat[-1] = flat[0] = float("nan")
    return values


def nonfinite(random, Layer, In, Settings):
    layer = getattr(torch.nn, Layer)(**Settings).double()
    x, tensors = scatter(draw(random, *In)), {}
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(draw(random, *p.shape))
    if Layer == "Dropout":
        torch.manual_seed(0)
        tensors["factors"] = layer(torch.ones(In, dtype=torch.float64)).numpy()
        torch.manual_seed(0)
    y = layer(x)
    dy = scatter(draw(random, *y.shape)).detach()
    y.backward(dy)
    for name, p in zip("wb", layer.parameters()):
        tensors.update(numpy(**{name: p, f"d{name}": p.grad}))
    return {**tensors, **numpy(x=x, y=y, dy=dy, dx=x.grad)}


def nonfinite_logits(_, Smoothing):
    """The loss of each row, its gradient, and whether the row is right."""
    nan, inf = float("nan"), float("inf")
    rows = [[nan, 0, 1], [0, nan, 5], [0, 5, nan], [inf, 0, 1], [0, 1, inf], [5, nan, inf], [-inf, 0, 1], [0, -inf, 1],
            [5, nan, nan], [-inf, -inf, -inf], [0, inf, inf], [nan, nan, 9], [1, 0, -inf], [nan, inf, 0]]
    logits = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
    targets = torch.arange(len(rows)) % 3
    loss = F.cross_entropy(logits, targets, label_smoothing=Smoothing, reduction="none")
    loss.sum().backward()
    return numpy(logits=logits, targets=targets, loss=loss, dlogits=logits.grad, correct=(logits.argmax(1) == targets).long())


def sgd(random, Size, Steps, LR, Momentum):
    w = draw(random, Size)
    tensors = {"w0": w.detach().numpy().copy()}
    optimiser = torch.optim.SGD([w], lr=LR, momentum=Momentum)
    for step in range(1, Steps + 1):
        w.grad = draw(random, Size).detach()
        optimiser.step()
        velocity = optimiser.state[w].get("momentum_buffer")
        if velocity is None:  # PyTorch has no velocity at momentum 0
            velocity = w.grad
        tensors[f"g{step}"] = w.grad.numpy().copy()
        tensors[f"w{step}"] = w.detach().numpy().copy()
        tensors[f"v{step}"] = velocity.numpy().copy()
    return tensors


def steps(random, make, Size, Steps, LR, WeightDecay, Groups, letters):
    """Steps of an optimiser. Tensors of parameter 1 have names such as w0.1, those of parameter 0 such as w0."""
    groups = [dict(Size=Size, LR=LR, WeightDecay=WeightDecay)] + Groups
    params = [draw(random, g["Size"]) for g in groups]
    optimiser = make([dict(params=[p], lr=g["LR"], weight_decay=g["WeightDecay"]) for p, g in zip(params, groups)])
    ends = ["" if i == 0 else f".{i}" for i in range(len(params))]
    tensors = {f"w0{end}": w.detach().numpy().copy() for w, end in zip(params, ends)}
    for step in range(1, Steps + 1):
        for w in params:
            w.grad = draw(random, *w.shape).detach()
        optimiser.step()
        for w, end in zip(params, ends):
            tensors[f"g{step}{end}"] = w.grad.numpy().copy()
            tensors[f"w{step}{end}"] = w.detach().numpy().copy()
            for name, letter in letters.items():
                tensors[f"{letter}{step}{end}"] = optimiser.state[w][name].numpy().copy()
    return tensors


def sgd_groups(random, LR, Momentum, Nesterov, **case):
    def make(groups):
        return torch.optim.SGD(groups, lr=LR, momentum=Momentum, nesterov=Nesterov)
    return steps(random, make, LR=LR, letters={"momentum_buffer": "v"}, **case)


def adamw(random, LR, Beta1, Beta2, Eps, **case):
    def make(groups):
        return torch.optim.AdamW(groups, lr=LR, betas=(Beta1, Beta2), eps=Eps)
    return steps(random, make, LR=LR, letters={"exp_avg": "m", "exp_avg_sq": "v"}, **case)


class Muon(torch.optim.Optimizer):
    """Muon of KellerJordan/cifar10-airbench, airbench94_muon.py, with nesterov=True and five steps, not in bfloat16."""

    def __init__(self, params, lr, momentum):
        super().__init__(params, dict(lr=lr, momentum=momentum))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                state = self.state[w]
                buffer = state.setdefault("momentum_buffer", torch.zeros_like(w))
                buffer.mul_(group["momentum"]).add_(w.grad)
                update = w.grad.add(buffer, alpha=group["momentum"])
                w.mul_(len(w) ** 0.5 / w.norm())
                w.add_(whiten(update.reshape(len(w), -1)).view(w.shape), alpha=-group["lr"])


def whiten(x):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = x / (x.norm() + 1e-7)
    if x.size(0) > x.size(1):
        return whiten_wide(x.T, a, b, c).T
    return whiten_wide(x, a, b, c)


def whiten_wide(x, a, b, c):
    for _ in range(5):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x


def muon(random, Steps, LR, Momentum, Shapes, Size, Rest, Rank=0, Scale=1):
    """Steps of Muon for matrices, and of SGD for a vector, which is parameter 0."""
    vector, matrices = draw(random, Size), [draw(random, *shape) for shape in Shapes]
    sgd = torch.optim.SGD([vector], lr=Rest["LR"], momentum=Rest["Momentum"], nesterov=Rest["Nesterov"], weight_decay=Rest["WeightDecay"])
    optimisers = {sgd: [vector], Muon(matrices, lr=LR, momentum=Momentum): matrices}
    params = [vector] + matrices
    ends = ["" if i == 0 else f".{i}" for i in range(len(params))]
    tensors = {f"w0{end}": w.detach().numpy().ravel().copy() for w, end in zip(params, ends)}
    for step in range(1, Steps + 1):
        for w in params:
            w.grad = draw(random, *w.shape, scale=Scale).detach()
            if Rank > 0 and w is not vector:  # small integers, so that products are exact
                left, right = (torch.tensor(random.integers(-4, 5, shape)).double() for shape in ((len(w), Rank), (Rank, w[0].numel())))
                w.grad = (left @ right).reshape(w.shape)
        for optimiser in optimisers:
            optimiser.step()
        for optimiser, own in optimisers.items():
            for w in own:
                end = ends[next(i for i, p in enumerate(params) if p is w)]
                tensors[f"g{step}{end}"] = w.grad.numpy().ravel().copy()
                tensors[f"w{step}{end}"] = w.detach().numpy().ravel().copy()
                tensors[f"v{step}{end}"] = optimiser.state[w]["momentum_buffer"].numpy().ravel().copy()
    return tensors


def clip(random, Sizes, Norm, Scale):
    """Gradients before and after clipping."""
    params = [draw(random, size) for size in Sizes]
    tensors = {}
    for i, w in enumerate(params):
        w.grad = draw(random, *w.shape, scale=Scale).detach()
        tensors[f"g{i}"] = w.grad.numpy().copy()
    torch.nn.utils.clip_grad_norm_(params, Norm)
    for i, w in enumerate(params):
        tensors[f"clipped{i}"] = w.grad.numpy().copy()
    return tensors


def schedules(_, Kind, Steps, Warmup=0, Every=0, Gamma=0, Share=0):
    """The learning rates of a schedule's steps, as factors."""
    lr = torch.optim.lr_scheduler
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=1)
    if Kind == "constant":
        scheduler = lr.ConstantLR(optimiser, factor=1)
    elif Kind == "onecycle":
        scheduler = lr.OneCycleLR(optimiser, max_lr=1, total_steps=Steps, cycle_momentum=False)
    elif Kind == "half steps":
        def factor(step):
            t = (step + 1 / 2) / Steps
            return t / Share if t < Share else (1 + np.cos(np.pi * (t - Share) / (1 - Share))) / 2
        scheduler = lr.LambdaLR(optimiser, factor)
    elif Kind == "steps":
        scheduler = lr.StepLR(optimiser, step_size=Every, gamma=Gamma)
    elif Warmup == 0:
        scheduler = lr.CosineAnnealingLR(optimiser, T_max=Steps)
    else:
        rise = lr.LinearLR(optimiser, start_factor=1 / (Warmup + 1), total_iters=Warmup)
        fall = lr.CosineAnnealingLR(optimiser, T_max=Steps - Warmup)
        scheduler = lr.SequentialLR(optimiser, [rise, fall], milestones=[Warmup])
    rates = []
    for step in range(Steps):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if step + 1 < Steps:
            scheduler.step()
    return {"lr": np.array(rates)}


def normalize(random, N, H, W, C, Mean, Std):
    images = random.integers(0, 256, (N, H, W, C)).astype(np.uint8)
    images.flat[:2] = 0, 255
    mean, std = (torch.tensor(m, dtype=torch.float64)[:, None, None] for m in (Mean, Std))
    y = (torch.tensor(images).permute(0, 3, 1, 2).double() / 255 - mean) / std
    return {"images": images, "y": np.ascontiguousarray(y.numpy())}


OPERATIONS = [
    (conv2d, CONV2D),
    (batch_norm2d, BATCH_NORM2D),
    (conv2d_grouped, CONV2D_GROUPED),
    (linear, LINEAR),
    (pool2d, POOL2D),
    (max_edges, EDGES),
    (relu, [dict(Name="odd", Size=37)]),
    (relu_edges, EDGES),
    (dropout, [dict(Name="half", Size=37, P=0.5), dict(Name="few", Size=37, P=0.125), dict(Name="none", Size=9, P=0.0)]),
    (activation, ACTIVATION),
    (activation_edges, [dict(Name="SiLU", Kind="SiLU"), dict(Name="GELU", Kind="GELU")]),
    (cross_entropy, CROSS_ENTROPY),
    (soft_cross_entropy, SOFT_CROSS_ENTROPY),
    (sgd, SGD),
    (normalize, NORMALIZE),
    (sgd_groups, SGD_GROUPS),
    (adamw, ADAMW),
    (muon, MUON),
    (clip, CLIP),
    (schedules, SCHEDULES),
    (nonfinite, NONFINITE),
    (nonfinite_logits, NONFINITE_LOGITS),
]


def write(folder):
    """Write operations/<operation>.safetensors for each operation, and edge cases, into the folder."""
    (folder / "operations").mkdir(exist_ok=True)
    for operation, cases in OPERATIONS:
        tensors = {}
        for seed, case in enumerate(cases):
            random = np.random.Generator(np.random.PCG64(seed))
            config = {key: value for key, value in case.items() if key != "Name"}
            for name, array in operation(random, **config).items():
                tensors[f"{case['Name']}/{name}"] = array
        metadata = {"torch": torch.__version__, "cases": json.dumps(cases)}
        name = f"{operation.__name__}.safetensors"
        tensorfile.write(folder / name if "edges" in name else folder / "operations" / name, tensors, metadata)
