#!/usr/bin/env python3
"""drop_table.py PROFILE OPERATOR: takes the tables of an operator out of a profile that `moesim` wrote."""
import sys


def main(path, operator):
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    start = lines.index('  "tables": [') + 1
    end = max(i for i, line in enumerate(lines) if line.strip() == "]")
    blocks = []
    for line in lines[start:end]:
        if line.startswith('{"operator"'):
            blocks.append([])
        blocks[-1].append(line)
    kept = [block for block in blocks if not block[0].startswith(f'{{"operator":"{operator}"')]
    kept[-1][-1] = kept[-1][-1].rstrip(",")
    body = [line for block in kept for line in block]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines[:start] + body + lines[end:]))


main(*sys.argv[1:])
