"""The C++ sources of a tree: those that git tracks, or all of them where there is no git."""

import subprocess

SUFFIXES = (".cpp", ".hpp", ".h", ".cu", ".cuh")
SKIPPED = ("build/", "out/", ".git/")


def listed_files(root):
    if (root / ".git").exists():
        git = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=False)
        if git.returncode == 0:
            return [path for path in git.stdout.split("\0") if (root / path).is_file()]
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


def source_files(root):
    """Sorted paths relative to `root`, with slashes."""
    return sorted(path for path in listed_files(root) if path.endswith(SUFFIXES) and not path.startswith(SKIPPED))
