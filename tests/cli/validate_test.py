"""moesim validate on cases made from the program's own predictions."""

import json

from cli_case import INVALID, OUTSIDE_TOLERANCE, RUN_FAILED, CliCase, main, scenario


class Validate(CliCase):
    def setUp(self):
        super().setUp()
        self.scenario = scenario(engine="replay", recipe={"sequence_length": 4096, "global_batch": 128 * 32,
                                                         "precision": "fp8"})
        path = self.write("scenario.json", self.scenario)
        self.step_time_s = self.json_of("run", path)["summary"]["step_time_s"]
        (self.folder / "cases").mkdir()

    def case(self, name, factor, **changes):
        """A case whose published step time is `factor` times the prediction, with a tolerance of 5 %."""
        document = {
            "schema_version": 1, "id": name, "title": name, "role": "check", "scenario": self.scenario,
            "sources": [{"id": "made-up", "title": "made up", "url": "https://example.org", "date": "2026-01"}],
            "published": [{"metric": "step_time_s", "value": self.step_time_s * factor, "unit": "s",
                           "tolerance_fraction": 0.05, "source": "made-up", "where": "here"}],
        }
        self.write(f"cases/{name}.json", document | changes)

    def test_inside_the_tolerance(self):
        self.case("exact", 1.0)
        self.case("near", 1.04)
        for threads in [1, 2]:
            document = self.json_of("validate", "cases", "--threads", threads)
            self.assertEqual([case["status"] for case in document["cases"]], ["pass", "pass"])
            self.assertEqual(document["summary"]["cases"], 2)
            # predicted / published - 1 of the second case: 1 / 1.04 - 1.
            self.assertAlmostEqual(document["cases"][1]["error_fraction"], 1 / 1.04 - 1, delta=1e-9)
        text = self.run_program("validate", "cases").stdout
        self.assertIn("exact", text)
        self.assertIn("near", text)

    def test_outside_the_tolerance(self):
        self.case("far", 1.2)
        self.case("near", 1.0)
        result = self.run_program("validate", "cases", "--json", "report.json", code=OUTSIDE_TOLERANCE)
        self.assertIn("far", result.stdout)
        statuses = {case["id"]: case["status"]
                    for case in json.loads((self.folder / "report.json").read_text())["cases"]}
        self.assertEqual(statuses, {"far": "outside", "near": "pass"})

    def test_a_range_of_layouts(self):
        published = [{"metric": "step_time_s", "value": self.step_time_s, "unit": "s", "source": "made-up", "where": "here"}]
        self.case("wide", 1.0, role="range", published=published,
                  range={"grid": {"/layout/ep": [64, 512], "/recipe/sequence_length": [4096, 4608]}})
        document = self.json_of("validate", "cases", "--csv", "figures.csv")
        figure, = document["cases"]
        self.assertEqual([figure["status"], figure["variants"]], ["pass", 2])
        self.assertEqual(figure["low"], self.step_time_s)
        self.assertEqual(figure["low_variant"], "/layout/ep=64 /recipe/sequence_length=4096")
        self.assertEqual([row["variant"].split()[0] for row in document["skipped_variants"]], ["/layout/ep=512"] * 2)
        self.assertIn("/layout/ep", document["skipped_variants"][0]["reason"])
        self.assertIsNone(document["summary"]["median_abs_error"], "a range is no check")
        self.assertIn("wide,range,,step_time_s", (self.folder / "figures.csv").read_text())
        text = self.run_program("validate", "cases").stdout
        self.assertIn("(2 variants)", text)
        self.assertIn("wide: skipped /layout/ep=512 /recipe/sequence_length=4096: ", text)

    def test_totals_over_phases(self):
        """100 steps, then one of twice as many steps' tokens: 102 steps of 2,048 GPUs."""
        tokens = 2 * 4096 * 128 * 32
        self.case("whole", 1.0, phases=[{"steps": 100}, {"name": "rest", "tokens": tokens}], published=[
            {"metric": "total.gpu_hours", "value": 102 * self.step_time_s * 2048 / 3600, "tolerance_fraction": 1e-9,
             "source": "made-up", "where": "here"}])
        self.assertEqual(self.json_of("validate", "cases")["cases"][0]["status"], "pass")

    def test_a_case_that_cannot_run(self):
        self.case("broken", 1.0, overrides={"/layout/ep": 512})
        self.run_program("validate", "cases", code=RUN_FAILED)

    def test_unknown_sources_are_refused(self):
        self.case("plain", 1.0)
        self.refuses("validate", "cases", "--exclude-source", "deepgemm",
                     expecting=["--exclude-source: no source is called 'deepgemm'; did you mean 'deepgemm-readme'?"])
        self.case("plain", 1.0, excluded_sources=["no-such-source"])
        known, = self.refuses("validate", "cases", expecting=["plain.json: /excluded_sources"]).splitlines()
        names = known.split("known: ")[1].split(", ")
        self.assertEqual(names, sorted(set(names)))

    def test_refuses_unknown_fields_and_missing_folders(self):
        self.case("odd", 1.0, colour="red")
        self.assertIn("colour", self.run_program("validate", "cases", code=INVALID).stderr)
        self.refuses("validate", "nowhere", expecting=["nowhere"])


if __name__ == "__main__":
    main()
