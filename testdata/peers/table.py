"""Prints the results of testdata/peers/run: medians, ranges, and how many times as long as wgpucnn each peer takes."""

import collections
import json
import statistics
import sys

rounds, hosts, losses = collections.defaultdict(list), {}, {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    rounds[row["peer"]].append(row["median_ms"])
    hosts[row["peer"]] = row["host"]
    if "first_loss" in row:
        losses[row["peer"]] = row["first_loss"]
if max(losses.values()) - min(losses.values()) > 1e-5:
    sys.exit(f"peers: the first losses differ, so the networks are not equal: {losses}")
ours = rounds["wgpucnn"]
if any(len(times) != len(ours) for times in rounds.values()):
    sys.exit("peers: a measurement is missing: " + ", ".join(f"{len(times)} of {peer}" for peer, times in rounds.items()))

print(f"rounds   {len(ours)}, a process of each peer in turn\n")
print(f"  {'peer':10} {'runs in':10} {'ms a step':>10} {'from':>9} {'to':>9}   times ours, and in single rounds")
for peer, times in rounds.items():
    ratios = sorted(theirs / our for theirs, our in zip(times, ours))
    print(f"  {peer:10} {hosts[peer]:10} {statistics.median(times):10.2f} {min(times):9.2f} {max(times):9.2f}   "
          f"{statistics.median(times) / statistics.median(ours):.3g}" + ("" if times is ours else f"   {ratios[0]:.3g} to {ratios[-1]:.3g}"))
