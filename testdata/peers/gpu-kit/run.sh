#!/usr/bin/env bash
# run.sh [--out FOLDER] [--quick]: measure wgpucnn and PyTorch on this machine's GPU. This takes
# less than nine minutes: the shaders' suite, five rounds of the training steps of both, the lab's
# 500 epochs, torch.compile. It writes results.md and results.json to FOLDER (default: results).
# --quick tries the kit itself: one round, two epochs, no suite.
# The kit needs x86-64 Linux with glibc 2.34 or later, a Vulkan driver, and python3 (or PYTHON)
# with torch and numpy. It needs no data and no network: the program draws its images.
set -uo pipefail
kit=$(cd "$(dirname "$0")" && pwd)

out=$kit/results rounds=5 epochs=500 benchtime=1s suite=yes
while [ $# -gt 0 ]; do
  case $1 in
  --out)
    [ -n "${2:-}" ] || { echo 'run.sh: --out wants a folder' >&2; exit 2; }
    out=$(realpath -m "$2")
    shift
    ;;
  --quick) rounds=1 epochs=2 benchtime=4x suite=no ;;
  *) echo "run.sh: unexpected $1: want --out FOLDER or --quick" >&2; exit 2 ;;
  esac
  shift
done
python=${PYTHON:-python3}
mkdir -p "$out" && cd "$kit" || exit 1
rm -rf "$out"/{rounds.jsonl,compile.jsonl,verify.json,verify.txt,bench.json,run,results.json,results.md,log.txt}
log=$out/log.txt
failures=()

say() { printf '%-9s%s\n' "$1" "$2"; }
fail() { say "$1" "$2"; failures+=("$1: $2"); }
# within SECONDS COMMAND...: run a stage. It ends after SECONDS, or when all stages together have
# taken 525 s.
within() {
  local left=$((525 - SECONDS))
  timeout -k 10 "$(($1 < left ? $1 : left > 1 ? left : 1))" "${@:2}" 2>>"$log"
}

[ "$(uname -sm)" = 'Linux x86_64' ] || { say machine "$(uname -sm): want x86-64 Linux"; exit 1; }
./wgpucnn version >/dev/null 2>>"$log" || { say wgpucnn "does not start, see $log: want glibc 2.34 or later and libgcc_s.so.1"; exit 1; }
torch=$("$python" -c 'import numpy, torch; print(torch.__version__, torch.cuda.get_device_name() if torch.cuda.is_available() else "without CUDA: on the CPU")' 2>>"$log") ||
  torch=
if [ -n "$torch" ]; then say PyTorch "$torch"; else fail PyTorch "missing: $python cannot import numpy and torch, see $log"; fi

# Use the system's Vulkan loader if there is one.
if ! grep -q 'libvulkan\.so\.1' <<<"$(PATH=$PATH:/sbin ldconfig -p)"; then
  export LD_LIBRARY_PATH=$PWD/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  say loader 'the carried libvulkan.so.1'
fi
if [ -z "${VK_DRIVER_FILES:-}" ]; then
  for file in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd*.json /usr/share/vulkan/icd.d/nvidia_icd*.json /etc/vulkan/icd.d/nvidia_icd*.json; do
    [ -e "$file" ] && export VK_DRIVER_FILES=$file && break
  done
fi
say driver "${VK_DRIVER_FILES:-chosen by the Vulkan loader}"
# Loaders before 1.3.207 know only the older name.
[ -z "${VK_DRIVER_FILES:-}" ] || export VK_ICD_FILENAMES=$VK_DRIVER_FILES

./wgpucnn devices >"$out/devices.txt" 2>>"$log" ||
  { say adapter "none: want a Vulkan driver (in a container of NVIDIA's: NVIDIA_DRIVER_CAPABILITIES=all)"; exit 1; }
sed -n 's/^[0-9]*: /adapter  /p' "$out/devices.txt"
grep -q 'type .*GPU' "$out/devices.txt" || fail adapter 'no GPU among the adapters: these results are not those of a GPU'

if [ $suite = yes ]; then
  within 200 ./wgpucnn verify --report "$out/verify.json" >"$out/verify.txt" &&
    say verify "$(tail -n 1 "$out/verify.txt")" || fail verify "failed or took too long, see $out/verify.txt"
fi

for ((round = 1; round <= rounds && SECONDS < 400; round++)); do
  say round "$round of $rounds"
  WGPUCNN_REQUIRE_GPU=1 within 60 ./train.test -test.run none -test.bench Step -test.benchtime $benchtime |
    awk '/^BenchmarkStep/ { split($1, name, "[/-]"); printf "{\"peer\": \"wgpucnn\", \"pooling\": \"%s\", \"median_ms\": %f}\n", name[2], $3 / 1e6 }' \
      >>"$out/rounds.jsonl" || fail step "round $round failed, see $log"
  if [ -n "$torch" ]; then
    within 60 "$python" peers/pytorch_gpu.py --ways eager,graph >>"$out/rounds.jsonl" || fail PyTorch "round $round failed, see $log"
  fi
done

say train "$epochs epochs of each variant"
within 90 ./wgpucnn train --epochs $epochs --quiet --out "$out/run" >>"$log" || fail train "failed or took too long, see $log"
if ./wgpucnn bench --help >/dev/null 2>&1 && [ $suite = yes ]; then
  within 60 ./wgpucnn bench --json >"$out/bench.json" || fail bench "failed or took too long, see $log"
fi
if [ -n "$torch" ]; then
  say compile 'torch.compile'
  within 90 "$python" peers/pytorch_gpu.py --ways compile >"$out/compile.jsonl" || fail compile "took too long, see $log"
fi

say seconds $SECONDS
"$python" results.py "$out" "$SECONDS" "${failures[@]}" | tee "$out/results.md"
