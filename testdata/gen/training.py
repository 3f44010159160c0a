"""Twenty steps of training of each lab model, of a small one, and of two residual networks, in PyTorch, in float64, of one model by AdamW,
of the small one with other losses, and of that one by Muon.

Formulas give the images, labels, orders of rows and initial weights. ../golden/training.go
repeats the formulas. The files' metadata hold checksums of the results.
"""

import zlib
from collections import OrderedDict

import numpy as np
import torch
from torch import nn

import tensorfile
from operations import Muon

COUNT, SIZE, CHANNELS, CLASSES = 220, 32, 3, 3
BATCH, STEPS, LR, MOMENTUM, HIDDEN = 128, 20, 5e-3, 0.9, 32
ADAMW_LR, ADAMW_DECAY = 5e-4, 0.1
SMOOTHING, CLASS_WEIGHTS = 0.1, [0.5, 1, 2]
# The first shares of mixup that package train draws for seed 0, from Beta(0.4, 0.4).
OWN = [0.0026919544, 0.23701032, 0.6948334, 0.99912167, 0.99984735, 0.30164143, 0.9998941, 0.8472701, 0.24141908, 0.9462361,
       0.9988668, 0.94141555, 0.13474667, 0.0003549841, 0.337921, 0.9986448, 0.71231586, 0.17769378, 0.1776968, 0.051139332]
MUON_LR, MUON_MOMENTUM, MUON_REST_LR, MUON_DECAY, MUON_SHARE, MUON_CLIP = 0.02, 0.6, 0.02, 5e-4, 0.1, 1
MEAN, STD = [0.5074, 0.4867, 0.4411], [0.2011, 0.1987, 0.2025]


def lowbias32(keys):
    """The hash lowbias32 of an array of uint32, 32 bits each."""
    x = np.asarray(keys).astype(np.uint32)
    x ^= x >> 16
    x *= np.uint32(0x7FEB352D)
    x ^= x >> 15
    x *= np.uint32(0x846CA68B)
    x ^= x >> 16
    return x


def labels():
    return lowbias32((1 << 30) + np.arange(COUNT)) % CLASSES


def images():
    """Bytes (COUNT, SIZE, SIZE, CHANNELS): half noise, half a pattern of 4 x 4 pixels that depends on the class."""
    i = np.arange(SIZE * SIZE * CHANNELS)
    y, x, c = i // CHANNELS // SIZE, i // CHANNELS % SIZE, i % CHANNELS
    place = (y % 4 * 4 + x % 4) * CHANNELS + c
    noise = lowbias32((1 << 31) + (np.arange(COUNT)[:, None] << 12) + i) >> 25
    pattern = lowbias32((1 << 29) + (labels().astype(np.int64)[:, None] << 6) + place) >> 25
    return (noise + pattern).astype(np.uint8).reshape(COUNT, SIZE, SIZE, CHANNELS)


def order(epoch):
    """The order of rows in an epoch; epochs are counted from 0. The factor shares no divisor with COUNT."""
    return ((np.arange(COUNT) * (40 * epoch + 7) + epoch) % COUNT).astype(np.uint32)


class Residual(nn.Module):
    """A residual network after Normalize: a block with a strided shortcut, then a block whose shortcut is the identity.

    The order of the parameters is the order of the layers in nn.Residual: the body, then the shortcut.
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(CHANNELS, 12, 4, stride=4)
        self.conv2 = nn.Conv2d(12, 16, 3, stride=2, padding=1)
        self.conv3 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv4 = nn.Conv2d(12, 16, 1, stride=2)
        self.conv5 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv6 = nn.Conv2d(16, 16, 3, padding=1)
        self.linear1 = nn.Linear(16, CLASSES)

    def forward(self, x):
        x = self.conv1(x).relu()
        x = (self.conv3(self.conv2(x).relu()) + self.conv4(x)).relu()
        x = (self.conv6(self.conv5(x).relu()) + x).relu()
        return self.linear1(x.mean((2, 3)))


class BatchNorm(nn.Module):
    """The first block of the residual network with a BatchNorm behind each convolution. The convolutions have no bias."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(CHANNELS, 12, 4, stride=4, bias=False)
        self.bn1 = nn.BatchNorm2d(12)
        self.conv2 = nn.Conv2d(12, 16, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.conv3 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(16)
        self.conv4 = nn.Conv2d(12, 16, 1, stride=2, bias=False)
        self.bn4 = nn.BatchNorm2d(16)
        self.linear1 = nn.Linear(16, CLASSES)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        x = (self.bn3(self.conv3(self.bn2(self.conv2(x)).relu())) + self.bn4(self.conv4(x))).relu()
        return self.linear1(x.mean((2, 3)))


def network(name):
    """A network after Normalize, with PyTorch's own initial weights: a pooling of the lab, "small", "residual", or "batchnorm".

    "small" is "base" with a quarter of the channels.
    """
    if name == "residual":
        return Residual()
    if name == "batchnorm":
        return BatchNorm()
    hidden = HIDDEN // 4 if name == "small" else HIDDEN
    stride, pool, side = {
        "base": (1, nn.AvgPool2d(4), 2),
        "small": (1, nn.AvgPool2d(4), 2),
        "stride": (2, nn.Identity(), 4),
        "max": (1, nn.AdaptiveMaxPool2d(1), 1),
        "avg": (1, nn.AdaptiveAvgPool2d(1), 1),
    }[name]
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(CHANNELS, hidden, 5, stride=4, padding=2),
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(hidden, 2 * hidden, 3, stride=stride, padding=1),
        relu2=nn.ReLU(),
        pool1=pool,
        flatten1=nn.Flatten(),
        linear1=nn.Linear(2 * hidden * side * side, CLASSES),
    ))


def begin(name):
    """A network in float64, with initial weights that are exact in float32. BatchNorms keep PyTorch's: ones and zeros."""
    model = network(name).double()
    with torch.no_grad():
        for number, (path, parameter) in enumerate(model.named_parameters()):
            layer = model.get_submodule(path.split(".")[0])
            if isinstance(layer, nn.BatchNorm2d):
                continue
            bound = 1 / np.sqrt(layer.weight[0].numel())  # by fan-in, for the bias too
            bits = lowbias32((number << 20) + np.arange(parameter.numel())) >> 8
            values = ((2 * (bits / (1 << 24)) - 1) * bound).astype(np.float32)
            parameter.copy_(torch.tensor(values).reshape(parameter.shape))
    return model


def sgd(model):
    """The lab's optimiser, and its schedule, which is none."""
    return [torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)], []


def adamw(model):
    """AdamW in one cycle, and its schedule. Weights decay, biases do not."""
    groups = [{"params": [p for name, p in model.named_parameters() if name.endswith(end)], "weight_decay": decay}
              for end, decay in ((".weight", ADAMW_DECAY), (".bias", 0))]
    optimiser = torch.optim.AdamW(groups, lr=ADAMW_LR)
    return [optimiser], [torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=ADAMW_LR, total_steps=STEPS, cycle_momentum=False)]


def cross_entropy(target, **settings):
    """torch.nn.CrossEntropyLoss of these targets as a function of the logits."""
    return lambda logits: nn.CrossEntropyLoss(**settings)(logits, target)


def plain(x, y, step):
    """A batch as it is, and its loss."""
    return x, cross_entropy(y)


def weighted(x, y, step):
    """A batch as it is, and its loss with label smoothing and class weights."""
    return x, cross_entropy(y, weight=torch.tensor(CLASS_WEIGHTS, dtype=x.dtype), label_smoothing=SMOOTHING)


def mixup(x, y, step):
    """A batch mixed with itself backwards, and its loss with label smoothing."""
    own = float(np.float32(OWN[step]))
    onehot = nn.functional.one_hot(y, CLASSES).to(x.dtype)
    return own * x + (1 - own) * x.flip(0), cross_entropy(own * onehot + (1 - own) * onehot.flip(0), label_smoothing=SMOOTHING)


def muon(model):
    """Muon for the convolutions, and SGD for all else, with warm-up and a cosine of half steps."""
    def factor(step):
        t = (step + 1 / 2) / STEPS
        return t / MUON_SHARE if t < MUON_SHARE else (1 + np.cos(np.pi * (t - MUON_SHARE) / (1 - MUON_SHARE))) / 2
    filters = [p for p in model.parameters() if p.dim() == 4]
    rest = [p for p in model.parameters() if p.dim() != 4]
    optimisers = [
        Muon(filters, lr=MUON_LR, momentum=MUON_MOMENTUM),
        torch.optim.SGD(rest, lr=MUON_REST_LR, momentum=MOMENTUM, nesterov=True, weight_decay=MUON_DECAY),
    ]
    return optimisers, [torch.optim.lr_scheduler.LambdaLR(o, factor) for o in optimisers]


def train(model, rule, prepare, clip):
    """Train for STEPS steps and return the loss and the number of correct rows of each step before its update."""
    dtype = next(model.parameters()).dtype
    mean, std = torch.tensor(MEAN, dtype=dtype)[:, None, None], torch.tensor(STD, dtype=dtype)[:, None, None]
    x = (torch.tensor(images()).permute(0, 3, 1, 2).to(dtype) / 255 - mean) / std
    y = torch.tensor(labels().astype(np.int64))
    optimisers, schedulers = rule(model)
    batches = -(-COUNT // BATCH)
    losses, correct = [], []
    for step in range(STEPS):
        first = step % batches * BATCH
        rows = torch.tensor(order(step // batches)[first:first + BATCH].astype(np.int64))
        batch, loss_of = prepare(x[rows], y[rows], step)
        logits = model(batch)
        loss = loss_of(logits)
        losses.append(loss.item())
        correct.append((logits.argmax(1) == y[rows]).sum().item())
        model.zero_grad()
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        for optimiser in optimisers:
            optimiser.step()
        if step + 1 < STEPS:
            for scheduler in schedulers:
                scheduler.step()
    return losses, correct


def weights(model):
    return {name: t.numpy().astype(np.float32) for name, t in model.state_dict().items() if t.is_floating_point()}


def crc(*arrays):
    return "%08x" % zlib.crc32(b"".join(a.astype(a.dtype.newbyteorder("<")).tobytes() for a in arrays))


def write(folder):
    """Write train_<name>.safetensors into the folder: for each network, for avg by AdamW, for the small one with other losses and by Muon."""
    epochs = -(-STEPS // -(-COUNT // BATCH))
    for name, network, rule, prepare, clip in [(n, n, sgd, plain, None) for n in ("base", "stride", "max", "avg", "small", "residual", "batchnorm")] + [
            ("adamw", "avg", adamw, plain, None), ("weighted", "small", sgd, weighted, None), ("mixup", "small", sgd, mixup, None), ("muon", "small", muon, plain, MUON_CLIP)]:
        model = begin(network)
        metadata = {
            "torch": torch.__version__,
            "images": crc(images()),
            "labels": crc(labels()),
            "order": crc(*map(order, range(epochs))),
            "initial": crc(*weights(model).values()),
        }
        losses, correct = train(model, rule, prepare, clip)
        tensors = dict(weights(model), losses=np.array(losses), correct=np.array(correct))
        if prepare is mixup:
            tensors["own"] = np.array(OWN, dtype=np.float32)
        tensorfile.write(folder / f"train_{name}.safetensors", tensors, metadata)

        single = begin(network).float()
        again = np.array(train(single, rule, prepare, clip)[0])
        apart = max(np.abs(a - b).max() for a, b in zip(weights(single).values(), weights(model).values()))
        print(f"{name:9}loss {losses[0]:.4f} -> {losses[-1]:.4f}, {correct[0]} -> {correct[-1]} correct; in float32 "
              f"losses differ by {np.abs(again / losses - 1).max():.1e} relative, weights by {apart:.1e}")
