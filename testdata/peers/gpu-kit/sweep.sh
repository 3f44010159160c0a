#!/usr/bin/env bash
# sweep.sh [--out FOLDER] [--budget 2m]: look for the tilings that this machine's GPU runs fastest.
# FOLDER (default: sweep) then has tune.json, the result of wgpucnn tune, and tilings.json, which is
# what the program keeps. Without a faster tiling there is no tilings.json.
set -euo pipefail
kit=$(cd "$(dirname "$0")" && pwd)

out=$kit/sweep budget=2m
while [ $# -gt 0 ]; do
  [ -n "${2:-}" ] || { echo "sweep.sh: $1 wants a value, or is unexpected: want --out FOLDER or --budget TIME" >&2; exit 2; }
  case $1 in
  --out) out=$(realpath -m "$2") ;;
  --budget) budget=$2 ;;
  *) echo "sweep.sh: unexpected $1: want --out FOLDER or --budget TIME" >&2; exit 2 ;;
  esac
  shift 2
done
mkdir -p "$out"
log=$out/log.txt
. "$kit/driver.sh"
cache=$(mktemp -d)
trap 'rm -r "$cache"' EXIT
XDG_CACHE_HOME=$cache "$kit/wgpucnn" tune --budget "$budget" --json >"$out/tune.json" 2> >(tee -a "$log" >&2)
say result "$out/tune.json"
if [ -e "$cache/wgpucnn/tilings.json" ]; then
  cp "$cache/wgpucnn/tilings.json" "$out"
  say tilings "$out/tilings.json"
fi
