"""What a run of kind routing needs of memory."""

import json

from cli_case import ROOT, CliCase, main

QUICK = ROOT / "workloads/scenarios/deepseek-v3-routing-quick.json"
FEW, MANY = 50, 500


class Memory(CliCase):
    def peak(self, steps, *outputs):
        """Bytes that a run of `steps` steps of 512 tokens in one layer, every one of them recorded, peaks at."""
        sizes = {"/batch/steps": steps, "/batch/measured_steps": steps, "/batch/tokens": 512, "/batch/layers": 1,
                 "/record/every": 1, "/record/traffic_every": 50}
        settings = [text for pointer, value in sizes.items() for text in ("--set", f"{pointer}={value}")]
        self.run_program("run", QUICK, *settings, "--threads", 1, "--stats", f"{steps}.json", *outputs)
        return json.loads((self.folder / f"{steps}.json").read_text(encoding="utf-8"))["max_resident_B"]

    def test_it_does_not_grow_with_the_steps(self):
        few, many = self.peak(FEW), self.peak(MANY)
        self.assertGreater(few, 1e6)
        self.assertLess(many, 1.1 * few, f"{few} B of {FEW} steps, {many} B of {MANY}")

    def test_nor_where_they_are_written(self):
        few, many = self.peak(FEW, "-o", "few"), self.peak(MANY, "-o", "many")
        self.assertLess(many, 1.1 * few, f"{few} B of {FEW} steps, {many} B of {MANY}")


if __name__ == "__main__":
    main()
