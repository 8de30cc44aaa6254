#!/usr/bin/env python3
"""`golden_test.py MOESIM [--update]`: what the program prints for the shipped scenarios is what the files beside this
one hold, with the processor's AVX2 and FMA variants of the C library and without them. --update writes the files."""

import difflib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCENARIO = "workloads/scenarios/deepseek-v3-pretrain-2048xh800.json"



def short(steps, measured):
    """Settings of a routing scenario with few steps of few tokens."""
    return ["--set", f"/batch/steps={steps}", "--set", f"/batch/measured_steps={measured}", "--set", "/batch/tokens=2048"]


# File -> arguments.
TRANSCRIPTS = {
    "deepseek-v3-pretrain-2048xh800.txt": ["run", SCENARIO, "--waterfall"],
    "deepseek-v3-pretrain-2048xh800.replay.json": ["run", SCENARIO, "--engine", "replay", "--json", "-"],
    "deepseek-v3-pretrain-2048xh800.sensitivity.txt": ["sensitivity", SCENARIO, "--top", "12"],
    "deepseek-v3-pretrain-2048xh800.plan.txt": ["plan", SCENARIO],
    "deepseek-v3-pretrain-2048xh800.owned.txt": ["run", SCENARIO, "--engine", "replay", "--price", "owned-4-years"],
    "deepseek-v3-pretrain-2048xh800.search.txt": ["search", SCENARIO, "--vary", "/layout/pp=8,16", "--vary",
                                                  "/layout/ep=32,64", "--vary",
                                                  '/layout/schedule="dualpipe","dualpipev"', "--top", "4",
                                                  "--verify", "2", "--threads", "2"],
    "deepseek-v3-run-2048xh800.txt": ["run", "workloads/scenarios/deepseek-v3-run-2048xh800.json"],
    "deepseek-v3-routing-quick.txt": ["run", "workloads/scenarios/deepseek-v3-routing-quick.json", "--threads", "2"],
    "router-collapse.txt": ["run", "workloads/scenarios/router-collapse.json", "--threads", "2",
                            *short(60, 10), "--set", "/routing/reinforcement=0.05"],
    "gshard-routing-capacity.txt": ["run", "workloads/scenarios/gshard-routing-capacity.json", "--threads", "2",
                                    *short(20, 20), "--set", "/record/traffic_every=10"],
    "routing-domain-shift.txt": ["run", "workloads/scenarios/routing-domain-shift.json", "--threads", "2",
                                 *short(60, 20), "--set", "/routing/bias_update_speed=0.02",
                                 "--set", '/affinity/shifts=[{"step": 50, "spread": 0.3}]',
                                 "--set", "/record/traffic_every=20"],
    "deepseek-v3-h200-tp8.txt": ["run", "workloads/scenarios/deepseek-v3-h200-tp8.json", "--waterfall"],
    "deepseek-v3-prefill-saturated.txt": ["run", "workloads/scenarios/deepseek-v3-prefill-saturated.json"],
    "deepseek-v3-trace-h800.txt": ["run", "workloads/scenarios/deepseek-v3-trace-h800.json", "--threads", "2"],
    "deepseek-v3-trace-h800.plan.txt": ["plan", "workloads/scenarios/deepseek-v3-trace-h800.json"],
    "llama-3.1-70b-h100.capacity.txt": ["capacity", "workloads/scenarios/llama-3.1-70b-h100.json",
                                        "--slo", "ttft=1s@p99,tpot=40ms@p99", "--set", "/workload/duration=60 s",
                                        "--set", "/warm_up=10 s", "--set", "/workload/arrivals/rate_per_s=24",
                                        "--draws", "8", "--price", "owned-4-years", "--threads", "2"],
    "compare.txt": ["compare", SCENARIO, "--vary", "/recipe/global_batch=7680", "--engine", "replay"],
    "deepseek-v3.model.txt": ["model", "show", "deepseek-v3"],
    "constants.txt": ["constants"],
    # Cases of training steps; validation.cases runs those of routing, which take longer, as well.
    "validation.txt": ["validate", *sorted(str(path) for path in Path("tests/validation").glob("*.json"))],
}
WITHOUT_VECTORS = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA"}


def output_of(program, arguments, environment):
    ran = subprocess.run([program, *arguments], env={**os.environ, **environment}, capture_output=True, text=True,
                         check=False)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit code {ran.returncode}\n{ran.stderr}")
    return ran.stdout


def main():
    program = sys.argv[1]
    if "--update" in sys.argv[2:]:
        for name, arguments in TRANSCRIPTS.items():
            (HERE / name).write_text(output_of(program, arguments, {}), encoding="utf-8")
        return 0
    failed = False
    for name, arguments in TRANSCRIPTS.items():
        golden = (HERE / name).read_text(encoding="utf-8")
        for environment in ({}, WITHOUT_VECTORS):
            found = output_of(program, arguments, environment)
            if found == golden:
                continue
            failed = True
            print(f"{name} differs {environment or ''}; tests/golden/update.sh writes it anew")
            sys.stdout.writelines(list(difflib.unified_diff(
                golden.splitlines(True), found.splitlines(True), name, "now"))[:40])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
