"""moesim run and plan with scenarios of kind serving."""

import array
import csv
import json
import sqlite3

from cli_case import ROOT, SCENARIO, USAGE, CliCase, main

SCENARIOS = ROOT / "workloads/scenarios"
NODE = SCENARIOS / "deepseek-v3-h200-tp8.json"
SMALL = ["--set", "/workload/concurrency=4", "--set", "/workload/input_tokens=512", "--set", "/workload/output_tokens=64"]


def node(**changes):
    """The scenario of one node as an object with some keys changed."""
    return json.loads(NODE.read_text(encoding="utf-8")) | changes


def with_pool(**changes):
    document = node()
    document["deployment"]["node"].update(changes)
    return document


class Serving(CliCase):
    def small(self, *arguments):
        return self.json_of("run", NODE, *SMALL, *arguments)

    def test_a_closed_loop_sends_ten_requests_for_each_in_flight(self):
        result = self.small("--requests", "requests.csv", "--waterfall")
        summary = result["summary"]
        self.assertEqual((summary["requests_completed"], summary["requests_rejected"]), (40, 0))
        with open(self.folder / "requests.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 40)
        self.assertEqual(sorted(int(row["id"]) for row in rows), list(range(40)))
        for key in ("ttft_s", "tpot_s", "e2e_s"):
            mean = sum(float(row[key]) for row in rows) / len(rows)
            self.assertAlmostEqual(summary[key]["mean"], mean, delta=1e-9 * mean, msg=key)
        for row in rows:
            tpot = (float(row["end_s"]) - float(row["first_token_s"])) / (int(row["output_tokens"]) - 1)
            self.assertAlmostEqual(float(row["tpot_s"]), tpot, delta=1e-9)
        parts = result["waterfall"]["node"]
        self.assertAlmostEqual(sum(row["seconds"] for row in parts[:-1]), parts[-1]["seconds"], delta=1e-12)

    def test_throughput_is_the_tokens_over_the_time_of_the_allotted_node(self):
        summary = self.small("--requests", "requests.csv")["summary"]
        with open(self.folder / "requests.csv", newline="", encoding="utf-8") as file:
            asked = sum(int(row["output_tokens"]) for row in csv.DictReader(file))
        self.assertEqual(summary["nodes"], {"mean": 1.0, "peak": 1.0})
        tokens = summary["output_tokens_per_s_per_node"] * summary["measured_s"]
        self.assertAlmostEqual(tokens, asked, delta=1e-6 * tokens)
        # Little's law: requests in flight are the rate times their stay, 4 but for the last round.
        in_flight = 40 / summary["measured_s"] * summary["e2e_s"]["mean"]
        self.assertLess(in_flight, 4.0001)
        self.assertGreater(in_flight, 3.5)

    def test_records_hold_curves_and_phases_of_requests(self):
        self.run_program("run", NODE, *SMALL, "-o", "out")
        records = sqlite3.connect(self.folder / "out/records.moesim")
        names = {name for (name,) in records.execute("SELECT name FROM series")}
        self.assertLessEqual({"node/queue", "node/running", "node/kv_used_fraction", "node/nodes", "node/mfu",
                              "node/output_tokens_per_s", "node/input_tokens_per_s", "node/ttft_p50", "node/ttft_p99",
                              "node/tpot_p50", "node/tpot_p99"}, names)
        phases = records.execute("SELECT value FROM meta WHERE key = 'phases'").fetchone()[0]
        self.assertEqual(json.loads(phases), ["queue", "prompt", "transfer", "decode"])
        events = json.loads((self.folder / "out/trace.json").read_text())["traceEvents"]
        decoding = [event for event in events if event.get("name") == "decode"]
        self.assertEqual(len(decoding), 40)
        self.assertTrue(any("in flight" in event["args"].get("name", "") for event in events if event["ph"] == "M"))

    def test_records_hold_the_distributions_that_the_percentiles_are_of(self):
        summary = self.json_of("run", NODE, *SMALL, "-o", "out")["summary"]
        records = sqlite3.connect(self.folder / "out/records.moesim")
        rows = {name: (unit, array.array("d", edge), array.array("d", weight)) for name, unit, edge, weight in
                records.execute("SELECT name, unit, edge, weight FROM histogram")}
        self.assertEqual(sorted(rows), ["e2e_s", "itl_s", "tpot_s", "ttft_s"])
        for name, (unit, edge, weight) in rows.items():
            self.assertEqual((unit, len(edge), weight[0]), ("s", len(weight), 0))
            self.assertEqual(sorted(edge), list(edge))
            for key, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
                below = 0
                for low, high, inside in zip(edge, edge[1:], weight[1:]):
                    below += inside
                    if below >= share * sum(weight) * (1 - 1e-12):
                        break
                self.assertTrue(low <= summary[name][key] <= high, msg=(name, key))
        self.assertEqual(sum(rows["ttft_s"][2]), 40)

    def test_threads_do_not_matter(self):
        self.assertEqual(self.small("--threads", "1"), self.small("--threads", "2"))

    def test_slower_kernels_take_longer(self):
        slow = self.small("--set", "/deployment/node/kernel_slowdown=1.5")["summary"]
        self.assertGreater(slow["tpot_s"]["mean"], 1.15 * self.small()["summary"]["tpot_s"]["mean"])

    def test_every_shipped_scenario_can_be_laid_out(self):
        found = 0
        for file in sorted(SCENARIOS.glob("*.json")):
            if json.loads(file.read_text(encoding="utf-8"))["kind"] != "serving":
                continue
            found += 1
            plan = self.json_of("plan", file)
            self.assertEqual(plan["violations"], [], file)
            self.assertEqual(set(plan["topologies"]), {pool["cluster"] for pool in plan["pools"].values()})
            for topology in plan["topologies"].values():
                self.assertEqual(set(topology), {"kind", "gpus", "nodes", "switches", "switch_cables"})
                self.assertEqual(topology["gpus"] % topology["nodes"], 0)
            for pool in plan["pools"].values():
                self.assertTrue(pool["memory"]["fits"])
                self.assertLessEqual(sum(pool["memory"]["items_B"].values()), pool["memory"]["capacity_B"] * (1 + 1e-12))
        self.assertGreater(found, 15)

    def test_plan_shows_memory_by_pool_and_item(self):
        text = self.run_program("plan", "deepseek-v3-trace-h800").stdout
        for word in ("decode", "prefill", "routed experts", "KV cache", "blocks per rank", "process group"):
            self.assertIn(word, text)

    def test_weights_that_do_not_fit_are_told_with_the_table(self):
        path = self.write("scenario.json", node(cluster="h100-128", calibration="h100-sxm"))
        error = self.refuses("run", path, expecting=["/deployment/node/layout", "weights do not fit"])
        self.assertIn("routed experts", error)
        result = self.run_program("plan", path, code=3)
        self.assertIn("routed experts", result.stdout)
        self.assertIn("weights do not fit", result.stderr)

    def test_pools_without_capacity_are_refused(self):
        for pointer, value in [("/units", 0), ("/kv_tokens", 0), ("/kv_tokens", 10), ("/batching", {"max_batch": 0})]:
            path = self.write("scenario.json", with_pool(**{pointer.strip("/"): value}))
            self.refuses("run", path, expecting=["/deployment/node" + pointer])

    def test_acceptances_are_chances(self):
        for acceptance, place in [([1.5], "/0"), ([-0.1], "/0"), ([0.9, 0.8], ""), ([], "")]:
            path = self.write("scenario.json", with_pool(speculation={"drafts": 1, "acceptance": acceptance}))
            self.refuses("run", path, expecting=["/deployment/node/speculation/acceptance" + place])

    def test_stacks_that_serve_nothing_are_refused(self):
        path = self.write("scenario.json", node(stack="megatron-core-nccl"))
        self.refuses("run", path, expecting=["megatron-core-nccl", "serv"])
        path = self.write("scenario.json", node(stack="sglnag"))
        self.refuses("run", path, expecting=["/stack", "sglang"])

    def test_a_missing_trace_is_told(self):
        path = self.write("scenario.json", node(workload={"trace": "nowhere.jsonl"}))
        self.refuses("run", path, expecting=["nowhere.jsonl"])

    def test_prompts_that_never_fit_are_rejected_and_counted(self):
        rows = [{"timestamp": 1000 * i, "input_length": length, "output_length": 8, "hash_ids": []}
                for i, length in enumerate([100, 500_000, 200])]
        self.write("trace.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        path = self.write("scenario.json", node(workload={"trace": "trace.jsonl"}))
        result = self.json_of("run", path, "--requests", "requests.csv")
        self.assertEqual(result["summary"]["requests_completed"], 2)
        self.assertEqual(result["summary"]["requests_rejected"], 1)
        self.assertIn("rejected", (self.folder / "requests.csv").read_text())

    def test_requests_belong_to_serving_alone(self):
        self.refuses("run", SCENARIO, "--requests", "requests.csv", expecting=["/kind", "--requests"])
        self.refuses("run", NODE, "--requests", "-", "--json", "-", code=USAGE)

    def test_intervals_enclose_the_median(self):
        uncertainty = self.small("--set", "/workload/requests=8", "--uncertainty")["uncertainty"]
        self.assertEqual(uncertainty["replays"], 64)
        self.assertGreater(uncertainty["num_inputs"], 10)
        low, median, high = (uncertainty[key]["tpot_s"]["mean"] for key in ("p10", "p50", "p90"))
        self.assertLess(low, median)
        self.assertLess(median, high)

    def test_sensitivity_orders_inputs_by_their_span(self):
        few = ["--set", "/workload/requests=4", "--set", "/workload/output_tokens=8"]
        document = self.json_of("sensitivity", NODE, *SMALL, *few, "--figure", "tpot_s.mean")
        spans = [row["span"] for row in document["inputs"]]
        self.assertEqual(spans, sorted(spans, reverse=True))
        self.assertGreater(spans[0], 0)


if __name__ == "__main__":
    main()
