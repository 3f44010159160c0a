"""Measures in PyTorch what gpu-kit/run.sh measures in wgpucnn. It prints lines of Go's benchmark format.

    python3 testdata/peers/pytorch_gpu.py [--dry-run]

  step/base/eager   the usual step of the lab's base model at batch 128
  step/base/graph   the same step with SGD, captured as a CUDA graph and replayed
  step/20M/graph    a step of the network of 20 million multiply-adds an image
  step/medium/graph, step/resnet/graph
                    a step of wgpucnn's built-in network; resnet with CUDA alone
  epoch/base/graph  an epoch of the lab with its evaluation, as one CUDA graph
  conv2d/...        forward and the two gradients of one convolution, each as a CUDA graph

Each is measured with TF32 off and on. The data stay on the device, and a timed part reads nothing. Before it is timed, a
step runs for 0.3 s, because an idle GPU lowers its clock. A line is the median of five repeats. A part that fails says so
on standard error. The other parts run, and the exit status is 1.

Without CUDA everything runs on the CPU, without TF32. A function stands in for its CUDA graph, and its line has
"stand-in" in place of "graph". --dry-run times single steps and does not warm up. Both only prove that the script works.
"""

import argparse
import statistics
import sys
import time

import torch
from torch import nn

import pytorch as cpu
import strong
from pytorch import training

CUDA = torch.cuda.is_available()
DEVICE, GRAPH = ("cuda", "graph") if CUDA else ("cpu", "stand-in")
WARM, REPEATS, SECONDS = 0.3, 5, 0.1  # seconds of warm-up; repeats, and seconds of each
TRAIN, TEST = 1500, 300  # rows of the lab
CONV = 32, 64, 32, 3  # batch, channels, side of a map, kernel


def graph(step):
    """A step as a CUDA graph. Without CUDA the function itself stands in for it."""
    if not CUDA:
        return step
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # lazy allocations must be done before the capture
        for _ in range(5):
            step()
    torch.cuda.current_stream().wait_stream(side)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        step()

    def replay(_=step):  # the graph reads tensors that the step owns
        captured.replay()

    return replay


def twenty_million():
    """The network twentyMillion of nn/train/bench_test.go."""
    def conv(inputs, outputs):
        return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()

    return nn.Sequential(
        cpu.Normalize(), *conv(3, 24), nn.MaxPool2d(2), *conv(24, 48), *conv(48, 48), nn.MaxPool2d(2),
        *conv(48, 96), *conv(96, 128), nn.MaxPool2d(2), *conv(128, 128), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(128, training.CLASSES))


def medium():
    """The built-in network medium."""
    return nn.Sequential(cpu.Normalize(), *strong.network("medium", training.CLASSES))


class Residual(nn.Module):
    """A block of the built-in network resnet: two convolutions, and one of 1 x 1 beside them where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()

        def conv(channels, kernel, stride):
            return nn.Conv2d(channels, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)

        self.body = nn.Sequential(*conv(inputs, 3, stride), nn.ReLU(), *conv(outputs, 3, 1))
        self.beside = nn.Sequential(*conv(inputs, 1, stride)) if stride > 1 else nn.Identity()

    def forward(self, x):
        return nn.functional.relu(self.body(x) + self.beside(x))


def resnet():
    """The built-in network resnet."""
    blocks = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]
    return nn.Sequential(
        cpu.Normalize(), nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        *(Residual(*block) for block in blocks), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, training.CLASSES))


def training_step(model, way):
    """A training step, and the number of the model's parameters."""
    model = model.to(DEVICE)
    (x, y), update = cpu.batch(DEVICE), cpu.update(model)
    return way(lambda: update(x, y)), sum(p.numel() for p in model.parameters())


def epoch(model):
    """An epoch of the lab: its steps in a new order, each with its loss and its right answers, and the evaluation."""
    model, (x, y) = model.to(DEVICE), cpu.batch(DEVICE)
    repeats = -(-TRAIN // len(x))
    x, y = x.repeat(repeats, 1, 1, 1)[:TRAIN], y.repeat(repeats)[:TRAIN]
    order, update = torch.arange(TRAIN, device=DEVICE), cpu.update(model)

    def run():
        figures = []
        for rows in order.split(training.BATCH):
            logits, loss = update(x[rows], y[rows])
            figures += [loss, (logits.argmax(1) == y[rows]).sum()]
        with torch.no_grad():
            for inputs, labels in zip(x[:TEST].split(training.BATCH), y[:TEST].split(training.BATCH)):
                logits = model(inputs)
                figures += [nn.functional.cross_entropy(logits, labels), (logits.argmax(1) == labels).sum()]
        return torch.stack([figure.float() for figure in figures])

    replay = graph(run)

    def step():
        order.copy_(torch.randperm(TRAIN, device=DEVICE))
        replay()

    return step


def convolution(part):
    """A part of a convolution alone: the output, or the gradient of the input or of the parameters."""
    batch, channels, side, kernel = CONV
    x, dy = torch.randn(2, batch, channels, side, side, device=DEVICE)
    w, b = torch.randn(channels, channels, kernel, kernel, device=DEVICE) / (channels * kernel), torch.randn(channels, device=DEVICE)
    if part == "forward":
        return graph(lambda: nn.functional.conv2d(x, w, b, padding=kernel // 2))
    wanted = [part == "backward_input", part == "backward_weight", part == "backward_weight"]
    one = [kernel // 2] * 2
    return graph(lambda: torch.ops.aten.convolution_backward(dy, x, w, [channels], [1, 1], one, [1, 1], False, [0, 0], 1, wanted))


def wait():
    if CUDA:
        torch.cuda.synchronize()


def measure(name, make, dry):
    """Print the time of a step. make returns the step, or the step and its network's parameters."""
    step = make()
    step, params = step if isinstance(step, tuple) else (step, None)
    steps, began = 0, time.perf_counter()
    while steps == 0 or not dry and time.perf_counter() - began < WARM:
        step()
        wait()
        steps += 1
    steps = 1 if dry else max(1, round(steps * SECONDS / (time.perf_counter() - began)))
    times = cpu.timed(step, 1 if dry else REPEATS, steps, wait)
    line = f"BenchmarkPyTorch/{name} {steps} {1e6 * statistics.median(times):.0f} ns/op"
    print(line + (f" {params} params" if params else ""), flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dry-run", action="store_true")
    o = arguments.parse_args()
    parts = {
        "step/base/eager": lambda: training_step(cpu.lab("base"), lambda step: step),
        f"step/base/{GRAPH}": lambda: training_step(cpu.lab("base"), graph),
        f"step/20M/{GRAPH}": lambda: training_step(twenty_million(), graph),
        f"step/medium/{GRAPH}": lambda: training_step(medium(), graph),
        **({f"step/resnet/{GRAPH}": lambda: training_step(resnet(), graph)} if CUDA else {}),
        f"epoch/base/{GRAPH}": lambda: epoch(cpu.lab("base")),
        **{f"conv2d/{part}": lambda part=part: convolution(part) for part in ("forward", "backward_input", "backward_weight")},
    }
    torch.backends.cudnn.benchmark = True
    failed = False
    for tf32 in (False, True) if CUDA else (False,):
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        for name, make in parts.items():
            name = f"{name}/tf32={'on' if tf32 else 'off'}"
            try:
                measure(name, make, o.dry_run)
            except Exception as error:  # go on with the other parts
                failed = True
                print(f"PyTorch: {name}: {type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(failed)


if __name__ == "__main__":
    main()
