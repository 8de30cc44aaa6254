#!/usr/bin/env bash
# Makes the profiles of moesim's own measurements again from the logs in calib/logs:
# calib/import/remake_measured.sh MOESIM MOESIM_CALIBRATE
# What a single GPU cannot measure stays that of the profile of kernel tables.
set -euo pipefail
moesim=$1
calibrate=$2
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for gpu in h100-sxm h200-sxm; do
  "$calibrate" profile "calib/logs/$gpu.ndjson" -o "$work/$gpu-points.json" --name "$gpu-measured"
  python3 calib/import/measured_base.py "calib/profiles/$gpu.json" "$work/$gpu-points.json" \
    "calib/import/bases/$gpu-measured.json" "$work/$gpu-base.json"
  "$moesim" calibration fit "$work/$gpu-points.json" --base "$work/$gpu-base.json" --name "$gpu-measured" \
    -o "calib/profiles/$gpu-measured.json"
done
