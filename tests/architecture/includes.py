#!/usr/bin/env python3
"""Checks the direction of every #include, and that headers are read once: `includes.py ROOT` prints file:line of
each offence."""

import re
import sys
from pathlib import Path

from rooms import MAY_USE, MAY_USE_SUB_ROOMS, OUTSIDE, SUB_ROOMS
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
            return room in MAY_USE_SUB_ROOMS or owner in MAY_USE[room]
    return any(included.startswith(used + "/") for used in MAY_USE[room])


def outside_packages(included):
    """Rows of the table of outside packages that the include matches."""
    return [row for pattern, row in OUTSIDE.items() if re.match(pattern, included)]


def outside_offence(room, included, is_header):
    """What is wrong with including a header of an outside package, or None."""
    for package, owners, also_sources in outside_packages(included):
        if room in owners or (not is_header and "*" in also_sources):
            continue
        if is_header:
            return f"{package} in a header of {room}"
        return f"{package} belongs to {', '.join(owners)}, not to {room}"
    return None


def package_behind(root, room, header, seen):
    """An outside package that `room` does not own and that the project header `header` pulls in, by itself or
    through others, or None."""
    if header in seen or not (root / header).is_file():
        return None
    seen.add(header)
    for line in (root / header).read_text(encoding="utf-8").splitlines():
        match = INCLUDE.match(line)
        if not match:
            continue
        packages = [row[0] for row in outside_packages(match[2]) if room not in row[1]] if match[1] == "<" else []
        package = packages[0] if packages else package_behind(root, room, match[2], seen)
        if package:
            return package
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
    if quoted and room_of(included) != room:
        package = package_behind(root, room, included, set())
        if package:
            return f"{included} brings {package} out of its room"
    return outside_offence(room, included, path.endswith(".hpp"))


def offences(root):
    """All offences in the tree as 'path:line: what'."""
    found = []
    for path in source_files(root):
        if not path.startswith(("tests/", "bench/")) and room_of(path) is None:
            found.append(f"{path}:1: lies in no room of the house")
            continue
        text = (root / path).read_text(encoding="utf-8")
        if path.endswith(".hpp") and "#pragma once" not in text.splitlines():
            found.append(f"{path}:1: is a header without #pragma once")
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
