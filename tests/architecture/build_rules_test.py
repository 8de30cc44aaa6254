#!/usr/bin/env python3
"""`build_rules_test.py ROOT CMAKE`: a missing source or room ends the configuration, so no test vanishes silently."""

import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(rules LANGUAGES CXX)
add_library(moesim_options INTERFACE)
include({rules})
moesim_library(there)
{target}
"""


def configure(root, cmake, target):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        (source / "main.cpp").write_text("int main() {}\n")
        (source / "CMakeLists.txt").write_text(PROJECT.format(rules=root / "cmake/rooms.cmake", target=target))
        command = [cmake, "-S", source, "-B", source / "build", "-G", "Ninja"]
        return subprocess.run(command, capture_output=True, text=True, check=False)


def main():
    root, cmake = Path(sys.argv[1]).resolve(), sys.argv[2]
    cases = [
        ("moesim_executable(a SOURCES main.cpp USES there)", ""),
        ("moesim_executable(a SOURCES absent.cpp)", "absent.cpp"),
        ("moesim_executable(a SOURCES main.cpp USES nowhere)", "the room nowhere"),
        ("moesim_library(a SOURCES absent.cpp)", "absent.cpp"),
        ("moesim_test(a)", "no SOURCES"),
    ]
    failed = False
    for target, message in cases:
        result = configure(root, cmake, target)
        refused = result.returncode != 0
        if refused != bool(message) or message not in result.stderr:
            print(f"{target}: exit code {result.returncode}\n{result.stderr}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
