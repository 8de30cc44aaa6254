"""What remains after Ctrl-C, a signal or a killed process: no half file."""

import json
import signal
import subprocess
import time

from cli_case import INTERRUPTED, PROGRAM, CliCase, main, scenario


class Interrupt(CliCase):
    def setUp(self):
        super().setUp()
        # Every GPU of the cluster with many seeded replays behind it takes long enough to be interrupted.
        self.path = self.write("scenario.json", scenario(engine="replay", gpus="every"))

    def interrupted_with(self, number, *arguments):
        """Starts a run, sends the signal once its partial files are there, and returns its exit status."""
        process = subprocess.Popen([PROGRAM, "run", self.path, "--uncertainty", "-o", "out/deep", "--json", "result.json",
                                    *arguments], cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not (self.folder / "out/deep/.records.moesim.partial").exists() and time.monotonic() < deadline:
            time.sleep(0.002)
        self.assertIsNone(process.poll(), "it ended before it could be interrupted")
        process.send_signal(number)
        return process.wait(timeout=60)

    def test_ctrl_c_leaves_nothing(self):
        for engine in ["replay", "simgrid"]:
            status = self.interrupted_with(signal.SIGINT, "--engine", engine)
            self.assertEqual(status, INTERRUPTED)
            self.assertEqual(self.files(), ["scenario.json"])

    def test_termination_leaves_nothing(self):
        self.assertEqual(self.interrupted_with(signal.SIGTERM), 128 + signal.SIGTERM)
        self.assertEqual(self.files(), ["scenario.json"])

    def test_ctrl_c_keeps_the_earlier_result(self):
        (self.folder / "out/deep").mkdir(parents=True)
        self.write("out/deep/summary.json", {"old": True})
        self.assertEqual(self.interrupted_with(signal.SIGINT), INTERRUPTED)
        self.assertEqual(self.files(), ["out", "out/deep", "out/deep/summary.json", "scenario.json"])
        self.assertEqual(json.loads((self.folder / "out/deep/summary.json").read_text()), {"old": True})

    def test_a_killed_run_leaves_hidden_partial_files_that_the_next_takes_over(self):
        self.assertEqual(self.interrupted_with(signal.SIGKILL), -signal.SIGKILL)
        left = [name.rsplit("/", 1)[-1] for name in self.files() if name not in ("scenario.json", "out", "out/deep")]
        self.assertTrue(left)
        for name in left:
            self.assertRegex(name, r"^\..*\.partial$")
        self.run_program("run", self.path, "-o", "out/deep", "--json", "result.json")
        self.assertEqual([name for name in self.files() if ".partial" in name], [])


if __name__ == "__main__":
    main()
