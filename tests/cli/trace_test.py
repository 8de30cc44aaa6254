"""moesim calibration import trace: a private profile and stack of a job, and its step against the prediction."""

import gzip
import json

from cli_case import SCENARIO, USAGE, CliCase, main


def two_steps():
    """A made-up trace of two steps of 20 s on one H800: products alone and beside a transfer."""
    events = []

    def add(category, name, ts, dur, **args):
        events.append({"ph": "X", "cat": category, "name": name, "pid": 0, "tid": 7, "ts": ts, "dur": dur, "args": args})

    shapes = [[[4096, 7168], [7168, 2112]], [[4096, 1536], [1536, 24576]], [[4096, 7168], [7168, 4096]]]
    for number, dims in enumerate(shapes):
        add("cpu_op", "aten::_scaled_mm", 0, 1, **{"External id": number + 1, "Input Dims": dims,
                                                   "Input type": ["c10::Float8_e4m3fn"] * 2})
    for step in range(2):
        start = 20e6 * step
        add("user_annotation", f"ProfilerStep#{step}", start, 20e6)
        for i in range(30):
            t = start + 1000.0 * i
            link = {"External id": i % 3 + 1, "device": 0, "stream": 7}
            events.append({"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "ts": t, "dur": 6})
            add("kernel", "deep_gemm::fp8_gemm_kernel", t, 100 + 50 * (i % 3), **{**link, "External id": -1})
            add("cpu_op", "aten::_scaled_mm", t, 1, **{"External id": 100 * (step + 1) + i, "Input Dims": shapes[i % 3],
                                                       "Input type": ["c10::Float8_e4m3fn"] * 2})
            events[-2]["args"]["External id"] = 100 * (step + 1) + i
            add("kernel", "small_kernel", t + 104 + 50 * (i % 3), 5, device=0, stream=7)
            if i % 2:
                add("kernel", "deep_ep::internode::dispatch", t, 500, device=0, stream=9)
    return {"deviceProperties": [{"id": 0, "name": "NVIDIA H800"}], "traceEvents": events}


class Trace(CliCase):
    def imported(self, *more):
        with gzip.open(self.folder / "trace.json.gz", "wt") as out:
            json.dump(two_steps(), out)
        return self.run_program("calibration", "import", "trace", "trace.json.gz", "--base", "h800-sxm", "--name",
                                "my-job", "-o", "my-job.json", *more)

    def test_a_private_profile_and_stack_can_be_run(self):
        self.imported("--stack", "deepseek-v3-fp8", "--stack-output", "my-stack.json", "--scenario", SCENARIO,
                      "--json", "report.json")
        report = json.loads((self.folder / "report.json").read_text())
        self.assertEqual(report["lanes"]["step_s"], 20)
        self.assertGreater(report["step"]["predicted"]["step_s"], 10)
        self.assertNotEqual(report["step"]["predicted"]["step_s"],
                            report["step"]["predicted_with_private_files"]["step_s"])
        result = self.json_of("run", SCENARIO, "--set", f"/calibration={self.folder / 'my-job.json'}", "--set",
                              f"/stack={self.folder / 'my-stack.json'}")
        self.assertGreater(result["provenance"]["measured"], 0)
        profile = json.loads((self.folder / "my-job.json").read_text())
        mine = [row for table in profile["tables"] if table["source"] == "my-job-trace" for row in table["rows"]]
        mine += [row for row in profile["entries"] if row["source"] == "my-job-trace"]
        self.assertGreaterEqual(len(mine), 3)

    def test_the_text_shows_classes_lanes_and_shapes(self):
        text = self.imported().stdout
        for part in ["expert_transfer", "beside no computation", "m 4096, n 2112, k 7168", "base over traced"]:
            self.assertIn(part, text)

    def test_wrong_inputs_are_named(self):
        document = two_steps()
        document["deviceProperties"][0]["name"] = "NVIDIA B200"
        self.write("b200.json", document)
        text = json.dumps(two_steps())
        self.write("half.json", text[: len(text) // 2])
        for trace, words in [("b200.json", "a trace of 'NVIDIA B200'"), ("half.json", "no complete JSON"),
                             ("missing.json", "no such file")]:
            self.refuses("calibration", "import", "trace", trace, "--base", "h800-sxm", "--name", "x", "-o",
                         "out.json", expecting=[words])
        self.refuses("calibration", "import", "trace", "b200.json", "--base", "h800-sxm", "--name", "x", "-o",
                     "out.json", "--stack", "deepseek-v3-fp8", expecting=["--stack-output"], code=USAGE)


if __name__ == "__main__":
    main()
