"""Input that cannot be used: exit code 3 with file, pointer, what and hint, and nothing written."""

import json
import os
import resource
import signal
import subprocess

from cli_case import PROGRAM, USAGE, CliCase, main, scenario


def changed(pointer, value):
    """The shipped scenario with one value changed."""
    document = scenario()
    *parents, last = pointer.strip("/").split("/")
    place = document
    for key in parents:
        place = place[key]
    place[last] = value
    return document


class BadInput(CliCase):
    def both_refuse(self, content, *expecting):
        """`run` with every output and `plan` refuse the scenario, naming its file and all of `expecting`."""
        path = self.write("scenario.json", content)
        outputs = ["-o", "out/deep", "--json", "result.json", "--events", "events.ndjson", "--stats", "stats.json"]
        self.refuses("run", path, *outputs, expecting=[str(path), *expecting])
        return self.refuses("plan", path, expecting=[str(path), *expecting])

    def test_keys(self):
        document = scenario()
        del document["recipe"]["sequence_length"]
        self.both_refuse(document, "/recipe/sequence_length", "missing key 'sequence_length'")
        document = scenario()
        document["layout"]["micro_bach"] = document["layout"].pop("micro_batch")
        self.both_refuse(document, "/layout/micro_bach", "did you mean 'micro_batch'?")
        text = json.dumps(scenario())
        self.both_refuse(text[:-1] + ', "seed": 2}', "/seed", "duplicate key")

    def test_quantities(self):
        cluster = {"base": "h800-2048"}
        self.both_refuse(changed("/cluster", cluster | {"gpu_memory": 80}), "/cluster/gpu_memory", "GiB")
        self.both_refuse(changed("/cluster", cluster | {"gpu_memory": "80"}), "/cluster/gpu_memory", "GiB")
        self.both_refuse(changed("/cluster", cluster | {"gpu_memory": "80 GB/s"}), "/cluster/gpu_memory", "GiB")
        self.both_refuse(changed("/cluster", cluster | {"gpu_memory": "80 XB"}), "/cluster/gpu_memory", "GiB")

    def test_types(self):
        for pointer, value in [("/layout/pp", "16"), ("/layout/pp", 16.5), ("/layout", []), ("/seed", -1),
                               ("/recipe/sequence_length", None), ("/layout/recompute", "rms_norm")]:
            self.both_refuse(changed(pointer, value), pointer)

    def test_every_fault_at_once(self):
        document = changed("/layout/pp", "16")
        document["recipe"]["global_batch"] = 1.5
        document["sed"] = 1
        self.both_refuse(document, "/layout/pp", "/recipe/global_batch", "/sed", "did you mean 'seed'?")

    def test_zero_sizes(self):
        for pointer in ["/layout/tp", "/layout/pp", "/layout/vpp", "/layout/ep", "/layout/micro_batch",
                        "/recipe/sequence_length", "/recipe/global_batch"]:
            self.both_refuse(changed(pointer, 0), pointer, "at least 1")
        self.both_refuse(changed("/cluster", {"base": "h800-2048", "num_nodes": 0}), "/cluster/num_nodes")

    def test_a_layout_that_does_not_divide(self):
        self.both_refuse(changed("/layout/pp", 15), "/layout")
        self.both_refuse(changed("/layout/ep", 60), "/layout/ep")

    def test_more_expert_parallelism_than_experts(self):
        self.both_refuse(changed("/layout/ep", 512), "/layout/ep", "256")

    def test_too_few_micro_batches(self):
        # 128 data-parallel replicas with one sequence each: one micro-batch, and DualPipe over 16 ranks wants many.
        self.both_refuse(changed("/recipe/global_batch", 128), "micro-batches")

    def test_memory_exceeded(self):
        path = self.write("scenario.json", scenario(cluster={"base": "h800-2048", "gpu_memory": "60 GiB"}))
        text = self.refuses("run", path, "-o", "out", expecting=[f"{path}: /layout: ", "the GPU has 60.0 GiB", "fits with"])
        fault, *table = text.splitlines()
        self.assertTrue(fault.startswith("moesim: "))
        # The table of memory by rank and item, as `plan` prints it.
        shown = self.run_program("plan", path, code=3).stdout
        self.assertIn("expert inputs", text)
        self.assertTrue(shown.rstrip("\n").endswith("\n".join(table)), text)
        events = self.run_program("run", path, "--events", "-", code=3).stdout
        what = json.loads(events.splitlines()[-1])["faults"][0]["what"]
        self.assertRegex(what, r"^pipeline rank \d+ needs [0-9.]+ GiB and [0-9.]+ GiB reserve; the GPU has 60.0 GiB$")

    def test_all_violations_of_a_plan_at_once(self):
        document = changed("/layout/ep", 512)
        document["recipe"]["global_batch"] = 128
        document["layout"]["zero"] = 3  # the replay does not model it
        text = self.both_refuse(document, "/layout/ep", "micro-batches", "/layout/zero")
        self.assertGreaterEqual(len(text.splitlines()), 3)

    def test_unknown_names(self):
        self.both_refuse(changed("/model", "deepseek-v33"), "/model", 'did you mean "deepseek-v3"?')
        self.both_refuse(changed("/cluster", "h800-2049"), "/cluster", "h800-2048")
        self.both_refuse(changed("/calibration", "h800-smx"), "/calibration", "did you mean 'h800-sxm'?")
        self.both_refuse(changed("/stack", "deepseek-v3-pf8"), "/stack", "did you mean 'deepseek-v3-fp8'?")
        self.both_refuse(changed("/kind", "trainig"), "/kind", "training")
        self.both_refuse(changed("/layout/schedule", "dualpip"), "/layout/schedule", "dualpipe")

    def test_text_that_is_no_scenario(self):
        text = json.dumps(scenario())
        self.both_refuse("")
        self.both_refuse(text[: len(text) // 2], "1:")
        self.both_refuse("[" * 200_000 + "]" * 200_000, "deep")
        self.both_refuse('{"layout":' * 200_000 + "1" + "}" * 200_000, "deep")
        self.both_refuse("[]", "kind")
        self.both_refuse(b"\xff\xfe".decode("latin-1") + text, "not JSON")
        self.both_refuse(text.replace("16", "1e999", 1))

    def test_files_that_are_none(self):
        self.refuses("run", self.folder, "-o", "out", expecting=[str(self.folder), "directory"])
        self.refuses("run", "missing.json", "-o", "out", expecting=["missing.json"])
        self.refuses("plan", "missing.json", "--json", "plan.json", expecting=["missing.json"])
        self.refuses("plan", "-", stdin="{", expecting=["-: "])

    def test_changes_on_the_command_line(self):
        path = self.write("scenario.json", scenario())
        self.refuses("run", path, "--set", "/layout/micro_bach=8", "-o", "out",
                     expecting=["/layout/micro_bach", "did you mean 'micro_batch'?"])
        self.refuses("run", path, "--set", "/layout/ep=512", expecting=["/layout/ep", "256"])
        self.refuses("run", path, "--set", "/layout/ep", code=USAGE, expecting=["POINTER=VALUE"])
        self.refuses("run", path, "--set", "layout/pp=8", expecting=["/layout/pp"])
        hint = self.refuses("plan", path, "--set", "/cluster/nic/bandwidth=25 GB/s").split("--set '")[1].split("'")[0]
        self.assertEqual(hint, '/cluster={"base":"h800-2048","nic":{"bandwidth":"25 GB/s"}}')
        self.run_program("plan", path, "--set", hint)
        self.refuses("run", path, "--exclude-source", "no-such-source", "-o", "out", expecting=["no-such-source"])


class BadOutput(CliCase):
    def test_an_output_that_cannot_be_written(self):
        path = self.write("scenario.json", scenario())
        (self.folder / "taken").mkdir()
        (self.folder / "file").write_text("x")
        for option in ["--json", "--events", "--stats"]:
            self.refuses("run", path, option, "taken", expecting=["taken: is a folder"])
            self.refuses("run", path, option, "missing/x.json", expecting=["missing/x.json: cannot be written"])
        self.refuses("run", path, "-o", "file", expecting=["file: is no folder"])
        self.refuses("run", path, "-o", "file/below", expecting=["file/below: is no folder"])
        self.refuses("plan", path, "--json", "taken", expecting=["taken: is a folder"])
        (self.folder / "half" / "records.moesim").mkdir(parents=True)
        self.refuses("run", path, "-o", "half", expecting=["records.moesim: is a folder"])

    def test_a_place_without_permission(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        path = self.write("scenario.json", scenario())
        (self.folder / "locked").mkdir(mode=0o500)
        self.refuses("run", path, "-o", "locked/out", expecting=["locked/out"])

    def test_a_full_disk(self):
        path = self.write("scenario.json", scenario(engine="replay"))
        before = self.files()
        for option in ["--json", "--csv", "--events", "--stats"]:
            result = self.run_program("run", path, "-o", "out", option, "/dev/full", code=3)
            self.assertIn("/dev/full: cannot be written", result.stderr)
            self.assertEqual(self.files(), before)

    def test_a_disk_that_fills_up_during_the_run(self):
        path = self.write("scenario.json", scenario(engine="replay"))

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writes beyond the limit fail instead
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

        result = subprocess.run([PROGRAM, "run", path, "-o", "out"], cwd=self.folder, preexec_fn=limit,
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertRegex(result.stderr, r"^moesim: out/(records.moesim|trace.json): ")
        self.assertEqual(self.files(), ["scenario.json"])

    def test_outputs_are_different_files(self):
        path = self.write("scenario.json", scenario())
        (self.folder / "link.json").symlink_to("scenario.json")
        for options, text in [
            (["--json", "a", "--events", "./a"], "--json and --events are one file, './a'"),
            (["-o", "d", "--json", "d/summary.json"], "--json and summary.json of -o are one file"),
            (["--csv", "b", "--stats", "c/../b"], "--csv and --stats are one file"),
            (["--json", "scenario.json"], "--json would replace SCENARIO"),
            (["--events", "link.json"], "--events would replace SCENARIO"),
        ]:
            self.refuses("run", path, *options, expecting=[text], code=USAGE)
        self.refuses("plan", path, "--json", path, expecting=["would replace"], code=USAGE)
        self.refuses("spec", "check", path, "--json", path, expecting=["would replace"], code=USAGE)
        self.refuses("spec", "show", path, "--json", path, expecting=["would replace"], code=USAGE)
        self.run_program("plan", path, "--json", "/dev/null")

    def test_standard_output_is_taken_once(self):
        path = self.write("scenario.json", scenario())
        self.refuses("run", path, "--json", "-", "--events", "-", expecting=["only one of"], code=USAGE)


if __name__ == "__main__":
    main()
