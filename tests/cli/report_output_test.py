"""moesim report -o: every kind of result as HTML, Markdown and CSV, and what is no result."""

import csv
import io
import json
import random
import shutil
import subprocess

from cli_case import DONE, INVALID, PROGRAM, RUN_FAILED, SCENARIO, USAGE, main, scenario
from load_records import write_records
from sweep_case import SweepCase, small_grid, small_scenario

SERVING = ["llama-3.1-70b-h100", "--set", "/workload/duration=60 s", "--set", "/warm_up=10 s"]


def places(part):
    """Every object and array of a document with each of its keys."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        yield part, key
        if isinstance(value, (dict, list)):
            yield from places(value)


class ReportOutput(SweepCase):
    def report(self, source, form="html", **options):
        """The text of a report, the same twice, whose file is removed again."""
        texts = []
        for _ in range(2):
            self.assertEqual(self.run_program("report", source, "-o", f"r.{form}", **options).stdout, "")
            texts.append((self.folder / f"r.{form}").read_bytes().decode())
            (self.folder / f"r.{form}").unlink()
        self.assertEqual(texts[0], texts[1])
        return texts[0]

    def cells(self, source, **options):
        """{(section, row, column): value} of a report as CSV."""
        rows = list(csv.reader(io.StringIO(self.report(source, "csv", **options))))
        self.assertEqual(rows[0], ["section", "table", "row", "column", "value"])
        self.assertTrue(all(len(row) == 5 for row in rows))
        return {(section, row, column): value for section, _, row, column, value in rows[1:]}

    def check(self, source, *titles):
        """A page and a Markdown text with these sections; returns what CSV says."""
        page, text = self.report(source), self.report(source, "md")
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        self.assertTrue(page.endswith("</html>\n"))
        self.assertTrue(text.startswith("# "))
        for title in titles:
            self.assertIn(f"<h2>{title}</h2>", page)
        for title in titles[1:]:
            self.assertIn(f"## {title}\n", text)
        return self.cells(source)

    def run_training(self, *options, **changes):
        self.run_program("run", self.write("s.json", scenario(engine="replay", **changes)), "-o", "training", *options)
        return json.loads((self.folder / "training/summary.json").read_text())

    def test_training(self):
        document = self.run_training("--waterfall")
        cells = self.check("training", "Pipeline", "Where the time goes", "Link use", "Memory", "Summary", "Origin of the times",
                           "Constants", "Inputs")
        summary = document["summary"]
        # Figures are those of the result, to the last digit that a double has.
        self.assertEqual(float(cells["summary", "step_time_s", "simulated"]), summary["step_time_s"])
        self.assertEqual(float(cells["summary", "mfu_causal", "simulated"]), summary["mfu_causal"])
        parts = [float(value) for (section, _, column), value in cells.items() if (section, column) == ("waterfall", "time")]
        self.assertAlmostEqual(sum(parts), 2 * summary["step_time_s"], places=6)
        self.assertEqual(float(cells["origin", "published", "share of the simulated time"]), document["provenance"]["published"])
        self.assertEqual(cells["inputs", "/layout/pp", "value"], "16")
        self.assertEqual(float(cells["constants", "deepseek-v3-fp8:compute_contention", "value"]), 0.92)
        for rank, memory in enumerate(summary["memory_per_gpu_B"]["by_stage"]):
            self.assertEqual(float(cells["memory", str(rank), "memory of a GPU"]), memory)
            self.assertLess(float(cells["links", str(rank), "communication"]), 1)

    def test_the_forms_of_a_result(self):
        self.run_training("--json", "s.out.json")
        whole = self.cells("training")
        self.assertEqual({key: value for key, value in self.cells("training/records.moesim").items()}, whole)
        # What only records hold is left out, and said.
        alone = self.cells("s.out.json")
        self.assertEqual({key for key in whole if key not in alone}, {key for key in whole if key[0] == "links"})
        self.assertIn("report the folder of <code>moesim run -o</code>", self.report("s.out.json"))
        self.assertEqual(self.cells("-", stdin=(self.folder / "s.out.json").read_text()), alone)
        self.assertIn("was made without <code>--waterfall</code>", self.report("training"))

    def test_intervals(self):
        self.run_program("run", self.write("s.json", small_scenario()), "--uncertainty", "-o", "training")
        cells = self.check("training", "Pipeline", "Intervals")
        low, middle, high = (float(cells["summary", "step_time_s", column]) for column in ("p10", "p50", "p90"))
        self.assertTrue(low < middle < high)

    def test_serving(self):
        self.run_program("run", *SERVING, "--waterfall", "-o", "serving")
        cells = self.check("serving", "Over time", "Latency", "Where the time goes", "Summary", "Inputs")
        summary = json.loads((self.folder / "serving/summary.json").read_text())["summary"]
        self.assertEqual(float(cells["latency", "ttft_s", "p99"]), summary["ttft_s"]["p99"])

    def test_loads_of_experts(self):
        (self.folder / "out").mkdir()
        rows = [(step, 1, [10, 10, 10 + step, 10]) for step in range(20)]
        write_records(self.folder / "out/records.moesim", {"expert_load": rows})
        page = self.report("out/records.moesim")
        self.assertIn("Expert load", page)
        # A picture for light and one for dark screens.
        self.assertEqual(page.count("data:image/png;base64,"), 2)

    def test_searches(self):
        self.run_program("search", self.write("s.json", small_scenario()), "--vary", "/layout/tp=1,2,4", "--verify", 1,
                         "--json", "search.json")
        summary = json.loads((self.folder / "search.json").read_text())["summary"]
        cells = self.check("search.json", "Best layouts", "Origin of the times", "Constants", "Inputs")
        self.assertEqual(float(cells["search", "1", "step"]), summary["best"][0]["figures"]["step_time_s"])
        self.assertEqual(float(cells["search", "layouts_total", "number"]), summary["layouts_total"])
        self.run_program("search", *SERVING, "--vary", "/deployment/node/batching/max_batch=16,64", "--json", "search.json")
        cells = self.check("search.json", "Best layouts", "Pareto front")
        self.assertGreater(float(cells["pareto", "1", "tokens/s/user"]), 0)

    def test_capacity(self):
        self.run_program("capacity", *SERVING, "--draws", 0, "--json", "c.json")
        fleet = json.loads((self.folder / "c.json").read_text())["summary"]["smallest"]["p90"]
        cells = self.check("c.json", "Fleet", "Inputs")
        self.assertEqual(float(cells["capacity", "all", "GPUs p90"]), fleet["gpus"])

    def test_sensitivity(self):
        self.run_program("sensitivity", self.write("s.json", small_scenario()), "--json", "s.out.json")
        first = json.loads((self.folder / "s.out.json").read_text())["inputs"][0]
        cells = self.check("s.out.json", "What moves the figure")
        self.assertEqual(float(cells["sensitivity", first["name"], "value"]), first["value"])

    def test_a_sweep(self):
        self.write("grid.json", {**small_grid(20), "vary": {"/layout/tp": [1, 2, 4, 8, 16], "/recipe/global_batch": [8, 16]},
                                 "seeds": [1]})
        self.run_program("sweep", "grid.json")
        cells = self.check("grid.sweep", "Best cases", "What each axis does", "Failed cases")
        self.assertEqual(cells["failures", next(row for section, row, _ in cells if section == "failures"), "exit code"], "3")
        values = [float(value) for (section, _, column), value in cells.items()
                  if section == "best" and column == "tokens per second and GPU"]
        self.assertEqual(values, sorted(values, reverse=True))
        # On 8 GPUs two pipeline ranks leave room for a tp of 1, 2 and 4.
        self.assertEqual(cells["axes", "8", "cases"], "3")

    def test_what_is_no_result(self):
        for name, content, what in [
                ("a.json", {}, ["is no result: it lacks kind and schema_version", "moesim run -o"]),
                ("a.json", "{", ["a.json", "not JSON"]),
                ("a.json", [1], ["is no result"]),
                ("a.json", {"kind": "training", "schema_version": 99, "summary": {}}, ["/schema_version", "99 is newer"]),
                ("a.json", SCENARIO.read_text(encoding="utf-8"), ["has no summary", "`moesim run` makes a result of it"]),
                ("a.json", {"kind": "validation", "schema_version": 1, "cases": [], "summary": {}},
                 ["/kind", "a validation is not reported", "`moesim validate`", "--csv"]),
                ("a.sweep", "", ["a.sweep", "empty"])]:
            self.write(name, content)
            self.refuses("report", name, "-o", "r.html", expecting=what)
        (self.folder / "empty").mkdir()
        self.refuses("report", "empty", "-o", "r.html", expecting=["empty/summary.json", "no such file"])
        self.refuses("report", "nowhere", "-o", "r.html", expecting=["nowhere: is not there", "moesim run -o"])

    def test_results_with_odd_parts(self):
        """Whatever lies in a part of a result, its report is written or it is refused."""
        self.run_program("run", self.write("s.json", small_scenario()), "--waterfall", "--json", "s.out.json")
        whole = (self.folder / "s.out.json").read_text()
        chance = random.Random(1)
        for _ in range(40):
            document = json.loads(whole)
            for _ in range(3):
                part, key = chance.choice(list(places(document)))
                part[key] = chance.choice([None, True, -1, 1e300, "<&`|", [], {}, [None], {"a": None}, [1, "b", {}]])
            self.write("odd.json", document)
            code = subprocess.run([PROGRAM, "report", "odd.json", "-o", "r.html"], cwd=self.folder, capture_output=True,
                                  timeout=60).returncode
            self.assertIn(code, (DONE, INVALID), json.dumps(document))

    def test_damaged_files(self):
        self.write("grid.json", small_grid(10))
        self.run_program("sweep", "grid.json")
        whole = (self.folder / "grid.sweep").read_bytes()
        for size in (100, 5000, len(whole) // 2, len(whole) - 4096):
            (self.folder / "cut.sweep").write_bytes(whole[:size])
            self.refuses("report", "cut.sweep", "-o", "r.md", code=RUN_FAILED, expecting=["cut.sweep: damaged"])
        self.run_training()
        records = self.folder / "training/records.moesim"
        whole = records.read_bytes()
        records.write_bytes(whole[:5000])
        self.refuses("report", "training", "-o", "r.html", expecting=["training/records.moesim", "malformed"])
        half = len(whole) // 2
        records.write_bytes(whole[:half] + bytes(len(whole) - half))
        self.refuses("report", "training", "-o", "r.html", code=RUN_FAILED, expecting=["training: "])

    def test_usage(self):
        self.write("s.out.json", {})
        def refuse(*arguments, expecting):
            self.refuses("report", *arguments, expecting=[expecting], code=USAGE)
        refuse("s.out.json", expecting="--output is required")
        refuse("s.out.json", "-o", "r.txt", expecting="'r.txt' ends in none of .html, .md, .csv")
        refuse("s.out.json", "-o", "r", expecting="ends in none of")
        refuse("s.out.json", "-o", "r.html", "--layer", 3, expecting="--layer requires --picture")
        refuse("s.out.json", "-o", "r.html", "--theme", "dark", expecting="--theme requires --picture")
        refuse("out", "-o", "out/summary.json", expecting="ends in none of")

    def test_places_that_cannot_be_written(self):
        self.run_program("run", self.write("s.json", small_scenario()), "--json", "s.out.json")
        self.refuses("report", "s.out.json", "-o", "nowhere/r.html", expecting=["nowhere/r.html"])
        (self.folder / "folder.html").mkdir()
        self.refuses("report", "s.out.json", "-o", "folder.html", expecting=["folder.html"])
        # A report that fails leaves the one before as it is.
        self.write("r.html", "old")
        self.refuses("report", "nowhere", "-o", "r.html")
        self.assertEqual((self.folder / "r.html").read_text(), "old")
        shutil.copy(self.folder / "s.out.json", self.folder / "same.md")
        self.refuses("report", "same.md", "-o", "same.md", expecting=["would replace"], code=USAGE)


if __name__ == "__main__":
    main()
