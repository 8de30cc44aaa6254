#!/usr/bin/env python3
"""Checks the direction of every #include: `includes.py ROOT` prints file:line of each offence."""

import re
import sys
from pathlib import Path

from rooms import MAY_USE, MAY_USE_SUB_ROOMS, NEVER_IN_HEADERS, OUTSIDE, SUB_ROOMS
from sources import source_files

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    """The longest folder of the table that holds `path` (relative, with slashes), or None."""
    holders = [room for room in MAY_USE if path.startswith(room + "/")]
    return max(holders, key=len, default=None)


def may_include(room, included):
    """Whether `room` may include the project header `included`."""
    owner = room_of(included)
    if owner == room:
        return True
    for outer, inner in SUB_ROOMS.items():
        if owner in inner and outer not in inner:
            return room in MAY_USE_SUB_ROOMS
    return any(included.startswith(used + "/") for used in MAY_USE[room])


def outside_offence(room, included, is_header):
    """What is wrong with including a header of an outside package, or None."""
    for pattern, (package, owners, also_sources) in OUTSIDE.items():
        if not re.match(pattern, included):
            continue
        if is_header and (room not in owners or package in NEVER_IN_HEADERS):
            return f"{package} in a header of {room}"
        if not is_header and room not in owners and "*" not in also_sources:
            return f"{package} belongs to {', '.join(owners)}, not to {room}"
    return None


def offences_of_line(root, path, line):
    match = INCLUDE.match(line)
    if not match:
        return None
    quoted, included = match[1] == '"', match[2]
    is_test = path.startswith(("tests/", "bench/"))
    room = room_of(path.split("/", 1)[1] if is_test else path)
    if quoted and not (root / included).is_file():
        return f'"{included}" is no file (paths are relative to the root of the tree)'
    if is_test:
        return None
    if quoted and not may_include(room, included):
        return f"{room} may not include {included} of {room_of(included) or 'no room'}"
    return outside_offence(room, included, path.endswith(".hpp"))


def offences(root):
    """All offences in the tree as 'path:line: what'."""
    found = []
    for path in source_files(root):
        if not path.startswith(("tests/", "bench/")) and room_of(path) is None:
            found.append(f"{path}:1: lies in no room of the house")
            continue
        text = (root / path).read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            what = offences_of_line(root, path, line)
            if what:
                found.append(f"{path}:{number}: {what}")
    return found


def main():
    root = Path(sys.argv[1]).resolve()
    if not source_files(root):
        print(f"{root}: no source file found")
        return 1
    found = offences(root)
    print("\n".join(found) if found else f"{len(source_files(root))} files keep to their rooms")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
