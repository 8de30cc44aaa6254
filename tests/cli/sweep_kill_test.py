"""A sweep of 1,000 cases whose coordinator is killed again and again ends with what an undisturbed one gives."""

import random
import subprocess
import time
from pathlib import Path

from cli_case import PROGRAM, main
from sweep_case import SweepCase, rows

NUM_CASES = 1000
NUM_KILLS = 10
SEED = 20260101


def workers_of(folder):
    """Processes that work in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder.resolve():
                found.append(entry.name)
        except OSError:
            pass  # it has ended
    return found


class Killed(SweepCase):
    def sweep(self, output):
        return subprocess.Popen([PROGRAM, "sweep", "grid.json", "-o", output, "--workers", "2"], cwd=self.folder,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def test_nothing_is_lost_or_done_twice(self):
        self.grid(NUM_CASES)
        start = time.monotonic()
        self.assertEqual(self.sweep("whole.sweep").wait(timeout=300), 0)
        undisturbed_s = time.monotonic() - start
        moments = random.Random(SEED)
        kills = 0
        kept = 0
        killed = self.folder / "killed.sweep"
        for _ in range(NUM_KILLS):
            process = self.sweep("killed.sweep")
            time.sleep(moments.uniform(0, undisturbed_s / 6))
            kills += process.poll() is None
            process.kill()
            process.wait()
            if killed.exists() and killed.stat().st_size > 0:
                now = rows(killed)  # SQLite takes back what was half written
                self.assertGreaterEqual(len(now), kept)
                kept = len(now)
        self.assertGreaterEqual(kills, NUM_KILLS - 2, "most kills met a sweep at work")
        self.assertEqual(self.sweep("killed.sweep").wait(timeout=300), 0)
        whole = rows(self.folder / "whole.sweep")
        self.assertEqual(len(whole), NUM_CASES)
        self.assertEqual(rows(killed), whole)
        time.sleep(0.5)
        self.assertEqual(workers_of(self.folder), [], "workers end with their coordinator")
        self.assertFalse((self.folder / "killed.sweep.lock").exists())


if __name__ == "__main__":
    main()
