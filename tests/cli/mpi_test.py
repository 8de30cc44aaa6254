"""moesim-mpi on one machine: the results of moesim sweep, dying children and ranks, resuming."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest
from pathlib import Path

from cli_case import INVALID, PROGRAM, USAGE, main
from sweep_case import SweepCase, rows

MPI_PROGRAM = str(Path(PROGRAM).parent / "moesim-mpi")
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none"}


def processes_in(folder, *words):
    """Ids of the processes that work in a folder and whose command line is PROGRAM words."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode().split("\0")[:-1]
            if (entry / "cwd").resolve() == folder.resolve() and command[1:1 + len(words)] == list(words):
                found.append((int(entry.name), Path(command[0]).name, (entry / "environ").read_bytes().decode()))
        except OSError:
            pass  # it has ended
    return found


@unittest.skipUnless(shutil.which("mpirun"), "needs mpirun")
class Mpi(SweepCase):
    def start(self, *arguments, ranks=3):
        process = subprocess.Popen(["mpirun", "-n", str(ranks), MPI_PROGRAM, "sweep", *map(str, arguments)],
                                   cwd=self.folder, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def sweep(self, *arguments, ranks=3, code=0):
        process = self.start(*arguments, ranks=ranks)
        output, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, code, errors)
        return output, errors

    def alone(self, grid):
        """What moesim sweep makes of the grid."""
        self.run_program("sweep", grid, "-o", "alone.sweep")
        return rows(self.folder / "alone.sweep")

    def wait_for_cases(self, path, count=1):
        for _ in range(1200):
            time.sleep(0.05)
            try:
                if path.exists() and path.stat().st_size > 0 and len(rows(path)) >= count:
                    return
            except sqlite3.OperationalError:
                pass  # being made
        self.fail("no case within a minute")

    def test_the_same_as_without_mpi(self):
        grid = self.grid(40)
        output, _ = self.sweep(grid, "-o", "mpi.sweep")
        self.assertIn("24 of 40 cases done, 16 failed", output)
        self.assertEqual(rows(self.folder / "mpi.sweep"), self.alone(grid))
        again, _ = self.sweep(grid, "-o", "mpi.sweep", ranks=2)
        self.assertEqual(again, output)
        self.run_program("sweep", grid, "-o", "mpi.sweep")

    def test_a_dead_child_is_tried_again(self):
        grid = self.grid(200)
        process = self.start(grid, "-o", "mpi.sweep")
        self.wait_for_cases(self.folder / "mpi.sweep")
        children = processes_in(self.folder, "worker")
        self.assertTrue(children)
        for child, _, _ in children:
            os.kill(child, signal.SIGKILL)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(rows(self.folder / "mpi.sweep"), self.alone(grid))

    def test_a_dead_rank_ends_the_job_and_the_next_goes_on(self):
        grid = self.grid(500)
        kept = []
        for rank in (2, 0):
            process = self.start(grid, "-o", "mpi.sweep")
            self.wait_for_cases(self.folder / "mpi.sweep", len(kept) + 1)
            ranks = [entry for entry in processes_in(self.folder, "sweep") if entry[1] == "moesim-mpi"]
            victim = [entry[0] for entry in ranks if f"OMPI_COMM_WORLD_RANK={rank}\0" in entry[2]]
            os.kill(victim[0], signal.SIGKILL)
            process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0)
            kept = rows(self.folder / "mpi.sweep")
            self.assertTrue(0 < len(kept) < 500)
        self.sweep(grid, "-o", "mpi.sweep")
        whole = rows(self.folder / "mpi.sweep")
        self.assertEqual([case for case in whole if case[0] in {one[0] for one in kept}], kept)
        self.assertEqual(whole, self.alone(grid))

    def test_what_is_refused(self):
        grid = self.grid(5)
        _, errors = self.sweep(grid, ranks=1, code=USAGE)
        self.assertIn("start two or more", errors)
        _, errors = self.sweep("missing.json", code=INVALID)
        self.assertEqual(errors.count("missing.json: no such file"), 1, "one rank speaks")
        _, errors = self.sweep(grid, "-o", "missing/out.sweep", code=INVALID)
        self.assertIn("missing/out.sweep", errors)
        self.assertEqual(self.files(), ["grid.json"])


if __name__ == "__main__":
    main()
