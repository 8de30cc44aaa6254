"""moesim spec check, show and schema."""

import json

import jsonschema

from cli_case import INVALID, ROOT, SCENARIO, CliCase, main, scenario

SHIPPED = {
    "training": "workloads/scenarios",
    "routing": "workloads/scenarios",
    "serving": "workloads/scenarios",
    "cluster": "sim/cluster/catalog",
    "price": "sim/cluster/prices",
    "model": "models/catalog",
    "calibration": "calib/profiles",
    "stack": "calib/stacks",
    "router": "calib/routers",
    "case": "tests/validation",
}


def shipped(kind):
    """The files of the kind; scenarios of several kinds share a folder and say which they are."""
    return [file for file in sorted((ROOT / SHIPPED[kind]).glob("*.json"))
            if json.loads(file.read_text(encoding="utf-8")).get("kind", kind) == kind]


class Spec(CliCase):
    def test_every_shipped_file_is_recognised_and_sound(self):
        for kind in SHIPPED:
            files = shipped(kind)
            self.assertTrue(files, kind)
            for row in self.json_of("spec", "check", *files)["files"]:
                self.assertEqual((row["kind"], row["valid"], row["faults"]), (kind, True, []), row["file"])

    def test_shown_documents_agree_with_their_schema_and_stay_the_same(self):
        for kind in SHIPPED:
            schema = json.loads(self.run_program("spec", "schema", kind).stdout)
            self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
            jsonschema.Draft202012Validator.check_schema(schema)
            for file in shipped(kind):
                shown = self.run_program("spec", "show", file).stdout
                jsonschema.Draft202012Validator(schema).validate(json.loads(shown))
                self.assertEqual(self.run_program("spec", "show", "-", stdin=shown).stdout, shown)

    def test_show_fills_in_defaults(self):
        document = scenario(seed=None, engine=None)
        shown = json.loads(self.run_program("spec", "show", "-", stdin=json.dumps(document)).stdout)
        self.assertEqual((shown["seed"], shown["engine"]), (1, "simgrid"))
        self.assertIn("memory", shown["recipe"])

    def test_check_names_every_fault_of_every_file(self):
        bad = scenario(seeed=1, model=3)
        path = self.write("bad.json", bad)
        result = self.run_program("spec", "check", path, SCENARIO, "--json", "report.json", code=INVALID)
        self.assertIn(str(SCENARIO), result.stdout)
        self.assertIn("did you mean 'seed'?", result.stderr)
        self.assertIn("/model", result.stderr)
        rows = json.loads((self.folder / "report.json").read_text())["files"]
        self.assertEqual([row["valid"] for row in rows], [False, True])
        self.assertEqual({fault["pointer"] for fault in rows[0]["faults"]}, {"/seeed", "/model"})

    def test_refuses_what_it_does_not_know(self):
        self.assertIn("is no input file of a known kind",
                      self.run_program("spec", "check", "-", stdin='{"colour": 1}', code=INVALID).stderr)
        self.refuses("spec", "show", "-", stdin="[]", expecting=["known kind"])
        self.refuses("spec", "schema", "clustr", expecting=["did you mean 'cluster'?"])


if __name__ == "__main__":
    main()
