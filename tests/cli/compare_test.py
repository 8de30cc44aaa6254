"""moesim compare: scenarios and results side by side."""

import csv
import io
import json

from cli_case import SCENARIO, USAGE, CliCase, main, scenario

SMALL = {"sequence_length": 4096, "global_batch": 128 * 32, "precision": "fp8"}


class Compare(CliCase):
    def setUp(self):
        super().setUp()
        self.path = self.write("scenario.json", scenario(engine="replay", recipe=SMALL))

    def row(self, document, section, key):
        row, = [row for row in document["sections"][section] if row["key"] == key]
        return row

    def test_a_scenario_and_its_variations(self):
        document = self.json_of("compare", self.path, "--vary", "/recipe/global_batch=8192", "--vary",
                                "/routing/rank_max_over_mean=1.0", "--threads", 2)
        self.assertEqual(document["names"], ["scenario", "scenario /recipe/global_batch=8192",
                                             "scenario /routing/rank_max_over_mean=1.0"])
        # The batch is doubled: twice the tokens in less than twice the time.
        self.assertEqual(self.row(document, "summary", "tokens_per_step")["difference_fraction"], [0, 1, 0])
        step = self.row(document, "summary", "step_time_s")
        self.assertTrue(0 < step["difference_fraction"][1] < 1)
        self.assertLess(step["difference_fraction"][2], 0)
        result = self.json_of("run", self.path, "--set", "/recipe/global_batch=8192")
        self.assertEqual(step["values"][1], result["summary"]["step_time_s"])
        keys = [row["key"] for row in document["sections"]["inputs"]]
        self.assertEqual(keys, ["/recipe/global_batch", "/routing/rank_max_over_mean"])
        self.assertEqual(self.row(document, "waterfall", "step_s")["values"][0],
                         self.json_of("run", self.path, "--waterfall")["waterfall"][-1]["seconds"])
        self.assertGreater(self.row(document, "memory", "items_B.weights")["values"][0], 1e9)

    def test_results_and_scenarios_mix(self):
        self.run_program("run", self.path, "-o", "out")
        self.run_program("run", self.path, "--json", "result.json")
        document = self.json_of("compare", "out", "result.json", self.path)
        self.assertEqual(document["names"], ["out", "result", "scenario"])
        for row in document["sections"]["summary"]:
            if isinstance(row["values"][0], (int, float)):
                self.assertEqual(row["difference_fraction"], [0, 0, 0], row)
        # Results have no waterfall unless it was asked for: nothing, no zero.
        self.assertEqual(self.row(document, "waterfall", "bubble_s")["values"][:2], [None, None])
        self.assertNotIn("inputs", document["sections"])
        text = self.run_program("compare", "out", "result.json", self.path).stdout
        self.assertRegex(text, r"(?m)^  bubble +- +- +[0-9.]+ m?s$")

    def test_every_scenario_at_a_price(self):
        document = self.json_of("compare", self.path, "--vary", "/recipe/global_batch=8192", "--price", "owned-4-years")
        key = "cost_usd_per_trillion_tokens"
        costs = self.row(document, "summary", key)["values"]
        for cost, batch in zip(costs, [SMALL["global_batch"], 8192]):
            result = self.json_of("run", self.path, "--set", f"/recipe/global_batch={batch}", "--price", "owned-4-years")
            self.assertEqual(cost, result["summary"][key])
        self.assertNotEqual(costs[0], self.json_of("run", self.path)["summary"][key])

    def test_every_engine(self):
        document = self.json_of("compare", self.path, self.path, "--engine", "simgrid")
        self.assertEqual(self.row(document, "results", "engine")["values"], ["simgrid", "simgrid"])
        self.assertEqual(document["names"], [str(self.path), f"{self.path} (2)"])

    def test_files(self):
        self.run_program("compare", self.path, "--vary", "/layout/ep=128", "--csv", "c.csv", "--html", "c.html", "--json",
                         "c.json")
        rows = list(csv.reader(io.StringIO((self.folder / "c.csv").read_text(), newline="")))
        self.assertEqual(rows[0][:3], ["section", "key", "scenario"])
        self.assertIn(["inputs", "/layout/ep", "64", "128", ""], rows)
        page = (self.folder / "c.html").read_text()
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        self.assertGreaterEqual(page.count("<svg"), 4)
        document = json.loads((self.folder / "c.json").read_text())
        self.assertEqual(document, self.json_of("compare", self.path, "--vary", "/layout/ep=128"))

    def test_refuses(self):
        result = self.json_of("run", self.path)
        self.write("other.json", result | {"kind": "serving"})
        self.write("old.json", result | {"schema_version": 0})
        self.write("result.json", result)
        self.write("list.json", [1])
        self.refuses("compare", "result.json", "other.json", expecting=["other.json: /kind", "serving"])
        self.refuses("compare", "result.json", "old.json", expecting=["old.json: /schema_version", "run its scenario"])
        self.refuses("compare", "result.json", "list.json", expecting=["list.json"])
        self.refuses("compare", "result.json", "nowhere.json", expecting=["nowhere.json"])
        self.refuses("compare", "result.json", ".", expecting=["summary.json"])
        self.refuses("compare", SCENARIO.stem, self.path, "--set", "/layout/eq=3", expecting=["/layout/eq"])
        self.refuses("compare", self.path, "--vary", "/layout/eq=3", expecting=["moesim: --vary: /layout/eq", "'ep'"])
        below = self.refuses("compare", self.path, "--vary", "/cluster/num_nodes=8", expecting=["write --vary '/cluster="])
        self.assertNotIn("--set", below)
        self.refuses("compare", self.path, "--set", "/layout/eq=3", "--vary", "/layout/ep=32",
                     expecting=["moesim: --set: /layout/eq"])
        # Every scenario's faults at once.
        faults = self.refuses("compare", self.path, "--vary", "/layout/ep=48", "--vary", "/model=deepseek-v33",
                              expecting=["/layout/ep", "/model", "deepseek-v3"])
        self.assertTrue(all(line.startswith("moesim: ") for line in faults.splitlines()), faults)

    def test_usage(self):
        self.write("result.json", self.json_of("run", self.path))
        self.refuses("compare", self.path, expecting=["two or more"], code=USAGE)
        self.refuses("compare", "-", "-", expecting=["only one"], code=USAGE)
        self.refuses("compare", self.path, self.path, "--json", "-", "--csv", "-", expecting=["only one"], code=USAGE)
        self.refuses("compare", self.path, self.path, "--html", self.path, expecting=["would replace"], code=USAGE)
        self.refuses("compare", "result.json", "result.json", "--engine", "replay", expecting=["--engine"], code=USAGE)
        self.refuses("compare", "result.json", "result.json", "--price", "rent-2", expecting=["--price"], code=USAGE)
        self.refuses("compare", "result.json", "--vary", "/seed=2", expecting=["--vary"], code=USAGE)


if __name__ == "__main__":
    main()
