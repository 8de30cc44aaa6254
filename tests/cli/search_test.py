"""moesim search among training layouts: what cannot be searched is refused, and says what would help."""

import re

from cli_case import USAGE, main
from sweep_case import SweepCase, small_scenario


class Search(SweepCase):
    def setUp(self):
        super().setUp()
        # Of two layouts the scenario's own tp of 2 is faster, and a tp of 4 leaves more transfers exposed.
        self.layouts = ["search", self.write("s.json", small_scenario()), "--vary", "/layout/tp=2,4", "--verify", 0]

    def figures(self):
        """Those of the two layouts, by their tp."""
        best = self.json_of(*self.layouts)["summary"]["best"]
        self.assertEqual(len(best), 2)
        return {entry["layout"]["tp"]: entry["figures"] for entry in best}

    def test_a_limit_empties_the_space(self):
        self.refuses(*self.layouts, "--constraint", "step<=1ms", "--json", "r.json",
                     expecting=["no layout holds the constraints: step<=1ms is missed by 2 of 2",
                                "the nearest: /layout/tp=2"])

    def test_memory_empties_the_space(self):
        self.refuses(*self.layouts, "--constraint", "memory<=8GiB", "--json", "r.json",
                     expecting=["memory empties the space: none of 2 layouts fits",
                                "2 of them within a GPU but not memory<=8GiB", "the nearest lacks"])

    def test_limits_that_empty_the_space_together(self):
        """Each is held by one of the two layouts."""
        figures = self.figures()
        step = (figures[2]["step_time_s"] + figures[4]["step_time_s"]) / 2
        exposed = sum(row["exposed_communication_fraction"] for row in figures.values()) / 2
        limits = [f"step<={step:.4f}s", f"exposed>={exposed:.4f}"]
        text = self.refuses(*self.layouts, "--constraint", limits[0], "--constraint", limits[1],
                            expecting=[f"{limits[0]} is missed by 1 of 2", f"{limits[1]} is missed by 1 of 2",
                                       "the nearest: /layout/tp=4"])
        miss = re.search(r"the nearest misses step<=\S+ by ([\d.]+) %", text)
        self.assertAlmostEqual(float(miss[1]), 100 * (figures[4]["step_time_s"] / step - 1), delta=0.1)

    def test_an_own_layout_outside_of_the_space(self):
        figures = self.figures()
        better = figures[2]["tokens_per_s_per_gpu"] / figures[4]["tokens_per_s_per_gpu"] - 1
        longer = figures[4]["step_time_s"] / figures[2]["step_time_s"] - 1
        text = self.run_program(*self.layouts, "--vary", "/layout/tp=4").stdout
        self.assertIn(f"own layout is not in the space and is {100 * better:.2f} % better than its best.", text)
        self.assertIn(f"The winner's step is {100 * longer:.2f} % longer than that of the scenario's own layout", text)

    def test_what_is_refused_at_once(self):
        self.refuses(*self.layouts, "--objective", "cost", "--objective", "energy", code=USAGE,
                     expecting=["--objective energy contradicts --objective cost", "--constraint"])
        self.refuses(*self.layouts, "--gpus", 2049, expecting=["--gpus 2049", "no whole nodes of 8 GPUs", "try 2056"])
        self.refuses(*self.layouts, "--vary", "/layout/epp=64,128", expecting=["/layout/epp"])
        self.refuses(*self.layouts, "--constraint", "step<=1s", "--constraint", "step>=2s",
                     expecting=["step<=1s", "step>=2s"])


if __name__ == "__main__":
    main()
