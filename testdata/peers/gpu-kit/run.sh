#!/usr/bin/env bash
# run.sh [--out FOLDER] [--dry-run]: measure wgpucnn and PyTorch on this machine's GPU in less than
# five minutes, and print the table of the figures to reach. It runs the shaders' suite, wgpucnn
# bench, then rounds of wgpucnn and PyTorch in turn until the time is over. FOLDER (default: results) then has results.md,
# results.json, and the reports that they come from.
# --dry-run tries each part of the kit but the suite as shortly as possible, without a GPU too.
# The kit needs x86-64 Linux with glibc 2.34 or later, a Vulkan driver, and python3 (or PYTHON)
# with torch and numpy. It needs no data and no network: the program draws its images.
set -uo pipefail
kit=$(cd "$(dirname "$0")" && pwd)
command="run.sh $*"

out=$kit/results most=5 epochs=500 times=0.4s suite=yes dry=() bench=(--quick --seconds 0.2 --pooling base)
while [ $# -gt 0 ]; do
  case $1 in
  --out)
    [ -n "${2:-}" ] || { echo 'run.sh: --out wants a folder' >&2; exit 2; }
    out=$(realpath -m "$2")
    shift
    ;;
  --dry-run) most=1 epochs=2 times=1x suite=no dry=(--dry-run) bench=(--quick --seconds 0.01 --pooling base) ;;
  *) echo "run.sh: unexpected $1: want --out FOLDER or --dry-run" >&2; exit 2 ;;
  esac
  shift
done
python=${PYTHON:-python3}
mkdir -p "$out" && cd "$kit" || exit 1
rm -f "$out"/{lines.txt,verify.json,verify-default.json,bench.json,results.json,results.md,log.txt}
log=$out/log.txt lines=$out/lines.txt
failures=()
. "$kit/driver.sh"

fail() { say "$1" "$2"; failures+=("$1: $2"); }
# within SECONDS COMMAND...: run a stage. It ends after SECONDS, or when all stages together have
# taken 285 s. A dry run has no limits.
within() {
  [ ${#dry[@]} -eq 0 ] || { "${@:2}" 2>>"$log"; return; }
  local left=$((285 - SECONDS))
  timeout -k 5 "$(($1 < left ? $1 : left > 1 ? left : 1))" "${@:2}" 2>>"$log"
}
# clock WHEN: note the clock of the GPU's multiprocessors, if NVIDIA's tool is here to tell it.
clock() {
  local mhz
  mhz=$(nvidia-smi --id=0 --query-gpu=clocks.sm --format=csv,noheader 2>/dev/null) && echo "clock: $mhz $1" >>"$lines"
}

torch=$("$python" -c 'import numpy, torch; print(torch.__version__, "on", torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU, without CUDA")' 2>>"$log") ||
  torch=
if [ -n "$torch" ]; then say PyTorch "$torch"; else fail PyTorch "missing: $python cannot import numpy and torch, see $log"; fi
[ $gpu = yes ] || fail adapter 'no GPU among the adapters'
{
  echo "date: $(date -u +%FT%TZ)"
  echo "command: $command"
  [ ${#dry[@]} -eq 0 ] || echo 'run: dry'
  echo "wgpucnn: $(./wgpucnn version 2>>"$log" | head -n 1)"
  echo "gpu: $gpu"
  awk '/^[0-9]+: / { sub(/^[0-9]+: /, ""); name = $0 } /^ +driver / { sub(/^ *driver */, ""); print "adapter: " name ", " $0 }' <<<"$devices"
  [ -z "$torch" ] || echo "pytorch: $torch"
} >"$lines"

# suite FILE FLAG...: run the shaders' suite and write its report.
suite() { within 110 ./wgpucnn verify "${@:2}" --report "$out/$1" >>"$log" 2>&1; }
if [ $suite = yes ]; then
  say verify 'the shaders'"'"' suite, within the limits of the adapter and those of WebGPU at the same time'
  suite verify.json & own=$!
  default=
  if ./wgpucnn help verify 2>>"$log" | grep -q -- --limits; then
    suite verify-default.json --limits default & default=$!
  else
    fail verify 'this program has no --limits'
  fi
  wait $own || fail verify "failed or took too long, see $log"
  [ -z "$default" ] || wait $default || fail verify "--limits default: failed or took too long, see $log"
fi

say bench 'peaks, submissions, predictions, copies'
within 70 ./wgpucnn bench "${bench[@]}" --out "$out/bench.json" >>"$log" || fail bench "failed or took too long, see $log"

# ours PACKAGE NAMES TIMES: run benchmarks of wgpucnn.
ours() {
  WGPUCNN_REQUIRE_GPU=1 within 60 "./$1.test" -test.run none -test.bench "$2" -test.benchtime "$3" >>"$lines" || fail wgpucnn "$2, round $round: failed, see $log"
}
# The first round is always begun, another if it will end in time.
took=0
for ((round = 1; round <= most && (round == 1 || SECONDS + took < 280); round++)); do
  began=$SECONDS
  say round $round
  echo "round: $round" >>"$lines"
  clock "before round $round of wgpucnn"
  ours train Step $times
  [ ${#dry[@]} -gt 0 ] || [ $gpu = no ] || ours train Resnet $times
  ours train Epoch ${epochs}x
  ours verify '^BenchmarkConv2d$' $times
  clock "after round $round of wgpucnn"
  rm -rf "$kit/trained"
  if within 30 ./wgpucnn train --pooling base --epochs $epochs --quiet --out "$kit/trained" >>"$log"; then
    awk -v epochs=$epochs '/"seconds":/ { sub(",", ""); printf "BenchmarkTrain/base %d %.0f ns/op\n", epochs, 1e9 * $2 / epochs }' "$kit/trained/summary.json" >>"$lines"
  else
    fail train "round $round failed, see $log"
  fi
  if [ -n "$torch" ]; then
    clock "before round $round of PyTorch"
    within 60 "$python" peers/pytorch_gpu.py "${dry[@]}" >>"$lines" || fail PyTorch "round $round: a part failed, see $log"
    clock "after round $round of PyTorch"
  fi
  took=$((SECONDS - began))
done
rm -rf "$kit/trained"

say seconds $SECONDS
./table "$out" "${failures[@]}" | tee "$out/results.md"
