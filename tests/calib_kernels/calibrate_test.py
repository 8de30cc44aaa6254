"""The program moesim-calibrate as a user runs it on a machine without a GPU, or with one: calibrate_test.py PROGRAM"""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1)
LOG = "tests/calib_measure/synthetic_log.ndjson"
NO_DEVICE = "moesim-calibrate: no CUDA device was found\n"


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)


class Calibrate(unittest.TestCase):
    def test_list_needs_no_device(self):
        ran = run("list")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        golden = Path("tests/calib_measure/list.txt").read_text(encoding="utf-8")
        self.assertEqual(ran.stdout, golden.split("\n\n")[0] + "\n")
        ran = run("list", "--cases", "--quick")
        self.assertEqual(ran.stdout, golden.split("\n\n")[1])

    def test_without_a_device_run_and_check_say_so(self):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.ndjson"
            ran = run("run", "-o", str(log), "--quick", "--only", "machine", "--budget", "5")
            if ran.returncode == 0:
                self.skipTest("this machine has a CUDA device")
            self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (1, "", NO_DEVICE))
            self.assertFalse(log.exists())
        ran = run("check", "--random", "3")
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (1, "", NO_DEVICE))

    def test_usage(self):
        for arguments, words in ((["run"], "--output is required"), (["list", "--only", "elementwize"], "did you mean"),
                                 (["check", "--random", "-1"], "--random"), ([], "subcommand")):
            ran = run(*arguments)
            self.assertEqual(ran.returncode, 2, arguments)
            self.assertIn(words, ran.stderr)
            self.assertIn("Try 'moesim-calibrate --help'", ran.stderr)

    def test_profile_of_a_log(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "mine.json"
            ran = run("profile", LOG, "-o", str(path))
            self.assertEqual(ran.returncode, 0, ran.stderr)
            profile = json.loads(path.read_text(encoding="utf-8"))
            self.assertEqual(profile["name"], "mine")
            self.assertEqual({table["provenance"] for table in profile["tables"]}, {"measured"})

    def test_a_foreign_log_is_named_by_line(self):
        with tempfile.TemporaryDirectory() as folder:
            ran = run("profile", "README.md", "-o", str(Path(folder) / "x.json"))
        self.assertEqual(ran.returncode, 3)
        self.assertIn("README.md:1: no record", ran.stderr)


if __name__ == "__main__":
    unittest.main()
