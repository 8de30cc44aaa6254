"""moesim routing."""

import json
import random
import struct

from cli_case import USAGE, CliCase, main, scenario


class Routing(CliCase):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("scenario.json", scenario(
            engine="replay", recipe={"sequence_length": 4096, "global_batch": 128 * 32, "precision": "fp8"},
            routing={"mode": "stated", "rank_max_over_mean": 1.2}))

    def record(self, name, num_tokens):
        """Raw ids of one layer of Mixtral: two of eight experts."""
        draw = random.Random(1)
        ids = [expert for _ in range(num_tokens) for expert in draw.sample(range(8), 2)]
        (self.folder / name).write_bytes(struct.pack(f"<{len(ids)}H", *ids))

    def test_curve(self):
        text = self.run_program("routing", "curve", self.scenario, "--spread", "0,0.5", "--json", "c.json").stdout
        curve = json.loads((self.folder / "c.json").read_text())
        self.assertEqual([point["spread"] for point in curve["points"]], [0, 0.5])
        for point in curve["points"]:
            rank = point["rank_max_over_mean"]
            self.assertLessEqual(rank["p10"], rank["mean"])
            self.assertLessEqual(rank["mean"], rank["p90"])
            self.assertIn(f"{rank['mean']:.3f}", text)
        stated = curve["stated"]
        self.assertLess(stated["spread_where_p90"], stated["spread"])
        self.assertLess(stated["spread"], stated["spread_where_p10"])
        self.assertIn(f"is the mean at spread {stated['spread']:.2f}", text)
        again = self.json_of("routing", "curve", self.scenario, "--spread", f"{stated['spread']}")
        self.assertAlmostEqual(again["points"][0]["rank_max_over_mean"]["mean"], 1.2, delta=0.002)

    def test_a_simulated_scenario_has_its_own_topics(self):
        routing = {"mode": "simulated", "affinity": {"topics": {"count": 16, "spread": 0.3}}}
        curve = self.json_of("routing", "curve", self.scenario, "--set", f"/routing={json.dumps(routing)}",
                             "--spread", "0.3")
        self.assertEqual(curve["affinity"]["topics"]["count"], 16)
        self.assertNotIn("stated", curve)

    def test_fit(self):
        self.record("ids.bin", 64 * 40)
        arguments = ["routing", "fit", "ids.bin", "--model", "mixtral-8x7b", "--layers", 1, "--document", 64]
        fit = self.json_of(*arguments)
        self.assertEqual((fit["documents"], fit["layers"]), (40, 1))
        self.assertLess(fit["topic_spread"]["p5"], 0.1)
        self.assertIn("topic spread", self.run_program(*arguments).stdout)

    def test_faults(self):
        self.refuses("routing", "curve", self.scenario, "--spread", "0.5,0.2", code=USAGE)
        self.refuses("routing", "curve", self.scenario, "--spread", "abc", code=USAGE, expecting=["--spread", "'abc'"])
        self.refuses("routing", "curve", self.scenario, "--spread", "0,-1", code=USAGE, expecting=["--spread", "'-1'"])
        self.refuses("routing", "curve", self.scenario, "--engine", "replay", code=USAGE, expecting=["--engine"])
        self.refuses("routing", "curve", self.scenario, "--set", "/layout/ep=1", "--set", "/routing={\"mode\": \"balanced\"}",
                     expecting=["scenario.json", "/layout/ep", "no expert group"])
        self.refuses("routing", "curve", "deepseek-v3-routing-quick", expecting=["/kind", "use a training scenario"])
        self.record("few.bin", 100)
        self.refuses("routing", "fit", "few.bin", "--model", "mixtral-8x7b", "--layers", 1, "--document", 64,
                     expecting=["100 tokens"])
        self.refuses("routing", "fit", "few.bin", "--model", "llama2-7b", code=USAGE)
        draw = random.Random(1)
        free = [expert for _ in range(64 * 4) for expert in draw.sample(range(256), 8)]
        (self.folder / "free.bin").write_bytes(struct.pack(f"<{len(free)}H", *free))
        self.refuses("routing", "fit", "free.bin", "--model", "deepseek-v3", "--layers", 1, "--document", 64,
                     expecting=["free.bin", "4 groups"])
        self.assertNotIn("scenario", self.run_program("routing", "fit", "--help").stdout)
        self.refuses("routing", "fit", "none.npy", "--model", "mixtral-8x7b", expecting=["no such file"])


if __name__ == "__main__":
    main()
