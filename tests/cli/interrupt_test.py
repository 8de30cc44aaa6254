"""What remains after Ctrl-C, a signal or a killed process: no half file."""

import json
import signal
import subprocess

from cli_case import INTERRUPTED, PROGRAM, CliCase, main, scenario


class Interrupt(CliCase):
    def setUp(self):
        super().setUp()
        # Every GPU with many seeded replays behind it takes long enough to be interrupted.
        self.path = self.write("scenario.json", scenario(engine="replay", gpus="every"))

    def interrupted_with(self, number, *arguments):
        """Starts a run, sends the signal once its engine tells progress, and returns its exit status."""
        with subprocess.Popen([PROGRAM, "run", self.path, "--uncertainty", "-o", "out/deep", "--json", "result.json",
                               "--events", "-", *arguments], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as process:
            # A twentieth is over when the engine begins.
            self.assertTrue(any(event["event"] == "progress" and event["fraction"] > 0.05
                                for event in map(json.loads, process.stdout)))
            self.assertTrue((self.folder / "out/deep/.records.moesim.partial").exists())
            process.send_signal(number)
            return process.wait(timeout=60)

    def test_ctrl_c_leaves_nothing(self):
        # SimGrid takes at most 1024 GPUs.
        smaller = '/cluster={"base": "h800-2048", "num_nodes": 128}'
        for arguments in [["--engine", "replay"], ["--engine", "simgrid", "--set", smaller]]:
            self.assertEqual(self.interrupted_with(signal.SIGINT, *arguments), INTERRUPTED)
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
