"""Scenarios of kind routing."""

import json
import sqlite3

from cli_case import INVALID, ROOT, CliCase, main

QUICK = ROOT / "workloads/scenarios/deepseek-v3-routing-quick.json"
SHORT = ["--set", "/batch/steps=6", "--set", "/batch/tokens=1024", "--set", "/batch/measured_steps=3",
         "--set", "/record/traffic_every=2"]


class Routing(CliCase):
    def test_a_folder_holds_loads_and_curves(self):
        self.run_program("run", QUICK, *SHORT, "--set", "/record/every=2", "-o", "out")
        summary = json.loads((self.folder / "out/summary.json").read_text(encoding="utf-8"))
        self.assertEqual(summary["kind"], "routing")
        self.assertGreater(summary["summary"]["max_violation_batch"], 1)
        records = sqlite3.connect(self.folder / "out/records.moesim")
        rows = dict(records.execute("SELECT stream, sum(count) FROM chunk GROUP BY stream"))
        self.assertEqual(rows, {"expert_load": 6, "gpu_load": 6, "node_load": 6, "gpu_traffic": 6})
        series = dict(records.execute("SELECT name, count FROM series"))
        self.assertEqual(series["max_violation_batch"], 6)
        self.assertEqual(series["max_violation_batch.layer_3"], 6)

    def test_events_are_records(self):
        result = self.run_program("run", QUICK, *SHORT, "--events", "-")
        events = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual((events[0]["event"], events[-1]["event"]), ("start", "done"))
        loads = [event for event in events if event.get("stream") == "expert_load"]
        self.assertEqual([(event["step"], event["layer"]) for event in loads], [(0, 3), (0, 32), (5, 3), (5, 32)])
        self.assertEqual({sum(event["tokens"]) for event in loads}, {1024 * 8})

    def test_threads_and_seed(self):
        results = [self.json_of("run", QUICK, *SHORT, "--threads", threads) for threads in (1, 3)]
        self.assertEqual(results[0], results[1])
        other = self.json_of("run", QUICK, *SHORT, "--seed", 2)
        self.assertEqual(other["seed"], 2)
        self.assertNotEqual(other["summary"], results[0]["summary"])

    def test_the_table_shows_the_summary(self):
        text = self.run_program("run", QUICK, *SHORT).stdout
        for words in ("routing of deepseek-v3 on h800-2048", "max violation batch", "functional router", "seed"):
            self.assertIn(words, text)
        self.assertIn("max_violation_batch,", self.run_program("run", QUICK, *SHORT, "--csv", "-").stdout)

    def test_results_are_compared(self):
        self.run_program("run", QUICK, *SHORT, "--json", "a.json")
        self.run_program("run", QUICK, *SHORT, "--set", "/routing/bias_update_speed=0.02", "--json", "b.json")
        document = self.json_of("compare", "a.json", "b.json")
        keys = [row["key"] for row in document["sections"]["inputs"]]
        self.assertEqual(keys, ["/routing/bias_update_speed"])
        self.assertIn("max_violation_batch", [row["key"] for row in document["sections"]["summary"]])

    def test_scenarios_are_compared(self):
        document = self.json_of("compare", QUICK, "--vary", "/batch/tokens=1024", "--threads", 2)
        self.assertEqual([row["key"] for row in document["sections"]["inputs"]], ["/batch/tokens"])
        self.assertNotIn("waterfall", document["sections"])

    def test_the_plan_shows_group_and_placement(self):
        plan = self.json_of("plan", QUICK)
        self.assertEqual(plan["placement"]["slots_per_gpu"], 4)
        self.assertEqual(plan["placement"]["layers"], [3, 32])
        self.assertEqual(plan["process_groups"]["expert"]["nodes"], 8)
        self.assertEqual(plan["topology"]["gpus"], 2048)
        self.assertEqual(plan["violations"], [])
        self.assertIn("slots per GPU", self.run_program("plan", QUICK).stdout)

    def test_every_violation_is_told(self):
        changes = ["--set", "/placement/ep=96", "--set", "/batch/layers=80"]
        for command in ("plan", "run"):
            stderr = self.run_program(command, QUICK, *changes, code=INVALID).stderr
            for pointer in ("/batch/tokens", "/placement/ep", "/batch/layers"):
                self.assertIn(f": {pointer}: ", stderr)

    def test_a_bias_does_not_run_away(self):
        for change, pointer in (("/routing/bias_update_speed=1e300", "/routing/bias_update_speed"),
                                ('/routing/bias_update_parts=[{"speed": 2}]', "/routing/bias_update_parts/0/speed")):
            self.refuses("run", QUICK, "--set", change, expecting=[f": {pointer}: "])

    def test_a_word_about_published_figures_where_there_are_some(self):
        figure = {"key": "max_violation_batch", "value": 1, "source": "s"}
        document = {**json.loads(QUICK.read_text(encoding="utf-8")), "published": [figure]}
        path = self.write("published.json", document)
        self.assertNotIn("published", self.run_program("run", QUICK, *SHORT).stderr)
        self.assertIn("published figures are not shown", self.run_program("run", path, *SHORT).stderr)

    def test_faults_of_recordings_name_the_key(self):
        def refuse(recorded, *expecting):
            document = {"schema_version": 1, "kind": "routing", "model": "deepseek-v3", "cluster": "h800-2048",
                        "recorded": recorded}
            self.refuses("run", self.write("recorded.json", document), expecting=expecting)
        self.write("ids.raw", "0123456789abcdef" * 2)
        refuse({"ids": "ids.raw"}, ": /recorded/layers: raw ids do not say it")
        refuse({"ids": "none.npy"}, "recorded.json: /recorded/ids: there is no file")
        refuse({"counts": "none.csv"}, "recorded.json: /recorded/counts: there is no file")

    def test_what_has_no_time_is_refused(self):
        self.refuses("run", QUICK, "--waterfall", expecting=["/kind", "--waterfall"])
        self.refuses("run", QUICK, "--uncertainty", expecting=["/kind", "--uncertainty"])
        self.refuses("sensitivity", QUICK, expecting=["/kind", "--seed"])
        self.refuses("scenario", "export", "megatron", QUICK, expecting=["/kind", "training"])
        self.refuses("run", QUICK, "--engine", "replay", expecting=[": /kind: ", "leave --engine out"])

    def test_a_minimal_scenario_is_recognised(self):
        document = {"schema_version": 1, "kind": "routing", "model": "deepseek-v3", "cluster": "h800-2048"}
        shown = json.loads(self.run_program("spec", "show", "-", stdin=json.dumps(document)).stdout)
        self.assertEqual(shown["batch"]["tokens"], 16384)

    def test_a_case_is_validated(self):
        case = {"schema_version": 1, "id": "floor", "title": "T", "role": "check", "scenario": str(QUICK),
                "overrides": {"/batch/steps": 4, "/batch/measured_steps": 1, "/batch/tokens": 1024,
                              "/routing/bias_update_steps": 2, "/record/traffic_every": 0},
                "sources": [{"id": "s", "title": "S"}],
                "published": [{"metric": "max_violation_floor", "value": 0.4918, "source": "s", "where": "formula",
                               "tolerance_fraction": 0.01}]}
        document = self.json_of("validate", self.write("case.json", case))
        self.assertEqual(document["summary"]["passed"], 1)


if __name__ == "__main__":
    main()
