"""Twenty steps of training of each lab model, of a small one, and of two residual networks, in PyTorch, in float64, of one model by AdamW,
of the small one with other losses, and of that one by Muon. Two more networks train by a whole recipe.

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
# The first shares of mixup that package train draws for seed 0, from Beta(alpha, alpha), by alpha.
OWN = {
    0.4: [0.0026919544, 0.23701032, 0.6948334, 0.99912167, 0.99984735, 0.30164143, 0.9998941, 0.8472701, 0.24141908, 0.9462361,
          0.9988668, 0.94141555, 0.13474667, 0.0003549841, 0.337921, 0.9986448, 0.71231586, 0.17769378, 0.1776968, 0.051139332],
    0.2: [5.0020542e-05, 0.1703908, 0.9118998, 0.9999984, 1, 0.47318527, 1, 0.99057895, 0.23116922, 0.9845963,
          0.99999946, 0.9960919, 0.15041682, 6.3770585e-08, 0.14030586, 0.9999927, 0.8532784, 0.045311764, 0.03279256, 0.016169457],
}
OWN_OF = {"mixup": 0.4, "strong": 0.4, "medium": 0.2}  # the alpha of each training with mixup
MUON_LR, MUON_MOMENTUM, MUON_REST_LR, MUON_DECAY, MUON_SHARE, MUON_CLIP = 0.02, 0.6, 0.02, 5e-4, 0.1, 1
# Of the trainings "strong" and "medium". Images lose a square in medium alone.
STRONG_LR, STRONG_DECAY, SHIFT, CUTOUT = 0.1, 5e-4, 4, 8
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


class Strong(nn.Module):
    """A small form of the built-in network small, after Normalize, or of medium, which has a residual block before the last convolution.

    There are few maxima, so that rounding changes the choice of none. README.md has the reason.
    """

    def __init__(self, block):
        super().__init__()
        self.conv1 = nn.Conv2d(CHANNELS, 4, 4, stride=4, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        for i, (inputs, outputs) in enumerate([(4, 8)] + [(8, 8)] * 2 * block + [(8, 12)], 2):
            self.add_module(f"conv{i}", nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))
            self.add_module(f"bn{i}", nn.BatchNorm2d(outputs))
        self.block, self.last = block, i
        self.linear1 = nn.Linear(12, CLASSES)

    def layer(self, i, x):
        return self.get_submodule(f"bn{i}")(self.get_submodule(f"conv{i}")(x))

    def forward(self, x):
        silu = nn.functional.silu
        x = silu(self.bn1(nn.functional.max_pool2d(self.conv1(x), 2)))
        x = silu(self.layer(2, x))
        if self.block:
            x = silu(self.layer(4, silu(self.layer(3, x))) + x)
        x = silu(self.layer(self.last, x))
        return self.linear1(x.amax((2, 3)))


def network(name):
    """A network after Normalize, with PyTorch's own initial weights: a pooling of the lab, or one that the code names.

    "small" is "base" with a quarter of the channels. "smooth" is "avg" with SiLU in place of ReLU. README.md has the reason.
    """
    if name in ("strong", "medium"):
        return Strong(block=name == "medium")
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
        "smooth": (1, nn.AdaptiveAvgPool2d(1), 1),
    }[name]
    activation = nn.SiLU if name == "smooth" else nn.ReLU
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(CHANNELS, hidden, 5, stride=4, padding=2),
        activation1=activation(),
        conv2=nn.Conv2d(hidden, 2 * hidden, 3, stride=stride, padding=1),
        activation2=activation(),
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


def mixup(alpha):
    """A function that returns a batch mixed with itself backwards, and its loss with label smoothing."""
    def prepare(x, y, step):
        own = float(np.float32(OWN[alpha][step]))
        onehot = nn.functional.one_hot(y, CLASSES).to(x.dtype)
        return own * x + (1 - own) * x.flip(0), cross_entropy(own * onehot + (1 - own) * onehot.flip(0), label_smoothing=SMOOTHING)
    return prepare


def threefry(key, row, place):
    """The four words of Threefry4x32-20 for arrays of rows. The key is four numbers, the counter (row, place, 0, 0)."""
    key = [np.uint32(k) for k in key]
    key.append(np.uint32(0x1BD11BDA) ^ key[0] ^ key[1] ^ key[2] ^ key[3])
    x = [np.asarray(row).astype(np.uint32), np.full(len(row), place, np.uint32), np.zeros(len(row), np.uint32), np.zeros(len(row), np.uint32)]
    rotations = [(10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20)]
    with np.errstate(over="ignore"):
        for i in range(21):
            if i % 4 == 0:
                for j in range(4):
                    x[j] = x[j] + key[(i // 4 + j) % 5]
                x[3] = x[3] + np.uint32(i // 4)
            if i == 20:
                return x
            for a, b, by in ((0, 1 + i % 2 * 2, rotations[i % 8][0]), (2, 3 - i % 2 * 2, rotations[i % 8][1])):
                x[a] = x[a] + x[b]
                x[b] = (x[b] << np.uint32(by) | x[b] >> np.uint32(32 - by)) ^ x[a]


def as_is(x, rows, epoch):
    """Images without a change."""
    return x


def changed(cutout):
    """A function that changes images (N, C, H, W) as shaders/parts/augment.wgsl says, for seed 0: alternating flip, SHIFT, and this cutout."""
    def change(x, rows, epoch):
        words, first = threefry([0, 0, 0, epoch], rows, 0), threefry([0, 0, 0, 0], rows, 1)
        low, high = [w & 0xFFFF for w in words], [w >> 16 for w in words]
        top, left = low[1] * (2 * SHIFT + 1) >> 16, high[1] * (2 * SHIFT + 1) >> 16
        hole_top, hole_left = (low[2] * SIZE >> 16).astype(int) - cutout // 2, (high[2] * SIZE >> 16).astype(int) - cutout // 2
        mirrored = (first[0] ^ np.uint32(epoch)) & 1
        images = []
        for n, image in enumerate(x):
            image = image.flip(2) if mirrored[n] else image
            image = nn.functional.pad(image[None], [SHIFT] * 4, mode="reflect")[0, :, top[n]:top[n] + SIZE, left[n]:left[n] + SIZE].clone()
            image[:, max(0, hole_top[n]):max(0, hole_top[n] + cutout), max(0, hole_left[n]):max(0, hole_left[n] + cutout)] = 0
            images.append(image)
        return torch.stack(images)
    return change


def muon(model, lr=MUON_LR, rest_lr=MUON_REST_LR, decay=MUON_DECAY):
    """Muon for the convolutions, and SGD for all else, with warm-up and a cosine of half steps."""
    def factor(step):
        t = (step + 1 / 2) / STEPS
        return t / MUON_SHARE if t < MUON_SHARE else (1 + np.cos(np.pi * (t - MUON_SHARE) / (1 - MUON_SHARE))) / 2
    filters = [p for p in model.parameters() if p.dim() == 4]
    rest = [p for p in model.parameters() if p.dim() != 4]
    optimisers = [
        Muon(filters, lr=lr, momentum=MUON_MOMENTUM),
        torch.optim.SGD(rest, lr=rest_lr, momentum=MOMENTUM, nesterov=True, weight_decay=decay),
    ]
    return optimisers, [torch.optim.lr_scheduler.LambdaLR(o, factor) for o in optimisers]


def strong(model):
    """The optimisers and schedules of a whole recipe."""
    return muon(model, STRONG_LR, STRONG_LR, STRONG_DECAY)


def train(model, rule, prepare, change, clip):
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
        batch, loss_of = prepare(change(x[rows], rows.numpy(), step // batches), y[rows], step)
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
    """Write train_<name>.safetensors into the folder, for each training of the table."""
    epochs = -(-STEPS // -(-COUNT // BATCH))
    table = [(name, name, sgd, plain, as_is, None) for name in ("base", "stride", "max", "avg", "small", "residual", "batchnorm")] + [
        ("adamw", "smooth", adamw, plain, as_is, None),
        ("weighted", "small", sgd, weighted, as_is, None),
        ("mixup", "small", sgd, mixup(OWN_OF["mixup"]), as_is, None),
        ("muon", "small", muon, plain, as_is, MUON_CLIP),
        ("strong", "strong", strong, mixup(OWN_OF["strong"]), changed(0), None),
        ("medium", "medium", strong, mixup(OWN_OF["medium"]), changed(CUTOUT), None),
    ]
    for name, network, rule, prepare, change, clip in table:
        model = begin(network)
        metadata = {
            "torch": torch.__version__,
            "images": crc(images()),
            "labels": crc(labels()),
            "order": crc(*map(order, range(epochs))),
            "initial": crc(*weights(model).values()),
        }
        losses, correct = train(model, rule, prepare, change, clip)
        tensors = dict(weights(model), losses=np.array(losses), correct=np.array(correct))
        if name in OWN_OF:
            tensors["own"] = np.array(OWN[OWN_OF[name]], dtype=np.float32)
        tensorfile.write(folder / f"train_{name}.safetensors", tensors, metadata)

        single = begin(network).float()
        again = np.array(train(single, rule, prepare, change, clip)[0])
        apart = max(np.abs(a - b).max() for a, b in zip(weights(single).values(), weights(model).values()))
        print(f"{name:9}loss {losses[0]:.4f} -> {losses[-1]:.4f}, {correct[0]} -> {correct[-1]} correct; in float32 "
              f"losses differ by {np.abs(again / losses - 1).max():.1e} relative, weights by {apart:.1e}")
