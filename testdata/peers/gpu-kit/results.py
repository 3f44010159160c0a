"""Writes results.json from the files of run.sh in a folder, and prints results.md: results.py FOLDER SECONDS [FAILURE]..."""

import json
import pathlib
import statistics
import sys

POOLINGS = ("base", "stride", "max", "avg")
EAGER, GRAPH, SECONDS = 5, 1, 2  # targets: the least ratio of eager and of graph to wgpucnn's step, and the most seconds of a training


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def verdict(met):
    return "met" if met else "not met"


folder, seconds, failures = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
rows = lines(folder / "rounds.jsonl") + lines(folder / "compile.jsonl")
ways = [(way, tf32) for way in ("eager", "graph", "compile") for tf32 in (False, True)]


def times(pooling, **want):
    return [row["median_ms"] for row in rows if row["pooling"] == pooling and "median_ms" in row
            and all(row.get(key) == value for key, value in want.items())]


torch = {key: row[key] for row in rows for key in ("device", "torch") if key in row}
gpu = torch.get("device", "CPU") != "CPU"
steps = []
for pooling in POOLINGS:
    ours = times(pooling, peer="wgpucnn")
    if not ours:
        continue
    step = {"pooling": pooling, "ms": statistics.median(ours), "rounds": ours, "peers": []}
    for way, tf32 in ways:
        theirs = times(pooling, way=way, tf32=tf32)
        if theirs:
            ratio = statistics.median(theirs) / step["ms"]
            target = {"eager": EAGER, "graph": GRAPH}.get(way) if gpu else None
            step["peers"].append({"way": way, "tf32": tf32, "ms": statistics.median(theirs), "rounds": theirs, "ratio": ratio,
                                  "target": target, "met": None if target is None else ratio >= target})
    steps.append(step)

training = []
for summary in folder.glob("run/summary.json"):
    for variant in json.loads(summary.read_text())["variants"]:
        full = variant["epochs"] == 500
        training.append({"pooling": variant["pooling"], "epochs": variant["epochs"], "seconds": variant["seconds"],
                         "target": SECONDS, "met": variant["seconds"] < SECONDS if full else None})

errors = sorted({f"{row['way']}, TF32 {'on' if row['tf32'] else 'off'}, {row['pooling']}: {row['error']}" for row in rows if "error" in row})
devices = (folder / "devices.txt").read_text()
verify = folder / "verify.json"
result = {"devices": devices.splitlines(), "pytorch": torch, "steps": steps, "training": training, "failures": failures + errors,
          "verify": json.loads(verify.read_text()) if verify.exists() else None, "seconds": seconds}
(folder / "results.json").write_text(json.dumps(result, indent=1) + "\n")

print("# wgpucnn beside PyTorch\n")
print("\n".join(f"    {line}".rstrip() for line in devices.strip().splitlines()))
print(f"\nPyTorch {torch.get('torch', 'missing')} on {torch.get('device', 'nothing')}.\n")
print("## A training step at batch 128\n\nMedian milliseconds of the rounds. Times ours: how many times as long as wgpucnn's step.\n")
print("| variant | wgpucnn | PyTorch | TF32 | ms | times ours | target | |\n|---|---:|---|---|---:|---:|---:|---|")
for step in steps:
    for peer in step["peers"]:
        target = "" if peer["target"] is None else f"{peer['target']}"
        print(f"| {step['pooling']} | {step['ms']:.4f} | {peer['way']} | {'on' if peer['tf32'] else 'off'} | {peer['ms']:.4f} "
              f"| {peer['ratio']:.2f} | {target} | {'' if peer['met'] is None else verdict(peer['met'])} |")
    if not step["peers"]:
        print(f"| {step['pooling']} | {step['ms']:.4f} | not measured | | | | | |")
print("\n## The lab's training, each epoch with its evaluation\n\n| variant | epochs | seconds | target | |\n|---|---:|---:|---:|---|")
for row in training:
    print(f"| {row['pooling']} | {row['epochs']} | {row['seconds']:.2f} | below {SECONDS} | {'' if row['met'] is None else verdict(row['met'])} |")
print(f"| all | | {sum(row['seconds'] for row in training):.2f} | | |")
text = folder / "verify.txt"
said = text.read_text().split("\n\n") if text.exists() else []
print("\n## The shaders' suite\n\n" + (said[-1].strip() if verify.exists() else "It left no report."))
if result["failures"]:
    print("\n## What failed\n\n" + "\n".join(f"- {failure}" for failure in result["failures"]))
