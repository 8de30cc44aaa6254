"""moesim sensitivity."""

from cli_case import USAGE, CliCase, main, scenario


class Sensitivity(CliCase):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("scenario.json", scenario(
            engine="replay", recipe={"sequence_length": 4096, "global_batch": 128 * 32, "precision": "fp8"}))

    def test_table_json_and_csv_agree(self):
        text = self.run_program("sensitivity", self.scenario, "--top", 3, "--json", "s.json", "--csv", "s.csv").stdout
        document = self.json_of("sensitivity", self.scenario, "--threads", 1)
        self.assertEqual(self.run_program("sensitivity", self.scenario, "--json", "-", "--threads", 3).stdout,
                         (self.folder / "s.json").read_text())
        self.assertEqual(document["figure"], "step_time_s")
        widest = document["inputs"][0]
        self.assertIn(widest["name"], text)
        self.assertIn(f"{len(document['inputs']) - 3} more inputs change less", text)
        self.assertIn(f"{len(document['without_effect'])} inputs change nothing", text)
        lines = (self.folder / "s.csv").read_text().splitlines()
        self.assertEqual(len(lines), 1 + len(document["inputs"]))
        self.assertTrue(lines[1].startswith(widest["name"] + ","))

    def test_faults(self):
        near = self.refuses("sensitivity", self.scenario, "--figure", "step_time", code=USAGE)
        self.assertIn("did you mean 'step_time_s'?", near)
        self.refuses("sensitivity", self.scenario, "--figure", "nonsense", "--json", "s.json", code=USAGE,
                     expecting=["--figure: the summary has no number 'nonsense'; it has ", "'moesim sensitivity --help'"])
        self.refuses("sensitivity", self.scenario, "--json", "-", "--csv", "-", code=USAGE)
        self.refuses("sensitivity", self.scenario, "--top", "-1", code=USAGE)


if __name__ == "__main__":
    main()
