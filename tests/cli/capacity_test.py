"""moesim capacity."""

import json

from cli_case import ROOT, SCENARIO, USAGE, CliCase, main

SERVING = ROOT / "workloads/scenarios/llama-3.1-70b-h100.json"
SLO = ["--slo", "ttft=1s@p99,tpot=40ms@p99"]
SHORT = ["--set", "/workload/duration=60 s", "--set", "/warm_up=10 s"]


class Capacity(CliCase):
    def test_table_and_document_agree(self):
        text = self.run_program("capacity", SERVING, *SLO, *SHORT, "--draws", 8, "--json", "c.json").stdout
        document = self.json_of("capacity", SERVING, *SLO, *SHORT, "--draws", 8, "--threads", 1)
        self.assertEqual(document, json.loads((self.folder / "c.json").read_text()))
        self.assertEqual(document["kind"], "capacity")
        summary = document["summary"]
        smallest = summary["smallest"]
        for level in ("p50", "p90", "stated"):
            fleet = smallest[level]
            self.assertEqual(fleet["gpus"], sum(pool["gpus"] for pool in fleet["pools"].values()))
            self.assertAlmostEqual(fleet["nodes"], sum(pool["nodes"] for pool in fleet["pools"].values()))
        self.assertTrue(all(target["holds"] for target in smallest["targets"]))
        self.assertGreaterEqual(smallest["margin"]["load"], 1)
        self.assertTrue(summary["cheapest_is_smallest"] and summary["one_price"])
        self.assertIn("p50 and p90 of 8 draws", text)
        self.assertIn("all GPUs have one price", text)
        self.assertIn(f"holds {smallest['margin']['load']:.4g} x the traffic", text)

    def test_the_slo_of_the_scenario_stands_in(self):
        document = self.json_of("capacity", SERVING, *SHORT, "--draws", 0)
        self.assertEqual([(t["figure"], t["percentile"], t["limit_s"]) for t in document["summary"]["slo"]],
                         [("ttft", 99, 1.0), ("tpot", 99, 0.05)])
        self.assertEqual(document["summary"]["smallest"]["p90"], document["summary"]["smallest"]["stated"])

    def test_a_price_has_parts(self):
        fleet = self.json_of("capacity", SERVING, *SLO, *SHORT, "--draws", 0, "--price", "owned-4-years")["summary"]["cheapest"]["p90"]
        parts = fleet["cost_parts_usd_per_day"]
        self.assertEqual(set(parts), {"gpu", "node", "network", "maintenance", "hosting", "power"})
        self.assertAlmostEqual(sum(parts.values()), fleet["cost_usd_per_day"], delta=1e-9 * fleet["cost_usd_per_day"])
        rented = self.json_of("capacity", SERVING, *SLO, *SHORT, "--draws", 0, "--price", "rent-2")["summary"]["cheapest"]["p90"]
        self.assertEqual(rented["cost_parts_usd_per_day"], {"gpu": rented["cost_usd_per_day"]})
        self.assertAlmostEqual(rented["cost_usd_per_day"], 48 * rented["gpus"])

    def test_faults(self):
        self.refuses("capacity", SERVING, "--slo", "ttft=2@p99", expecting=["--slo", "ttft"])
        self.refuses("capacity", SERVING, "--slo", "ttft=2s", expecting=["--slo", "ttft=2s@p99"])
        self.refuses("capacity", SERVING, "--slo", "tpot=50ms@p99,tpot=60ms@p90", expecting=["--slo", "asks for nothing"])
        self.refuses("capacity", SERVING, *SHORT, "--draws", 0, "--slo", "tpot=1ms@p99",
                     expecting=["--slo", "tpot=1 ms@p99 reaches"])
        self.refuses("capacity", SERVING, *SHORT, *SLO, "--gpus-max", 3, expecting=["--gpus-max"])
        self.refuses("capacity", SERVING, *SLO, "--vary", "/deployment/node/unit=1,2", expecting=["--vary", "units"])
        self.refuses("capacity", SCENARIO, *SLO, expecting=["/kind", "serving"])
        self.refuses("capacity", SERVING, *SLO, "--draws", "-1", code=USAGE)


if __name__ == "__main__":
    main()
