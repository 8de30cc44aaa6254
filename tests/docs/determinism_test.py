"""The same inputs give the same bytes, whatever the threads and the C library's variants:
determinism_test.py MOESIM SCENARIO"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# glibc 2.36 picks exp and log by processor; without these it takes the SSE2 ones.
BASELINE = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA"}
FILES = ["summary.json", "records.moesim", "trace.json"]
EXP = "import math; print(sum(hash(math.exp(i * 1.234567e-3)) for i in range(1, 20000)))"


def output_of(command, environment):
    return subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def files_of(program, scenario, arguments, environment):
    with tempfile.TemporaryDirectory() as folder:
        output_of([program, "run", scenario, "-o", folder, *arguments], environment)
        return [(Path(folder) / name).read_bytes() for name in FILES]


def main():
    program, scenario = sys.argv[1:3]
    python = [sys.executable, "-c", EXP]
    if output_of(python, {}) == output_of(python, BASELINE):
        print("note: this C library has one variant of exp here, so only threads are compared")
    faults = 0
    for arguments in (["--waterfall", "--uncertainty"],
                      ["--engine", "replay", "--set", "/gpus=every"]):
        one = files_of(program, scenario, [*arguments, "--threads", "1"], {})
        for threads, environment in (("2", {}), ("1", BASELINE)):
            other = files_of(program, scenario, [*arguments, "--threads", threads], environment)
            for name, a, b in zip(FILES, one, other):
                if a != b:
                    print(f"{name} differs with {' '.join(arguments)} --threads {threads} {environment}")
                    faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
