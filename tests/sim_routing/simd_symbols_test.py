#!/usr/bin/env python3
"""`simd_symbols_test.py OBJECT...`: the kernels of one instruction level define nothing that another source shares.

An inline function is compiled by every source that uses it and linked once. Were it compiled with the flags of a
wide level, a processor that lacks the level could not run its other users. So each kernel's object defines one
global symbol, its entry, and no weak one but the reference to the C++ run time's personality routine (data)."""

import re
import subprocess
import sys

KERNEL = re.compile(r"/gate_(sse2|avx2|avx512)\.cpp\.o$")
HARMLESS = {"DW.ref.__gxx_personality_v0"}
DEFINED_AND_SHARED = "TWVuDBRGSC"  # nm's letters: global of any section, weak, unique


def shared_symbols(path):
    listing = subprocess.run(["nm", "--defined-only", path], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listing.splitlines()]
    return {row[2] for row in rows if row[1] in DEFINED_AND_SHARED} - HARMLESS


def main():
    levels = set()
    failed = False
    for path in sys.argv[1:]:
        match = KERNEL.search(path)
        if not match:
            continue
        levels.add(match[1])
        symbols = shared_symbols(path)
        if len(symbols) != 1 or f"route_{match[1]}" not in next(iter(symbols)):
            print(f"{path} shares {sorted(symbols)}, only its entry may be")
            failed = True
    if levels != {"sse2", "avx2", "avx512"}:
        print(f"objects of the levels {sorted(levels)} are given")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
