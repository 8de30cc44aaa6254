#!/usr/bin/env python3
"""`format.py ROOT CLANG_FORMAT [--fix]`: every source is formatted by .clang-format and at most 300 lines long.

With --fix the sources are formatted in place."""

import subprocess
import sys
from pathlib import Path

from sources import source_files

MAX_LINES = 300


def main():
    root = Path(sys.argv[1]).resolve()
    paths = source_files(root)
    if not paths:
        print(f"{root}: no source file found")
        return 1
    mode = ["-i"] if "--fix" in sys.argv[3:] else ["--dry-run", "-Werror"]
    checked = subprocess.run([sys.argv[2], *mode, "--style=file", *paths], cwd=root, check=False)
    failed = checked.returncode != 0
    for path in paths:
        lines = (root / path).read_text(encoding="utf-8").count("\n")
        if lines > MAX_LINES:
            print(f"{path}:{MAX_LINES}: {lines} lines, at most {MAX_LINES}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
