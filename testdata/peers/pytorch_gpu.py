"""Measures the lab's steps at batch 128 in PyTorch on a GPU; prints one line of JSON for each variant, way and TF32.

    python3 testdata/peers/pytorch_gpu.py [--ways eager,graph,compile] [--pooling base,stride,max,avg] [--repeats 7] [--steps 200]

  eager    the usual step
  graph    the whole step with SGD, captured as a CUDA graph and replayed
  compile  torch.compile(mode="reduce-overhead") of forward and loss, then backward and SGD

The batch stays on the device and the loop reads nothing. Without CUDA the CPU runs only eager, with fewer steps.
A way that fails prints a line with its error.
"""

import argparse
import json

import torch
from torch import nn

import pytorch as cpu


def graph(pooling, device):
    step = cpu.eager(pooling, device)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # lazy allocations must be done before the capture
        for _ in range(5):
            step()
    torch.cuda.current_stream().wait_stream(side)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        step()
    return captured.replay


def compiled(pooling, device):
    model, optimiser, x, y = cpu.lab(pooling, device)
    forward = torch.compile(lambda: nn.functional.cross_entropy(model(x), y), mode="reduce-overhead")

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = forward()
        loss.backward()
        optimiser.step()

    return step


WAYS = {"eager": cpu.eager, "graph": graph, "compile": compiled}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--ways", default="eager,graph,compile")
    arguments.add_argument("--pooling", default="base,stride,max,avg")
    arguments.add_argument("--repeats", type=int, default=7)
    arguments.add_argument("--steps", type=int, default=200)
    o = arguments.parse_args()
    cuda = torch.cuda.is_available()
    ways, repeats, steps = o.ways.split(","), o.repeats, o.steps
    if not cuda:
        ways, repeats, steps = [way for way in ways if way == "eager"], 3, 10
    device, wait = ("cuda", torch.cuda.synchronize) if cuda else ("cpu", lambda: None)
    torch.backends.cudnn.benchmark = True
    for tf32 in (False, True) if cuda else (False,):
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        for pooling in o.pooling.split(","):
            for way in ways:
                row = {"peer": "PyTorch", "device": torch.cuda.get_device_name() if cuda else "CPU", "torch": torch.__version__,
                       "pooling": pooling, "way": way, "tf32": tf32}
                try:
                    row.update(cpu.summary(cpu.timed(WAYS[way](pooling, device), repeats, steps, wait)), steps=steps)
                except Exception as error:  # go on with the other ways
                    row["error"] = f"{type(error).__name__}: {error}"[:300]
                print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
