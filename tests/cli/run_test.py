"""moesim run: what it prints and writes."""

import csv
import io
import json
import os
import pty
import select
import signal
import sqlite3
import subprocess
import time

from cli_case import PROGRAM, SCENARIO, CliCase, main, scenario


class Run(CliCase):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("scenario.json", scenario(engine="replay"))

    def test_prints_a_table_and_its_cost(self):
        result = self.run_program("run", self.scenario)
        self.assertIn("step time", result.stdout)
        self.assertRegex(result.stderr, r"^moesim: \d+\.\d\d s, .* of memory, .* operations .*per second")
        self.assertEqual(self.files(), ["scenario.json"])

    def test_writes_a_folder(self):
        self.run_program("run", self.scenario, "-o", "out/demo")
        self.assertEqual(self.files(), ["out", "out/demo", "out/demo/records.moesim", "out/demo/summary.json",
                                        "out/demo/trace.json", "scenario.json"])
        folder = self.folder / "out/demo"
        summary = json.loads((folder / "summary.json").read_text())
        self.assertLess((folder / "summary.json").stat().st_size, 1_000_000)
        self.assertLess((folder / "trace.json").stat().st_size, 60_000_000)
        for key in ["schema_version", "kind", "scenario", "seed", "moesim_version", "model", "cluster", "engine",
                    "provenance", "warnings", "summary"]:
            self.assertIn(key, summary)
        self.check_trace(folder / "trace.json", summary["summary"]["step_time_s"])
        self.check_records(folder / "records.moesim", (folder / "summary.json").read_text())

    def check_trace(self, path, step_time_s):
        events = [event for event in json.loads(path.read_text())["traceEvents"] if event["ph"] == "X"]
        self.assertGreater(len(events), 1000)
        end = max(event["ts"] + event["dur"] for event in events)
        self.assertLessEqual(end, step_time_s * 1e6 * (1 + 1e-6))

    def check_records(self, path, summary_text):
        with sqlite3.connect(path) as database:
            meta = dict(database.execute("SELECT key, value FROM meta"))
            count, = database.execute("SELECT sum(count) FROM chunk").fetchone()
            application, = database.execute("PRAGMA application_id").fetchone()
        self.assertEqual(application, 0x4D4F4553)
        self.assertLessEqual({"phases", "lanes", "passes", "summary"}, set(meta))
        self.assertEqual(meta["summary"], summary_text)
        self.assertGreater(count, 1000)

    def test_overwrites_an_earlier_run_and_keeps_other_files(self):
        (self.folder / "out").mkdir()
        (self.folder / "out/notes.txt").write_text("mine")
        (self.folder / "out/summary.json").write_text("old")
        self.run_program("run", self.scenario, "-o", "out")
        self.assertEqual((self.folder / "out/notes.txt").read_text(), "mine")
        self.assertEqual(json.loads((self.folder / "out/summary.json").read_text())["kind"], "training")

    def test_json_takes_standard_output_alone(self):
        result = self.run_program("run", self.scenario, "--json", "-")
        self.assertEqual(json.loads(result.stdout)["kind"], "training")
        self.run_program("run", self.scenario, "--json", "result.json")
        self.assertEqual((self.folder / "result.json").read_text(), result.stdout)

    def test_the_same_bytes_whatever_the_threads_and_the_place(self):
        texts = set()
        for threads in [1, 2, 3]:
            self.run_program("run", self.scenario, "--threads", threads, "-o", f"out{threads}")
            texts.add((self.folder / f"out{threads}/summary.json").read_bytes())
        texts.add(self.run_program("run", "-", "--json", "-", stdin=self.scenario.read_text()).stdout.encode())
        self.assertEqual(len(texts), 1)
        traces = {(self.folder / f"out{threads}/trace.json").read_bytes() for threads in [1, 2, 3]}
        self.assertEqual(len(traces), 1)

    def test_the_same_bytes_without_avx2_and_fma(self):
        # glibc chooses variants of its mathematical functions by processor.
        plain = self.run_program("run", self.scenario, "--json", "-", "--waterfall", "--uncertainty").stdout
        os.environ["GLIBC_TUNABLES"] = "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable"
        self.addCleanup(os.environ.pop, "GLIBC_TUNABLES")
        reduced = self.run_program("run", self.scenario, "--json", "-", "--waterfall", "--uncertainty").stdout
        self.assertEqual(reduced, plain)

    def test_files_of_other_options_may_lie_in_the_folder(self):
        self.run_program("run", self.scenario, "-o", "out", "--json", "out/a.json", "--stats", "out/stats.json")
        self.assertEqual((self.folder / "out/a.json").read_bytes(), (self.folder / "out/summary.json").read_bytes())
        self.assertTrue((self.folder / "out/stats.json").is_file())

    def test_every_gpu_gives_the_same_bytes_with_more_threads(self):
        path = self.write("every.json", scenario(engine="replay", gpus="every"))
        texts = {self.run_program("run", path, "--threads", threads, "--json", "-").stdout for threads in [1, 2]}
        self.assertEqual(len(texts), 1)

    def test_the_result_holds_no_wall_time(self):
        text = self.run_program("run", self.scenario, "--json", "-", "--stats", "stats.json").stdout
        for word in ["wall", "host", "resident", "threads"]:
            self.assertNotIn(word, text)
        stats = json.loads((self.folder / "stats.json").read_text())
        self.assertGreater(stats["wall_s"], 0)
        self.assertGreater(stats["max_resident_B"], 1e6)
        self.assertEqual(stats["operations"], json.loads(text)["engine"]["num_operations"])
        self.assertAlmostEqual(stats["operations_per_s"], stats["operations"] / stats["wall_s"], delta=1)
        self.assertTrue(stats["parts_s"])

    def test_seed_and_changes_reach_the_result(self):
        result = self.json_of("run", self.scenario, "--seed", 7, "--set", "/recipe/global_batch=7680")
        self.assertEqual(result["seed"], 7)
        self.assertEqual(result["scenario"]["recipe"]["global_batch"], 7680)
        self.assertEqual(result["summary"]["tokens_per_step"], 7680 * 4096)

    def test_a_price_changes_the_cost_alone(self):
        plain, owned = (self.json_of("run", self.scenario, *price)["summary"]
                        for price in [(), ("--price", "owned-4-years")])
        parts = owned.pop("cost_parts_usd_per_trillion_tokens")
        self.assertEqual(set(parts), {"gpu", "node", "network", "maintenance", "hosting", "power"})
        self.assertAlmostEqual(sum(parts.values()) / owned.pop("cost_usd_per_trillion_tokens"), 1, 12)
        plain.pop("cost_usd_per_trillion_tokens")
        self.assertEqual(owned, plain)

    def test_bad_prices_are_named(self):
        self.refuses("run", self.scenario, "--price", "rent", expecting=["--price", "did you mean \"rent-2\"?"])
        self.refuses("run", "deepseek-v3-routing-quick", "--price", "rent-2", expecting=["/kind", "--price"])

    def test_both_engines_agree(self):
        path = self.write("small.json", scenario(recipe={"sequence_length": 4096, "global_batch": 128 * 32,
                                                        "precision": "fp8"}))
        results = {engine: self.json_of("run", path, "--engine", engine) for engine in ["simgrid", "replay"]}
        for engine, result in results.items():
            self.assertEqual(result["engine"]["name"], engine)
        times = [result["summary"]["step_time_s"] for result in results.values()]
        self.assertAlmostEqual(times[0] / times[1], 1, delta=0.01)

    def test_waterfall_and_uncertainty_are_added(self):
        plain = self.json_of("run", self.scenario)
        self.assertNotIn("waterfall", plain)
        result = self.json_of("run", self.scenario, "--waterfall", "--uncertainty")
        # The parts add up to the step, which is the last row.
        *parts, whole = result["waterfall"]
        self.assertAlmostEqual(sum(part["seconds"] for part in parts) / whole["seconds"], 1, delta=1e-6)
        self.assertAlmostEqual(whole["seconds"] / result["summary"]["step_time_s"], 1, delta=1e-6)
        self.assertEqual(result["summary"], plain["summary"])
        self.assertIn("uncertainty", result)
        text = self.run_program("run", self.scenario, "--waterfall").stdout
        for part in parts:
            self.assertIn(part["name"].replace("_", " ").removeprefix("gpu "), text)

    def test_events(self):
        lines = self.run_program("run", self.scenario, "--events", "-").stdout.splitlines()
        events = [json.loads(line) for line in lines]
        kinds = [event["event"] for event in events]
        self.assertEqual((kinds[0], kinds[-1]), ("start", "done"))
        self.assertLessEqual(set(kinds), {"start", "progress", "record", "warning", "done"})
        self.assertIn("record", kinds)
        self.assertEqual(events[0]["scenario"]["kind"], "training")
        for event in events:
            if event["event"] == "progress":
                self.assertTrue(0 <= event["fraction"] <= 1)
        result = self.json_of("run", self.scenario)
        self.assertEqual(events[-1]["result"], result)
        self.assertEqual([event["text"] for event in events if event["event"] == "warning"], result["warnings"])
        self.run_program("run", self.scenario, "--events", "events.ndjson")
        self.assertTrue((self.folder / "events.ndjson").read_text().startswith('{"event":"start"'))

    def test_records_are_events_with_names(self):
        events = map(json.loads, self.run_program("run", self.scenario, "--events", "-").stdout.splitlines())
        records = [event for event in events if event["event"] == "record"]
        self.run_program("run", self.scenario, "-o", "out")
        with sqlite3.connect(self.folder / "out/records.moesim") as database:
            meta = dict(database.execute("SELECT key, value FROM meta"))
        for key, names in [("phase", "phases"), ("lane", "lanes"), ("pass", "passes")]:
            used = {record[key] for record in records}
            self.assertLessEqual(used, set(json.loads(meta[names])))
            self.assertGreater(len(used), 1)

    def test_the_summary_as_csv(self):
        text = self.run_program("run", self.scenario, "--csv", "-").stdout
        rows = dict(csv.reader(io.StringIO(text, newline="")))
        summary = self.json_of("run", self.scenario)["summary"]
        self.assertEqual(rows.pop("key"), "value")
        self.assertEqual(float(rows["step_time_s"]), summary["step_time_s"])
        self.assertEqual(float(rows["phases_s.forward"]), summary["phases_s"]["forward"])
        self.run_program("run", self.scenario, "--csv", "summary.csv")
        self.assertEqual((self.folder / "summary.csv").read_bytes().decode(), text.replace("\n", "\r\n"))

    def test_a_shipped_scenario_by_name(self):
        name = SCENARIO.stem
        self.assertEqual(self.json_of("run", name, "--engine", "replay"), self.json_of("run", self.scenario))
        self.refuses("run", name[:-1], expecting=["no such scenario", f"did you mean '{name}'?"])
        self.refuses("plan", "nothing-like-it", expecting=["no such scenario", name])
        self.write("mine", scenario(engine="replay"))
        self.assertEqual(self.json_of("run", "mine"), self.json_of("run", self.scenario))

    def test_published_figures_stay_with_what_they_are_about(self):
        result = self.run_program("run", self.scenario)
        self.assertIn("technical report", result.stdout)
        for change in ["/seed=3", "/gpus=representative", "/routing/rank_max_over_mean=1.3"]:
            shown = self.run_program("run", self.scenario, "--set", change, "--engine", "replay")
            self.assertIn("technical report", shown.stdout)
            self.assertNotIn("published", shown.stderr)
        shown = self.run_program("run", self.scenario, "--set", "/recipe/global_batch=7680")
        self.assertNotIn("technical report", shown.stdout)
        self.assertIn("published figures are not shown", shown.stderr)
        # The result keeps them: it is its inputs' document.
        self.assertIn("published", self.json_of("run", self.scenario, "--set", "/seed=3")["scenario"])

    def test_a_published_key_that_the_summary_lacks_is_a_warning(self):
        document = scenario(engine="replay")
        document["published"][0]["key"] = "tokens_per_dya"
        result = self.json_of("run", self.write("typo.json", document))
        self.assertIn("the summary has no 'tokens_per_dya', which is published; did you mean 'tokens_per_day'?",
                      result["warnings"])
        self.assertFalse(any("published" in text for text in self.json_of("run", self.scenario)["warnings"]))

    def test_a_result_that_is_not_finite(self):
        # A step of 1e300 s and more: GPU-hours are beyond all numbers.
        path = self.write("slow.json", scenario(engine="replay", cluster={"base": "h800-2048",
                                                                         "nic": {"bandwidth": "1e-290 b/s"}}))
        self.refuses("run", path, "-o", "out", expecting=["the result is not finite at /summary/"], code=1)

    def test_a_fault_is_an_event(self):
        path = self.write("bad.json", scenario(model="deepseek-v33"))
        result = self.run_program("run", path, "--events", "-", code=3)
        last = json.loads(result.stdout.splitlines()[-1])
        self.assertEqual((last["event"], last["kind"], last["exit_code"]), ("error", "spec", 3))
        self.assertEqual(last["faults"][0]["pointer"], "/model")
        self.assertIn("deepseek-v3", last["faults"][0]["hint"])

    def test_paths_in_a_scenario_are_relative_to_it(self):
        (self.folder / "deep").mkdir()
        model = SCENARIO.parents[2] / "models/catalog/deepseek-v3.json"
        (self.folder / "deep/mine.json").write_text(model.read_text())
        path = self.write("deep/scenario.json", scenario(engine="replay", model="mine.json"))
        self.assertEqual(self.json_of("run", path)["summary"], self.json_of("run", self.scenario)["summary"])


class Terminal(CliCase):
    def on_terminal(self, *arguments, pause=0.0):
        """What the program writes to standard error where that is a terminal, stopped at first for `pause` seconds."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=theirs, env={**os.environ, "TERM": "xterm"})
        os.close(theirs)
        if pause:
            while not any(name.endswith(".partial") for name in self.files()):
                time.sleep(0.001)
            time.sleep(0.2)  # outputs are opened first; the bar's clock starts right behind them
            process.send_signal(signal.SIGSTOP)
            time.sleep(pause)
            process.send_signal(signal.SIGCONT)
        text = b""
        while select.select([ours], [], [], 120)[0]:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            if not chunk:
                break
            text += chunk
        self.assertEqual(process.wait(), 0)
        os.close(ours)
        return text.decode()

    def test_a_long_run_draws_a_bar_and_wipes_it(self):
        path = self.write("scenario.json", scenario(engine="replay", gpus="every"))
        text = self.on_terminal("run", path, "-o", "out", "--uncertainty", pause=2.2)
        self.assertIn("\r\x1b[K", text, repr(text[-400:]))
        bar, cost = text.rsplit("\r\x1b[K", 1)
        self.assertRegex(bar, r"\[#*\.*\] +\d+ %  \d+ s  \w+")
        self.assertTrue(cost.startswith("moesim: "))

    def test_a_short_run_draws_none(self):
        path = self.write("scenario.json", scenario(engine="replay"))
        text = self.on_terminal("run", path)
        self.assertRegex(text, r"^moesim: [^\x1b\r]*\r?\n$")  # its cost alone


if __name__ == "__main__":
    main()
