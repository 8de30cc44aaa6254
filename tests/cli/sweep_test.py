"""moesim sweep: results, resuming, one coordinator, bad input."""

import csv
import io
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time

from cli_case import INTERRUPTED, INVALID, PROGRAM, RUN_FAILED, USAGE, main
from sweep_case import SweepCase, rows, small_grid, small_scenario


class Results(SweepCase):
    def test_every_case_is_there_with_its_result_or_error(self):
        grid = self.grid()
        document = self.json_of("sweep", grid, "--workers", 2, "--csv", "cases.csv")
        self.assertEqual([document[key] for key in ("kind", "cases", "done", "failed", "waiting")],
                         ["sweep", 10, 6, 4, 0])
        self.assertEqual(self.files(), ["cases.csv", "grid.json", "grid.sweep"])
        cases = rows(self.folder / "grid.sweep")
        self.assertEqual([case[0] for case in cases], list(range(10)))
        self.assertEqual(cases[9][1], "/layout/tp=16 /seed=1")
        self.assertIn("does not divide 8 GPUs", cases[9][5])
        # The same as the case run alone.
        alone = self.json_of("run", self.write("alone.json", {**small_scenario(), "seed": 1}))
        self.assertEqual(json.loads(cases[3][4]), alone)
        best = document["best"][0]
        value = max(json.loads(case[4])["summary"]["tokens_per_s_per_gpu"] for case in cases if case[3] == 1)
        self.assertEqual(best["value"], value)
        lines = list(csv.DictReader(io.StringIO((self.folder / "cases.csv").read_text(encoding="utf-8"))))
        self.assertEqual(len(lines), 10)
        self.assertEqual(lines[3]["/layout/tp"], "2")
        self.assertEqual(float(lines[3]["step_time_s"]), alone["summary"]["step_time_s"])
        self.assertEqual(lines[9]["state"], "failed")

    def test_the_number_of_workers_changes_nothing(self):
        grid = self.grid()
        one = self.run_program("sweep", grid, "-o", "one.sweep", "--workers", 1, "--json", "one.json")
        three = self.run_program("sweep", grid, "-o", "three.sweep", "--workers", 3, "--json", "three.json")
        self.assertEqual(rows(self.folder / "one.sweep"), rows(self.folder / "three.sweep"))
        self.assertEqual((self.folder / "one.json").read_bytes(), (self.folder / "three.json").read_bytes())
        self.assertEqual(one.stdout.replace("one.sweep", "three.sweep"), three.stdout)

    def test_a_second_run_repeats_nothing(self):
        grid = self.grid()
        first = self.run_program("sweep", grid)
        before = (self.folder / "grid.sweep").read_bytes()
        self.assertEqual(self.run_program("sweep", grid).stdout, first.stdout)
        self.assertEqual((self.folder / "grid.sweep").read_bytes(), before)

    def test_cases_of_the_simgrid_engine_and_files(self):
        self.write("base.json", {**small_scenario(), "engine": "simgrid"})
        grid = self.write("grid.json", {"schema_version": 1, "scenario": "base.json",
                                        "cases": [{"name": "as it is"}, {"set": {"/recipe/global_batch": 16}}]})
        document = self.json_of("sweep", grid)
        self.assertEqual(document["done"], 2)
        self.assertEqual({best["name"] for best in document["best"]}, {"as it is", "/recipe/global_batch=16"})

    def test_a_sweep_without_a_result_fails(self):
        grid = self.write("grid.json", {**small_grid(5), "vary": {"/layout/tp": [16, 32]}})
        self.assertIn("2 failed", self.run_program("sweep", grid, code=RUN_FAILED).stdout)


class Interrupting(SweepCase):
    def start(self, *arguments):
        process = subprocess.Popen([PROGRAM, "sweep", *map(str, arguments)], cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def wait_for_cases(self, path):
        for _ in range(600):
            time.sleep(0.05)
            if path.exists() and path.stat().st_size > 0:
                try:
                    if rows(path):
                        return
                except sqlite3.OperationalError:
                    pass  # being made
        self.fail("no case within 30 s")

    def test_an_interrupt_puts_it_away(self):
        grid = self.grid(5000)
        process = self.start(grid)
        self.wait_for_cases(self.folder / "grid.sweep")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED)
        self.assertIn("the same command goes on", errors)
        self.assertEqual(self.files(), ["grid.json", "grid.sweep"])
        kept = rows(self.folder / "grid.sweep")
        self.assertTrue(0 < len(kept) < 5000)
        self.assertFalse([case for case in kept if "worker process" in (case[5] or "")])

    def test_a_second_coordinator_is_refused(self):
        grid = self.grid(5000)
        process = self.start(grid)
        self.wait_for_cases(self.folder / "grid.sweep")
        result = self.run_program("sweep", grid, code=INVALID)
        self.assertIn(f"process {process.pid}", result.stderr)
        self.assertIn("works on it already", result.stderr)
        process.kill()
        process.communicate()
        # One that was killed is no coordinator any more; its lock file is taken over.
        self.assertTrue((self.folder / "grid.sweep.lock").exists())
        second = self.start(grid)
        time.sleep(0.5)
        self.assertIsNone(second.poll())


class BadInput(SweepCase):
    def sweep_file(self):
        """A sound sweep of 5 cases."""
        grid = self.grid(5)
        self.run_program("sweep", grid, "-o", "out.sweep")
        return grid, self.folder / "out.sweep"

    def test_a_file_that_is_no_sound_sweep(self):
        grid, path = self.sweep_file()
        sound = path.read_bytes()
        other = sqlite3.connect(path)
        other.execute("PRAGMA user_version = 9")
        other.close()
        garbled = bytearray(sound)
        garbled[8192:12288] = b"\xa5" * 4096
        for name, content, expected in [
            ("version", path.read_bytes(), "version 9, this program works with version 1"),
            ("half", sound[:len(sound) // 2], "damaged"), ("garbled", bytes(garbled), "damaged"),
            ("text", b"not a database " * 999, "not a sweep file")]:
            with self.subTest(name):
                path.write_bytes(content)
                self.refuses("sweep", grid, "-o", path, expecting=["out.sweep", expected], code=RUN_FAILED)
                self.assertEqual(path.read_bytes(), content)
        path.write_bytes(sound)
        self.run_program("sweep", grid, "-o", path)

    def test_a_file_of_another_grid(self):
        _, path = self.sweep_file()
        before = path.read_bytes()
        other = self.write("other.json", small_grid(10))
        self.refuses("sweep", other, "-o", path, expecting=["another grid", "name another file"])
        self.assertEqual(path.read_bytes(), before)

    def test_a_locked_file(self):
        grid, path = self.sweep_file()
        holder = sqlite3.connect(path, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN EXCLUSIVE")
        start = time.monotonic()
        result = self.run_program("sweep", grid, "-o", path, code=RUN_FAILED)
        self.assertIn("another program holds it locked", result.stderr)
        self.assertGreater(time.monotonic() - start, 9)

    def test_grids(self):
        for changes, expected in [
            ({"vary": {"/layout/tpp": [1]}}, ["grid.json: /vary/~1layout~1tpp", "did you mean 'tp'?"]),
            ({"vary": {"/layout/tp": []}}, ["grid.json: /vary/~1layout~1tp: no value"]),
            ({"vary": {p: list(range(1, 1001)) for p in ("/layout/tp", "/layout/pp", "/layout/ep")}, "seeds": []},
             ["1000000000 cases; a sweep runs at most 1000000"]),
            ({"scenario": "deepseek-v3-pretrain-2048xh80"}, ["did you mean"]),
            ({"scenario": "missing.json"}, ["missing.json"]),
            ({"varies": {}}, ["/varies", "vary"]), ({"schema_version": 2}, ["/schema_version"])]:
            with self.subTest(expected[0]):
                self.refuses("sweep", self.grid(5, **changes), expecting=expected)
        self.run_program("spec", "check", self.grid(5))
        self.assertIn("vary", self.json_of("spec", "schema", "grid")["properties"])

    def test_outputs(self):
        grid = self.grid(5)
        self.refuses("sweep", grid, "-o", "missing/out.sweep", expecting=["missing/out.sweep"])
        self.refuses("sweep", "-", expecting=["-o FILE"], stdin="{}", code=USAGE)
        self.refuses("sweep", grid, "-o", "grid.json", code=USAGE)
        self.refuses("sweep", grid, "--workers", 0, code=USAGE)


class FullFile(SweepCase):
    def test_a_limit_of_the_size_of_files_loses_no_finished_case(self):
        grid = self.grid(300)

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (512 << 10, 512 << 10))

        # Python ignores SIGXFSZ, and what it starts without restore_signals does too.
        result = subprocess.run([PROGRAM, "sweep", grid, "-o", "out.sweep"], cwd=self.folder, capture_output=True,
                                text=True, preexec_fn=limit, restore_signals=False, check=False)
        self.assertEqual(result.returncode, INVALID, result.stderr)
        self.assertIn("the disk is full", result.stderr)
        kept = rows(self.folder / "out.sweep")
        self.assertTrue(0 < len(kept) < 300, len(kept))
        self.run_program("sweep", grid, "-o", "out.sweep")
        whole = rows(self.folder / "out.sweep")
        self.assertEqual(len(whole), 300)
        self.assertEqual([case for case in whole if case[0] in {one[0] for one in kept}], kept)


class FullDisk(SweepCase):
    """A file system of 512 KiB, which takes a part of the cases: more than one transaction."""

    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        mount = shutil.which("mount")
        made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=512k", "tmpfs", self.disk],
                                        capture_output=True, check=False).returncode == 0
        if not made:
            self.skipTest("a small file system needs the right to mount one (root)")
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True)

    def test_no_finished_case_is_lost(self):
        grid = self.grid(300)
        result = self.run_program("sweep", grid, "-o", "disk/out.sweep", code=INVALID)
        self.assertIn("the disk is full", result.stderr)
        kept = rows(self.disk / "out.sweep")
        self.assertTrue(0 < len(kept) < 300, len(kept))
        # Still full: nothing more, nothing less.
        self.run_program("sweep", grid, "-o", "disk/out.sweep", code=INVALID)
        self.assertEqual(rows(self.disk / "out.sweep")[:len(kept)], kept)
        subprocess.run(["mount", "-o", "remount,size=8m", self.disk], check=True)
        self.run_program("sweep", grid, "-o", "disk/out.sweep")
        self.run_program("sweep", grid, "-o", "whole.sweep")
        self.assertEqual(rows(self.disk / "out.sweep"), rows(self.folder / "whole.sweep"))


if __name__ == "__main__":
    main()
