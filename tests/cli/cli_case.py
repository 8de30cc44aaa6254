"""The program run as a user runs it. Every test file is called with the path of the program as its last argument."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = str(Path(sys.argv.pop() if len(sys.argv) > 1 else ROOT / "build/release/bin/moesim").resolve())
SCENARIO = ROOT / "workloads/scenarios/deepseek-v3-pretrain-2048xh800.json"

DONE, RUN_FAILED, USAGE, INVALID, OUTSIDE_TOLERANCE, INTERRUPTED = 0, 1, 2, 3, 4, 130


class CliCase(unittest.TestCase):
    """Runs the program in an empty folder of its own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="moesim-cli-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def run_program(self, *arguments, stdin=None, code=DONE):
        """Runs it and checks its exit code; the result has stdout and stderr as texts."""
        result = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, input=stdin, capture_output=True,
                                text=True, timeout=300)
        self.assertEqual(result.returncode, code, f"{arguments}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}")
        return result

    def json_of(self, *arguments, **options):
        """What it writes to standard output with --json -."""
        return json.loads(self.run_program(*arguments, "--json", "-", **options).stdout)

    def refuses(self, *arguments, expecting=(), stdin=None, code=INVALID):
        """Runs it, checks that it ends with `code`, names all of `expecting` on stderr and writes nothing."""
        before = self.files()
        result = self.run_program(*arguments, stdin=stdin, code=code)
        for text in expecting:
            self.assertIn(text, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(self.files(), before)
        return result.stderr

    def files(self):
        """Every path below the folder, hidden ones included."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))

    def write(self, name, content):
        """Writes a text, or anything else as JSON, and returns its path."""
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path


def scenario(**changes):
    """The shipped scenario as an object; a change of None removes its key."""
    document = json.loads(SCENARIO.read_text(encoding="utf-8"))
    for key, value in changes.items():
        if value is None:
            del document[key]
        else:
            document[key] = value
    return document


main = unittest.main
