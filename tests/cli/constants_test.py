"""moesim constants."""

import json

from cli_case import ROOT, CliCase, main


class Constants(CliCase):
    def test_lists_every_constant_of_its_files(self):
        rows = self.json_of("constants")["constants"]
        expected = []
        for file in ["calib/stacks/deepseek-v3-fp8.json", "calib/profiles/h800-sxm.json", "calib/routers/functional.json"]:
            document = json.loads((ROOT / file).read_text())
            expected += [(document["name"], constant["name"]) for constant in document["constants"]]
        self.assertEqual([(row["owner"], row["name"]) for row in rows], expected)
        text = self.run_program("constants").stdout
        for row in rows:
            low, high = row["interval"]
            self.assertTrue(low <= row["value"] <= high, row)
            self.assertTrue(row["sources"] or row["provenance"] == "assumed", row)
            self.assertTrue(row["cases"] or row["provenance"] != "fitted", row)
            self.assertIn(row["name"], text)

    def test_a_left_out_source_brings_the_fallback(self):
        stack = json.loads((ROOT / "calib/stacks/deepseek-v3-fp8.json").read_text())
        constant = next(row for row in stack["constants"] if row.get("fallback") and row["sources"])
        rows = self.json_of("constants", "--exclude-source", constant["sources"][0])["constants"]
        row = next(row for row in rows if row["name"] == constant["name"])
        self.assertTrue(row["fallback"])
        self.assertEqual(row["value"], constant["fallback"]["value"])

    def test_refuses_unknown_names(self):
        self.refuses("constants", "--stack", "deepseek-v3-fp9", expecting=["deepseek-v3-fp8"])
        self.refuses("constants", "--calibration", "h800-smx", expecting=["h800-sxm"])
        self.refuses("constants", "--router", "functionl", expecting=["functional"])
        self.refuses("constants", "--exclude-source", "no-such-source", expecting=["no source is called"])


if __name__ == "__main__":
    main()
