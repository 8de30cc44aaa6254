#!/usr/bin/env bash
# Makes the shipped profiles of kernel tables again: calib/import/remake.sh MOESIM TABLES
# MOESIM is the program; TABLES holds h100_sxm, h200_sxm, b200_sxm and gb200 with the tables of ai-dynamo/aiconfigurator
# (commit 095f58a) as CSV.
set -euo pipefail
moesim=$1
tables=$2
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
points=$(mktemp --suffix .json)
trap 'rm -f "$points"' EXIT
for gpu in h100-sxm h200-sxm b200-sxm gb200; do
  folder="$tables/${gpu/-/_}"
  base="calib/import/bases/$gpu.json"
  "$moesim" calibration import kernel-tables "$folder"/{gemm,context_attention,generation_attention,context_mla,generation_mla,nccl,moe,wideep_context_moe,wideep_generation_moe,wideep_deepep_ll,wideep_deepep_normal,mla_bmm,custom_allreduce}.*.csv.gz \
    --base "$base" --source "${gpu%-sxm}-kernel-tables" -o "$points"
  "$moesim" calibration fit "$points" --base "$base" -o "calib/profiles/$gpu.json"
done
"$moesim" calibration carry calib/profiles/h200-sxm.json --gpu calib/import/bases/h20-gpu.json --name h20 -o calib/profiles/h20.json
# Power throttles an H200 in MLA decode and leaves an H20 its clocks: FlashMLA's rate, carried by the peaks, instead.
python3 calib/import/drop_table.py calib/profiles/h20.json mla_decode
# An H800 computes as an H100 does.
python3 calib/import/add_tables.py calib/profiles/h100-sxm.json calib/profiles/h800-sxm.json
