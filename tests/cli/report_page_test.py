"""moesim report -o: pages as a browser shows them."""

from browser import DARK, LIGHT, needs_chromium, open_page, probe, references
from cli_case import main, scenario
from load_records import write_records
from sweep_case import SweepCase, small_grid, small_scenario


class ReportPage(SweepCase):
    """One page of each kind, each from a result as small as it may be."""

    def page_of(self, source):
        self.run_program("report", source, "-o", "page.html")
        return self.folder / "page.html"

    def check(self, source, *titles):
        page = self.page_of(source)
        text = page.read_text(encoding="utf-8")
        for title in titles:
            self.assertIn(title, text)
        self.assertEqual(references(text), [])
        shown = open_page(page)
        self.assertEqual((shown["console"], shown["requests"]), ([], []), source)
        self.assertIn("<footer>", shown["dom"])
        for width, scheme in ((1200, LIGHT), (1200, DARK), (600, LIGHT)):
            seen = probe(page, width, scheme)
            self.assertEqual(seen["faults"], [], f"{source}, {width} pixels, scheme {scheme}")
            # The dark page is dark, and the narrow one was narrow.
            self.assertEqual(sum(map(int, seen["ground"][4:-1].split(","))) < 200, scheme == DARK, seen["ground"])
            self.assertEqual(seen["width"], width)

    @needs_chromium
    def test_training(self):
        self.run_program("run", self.write("s.json", scenario(engine="replay")), "--waterfall", "-o", "training")
        self.check("training", "Where the time goes</h2>", "Pipeline</h2>", "Link use</h2>", "Memory</h2>",
                   "Origin of the times</h2>", "Constants</h2>", "Inputs</h2>")

    @needs_chromium
    def test_training_with_intervals(self):
        self.run_program("run", self.write("s.json", small_scenario()), "--uncertainty", "-o", "training")
        self.check("training", "Intervals</h2>")

    @needs_chromium
    def test_serving(self):
        self.run_program("run", "llama-3.1-70b-h100", "--waterfall", "-o", "serving")
        self.check("serving", "Latency</h2>", "Over time</h2>", "to the first token (TTFT)")

    @needs_chromium
    def test_loads_of_experts(self):
        (self.folder / "out").mkdir()
        rows = [(step, layer, [10 + step * (expert == 3) for expert in range(8)]) for step in range(20) for layer in (1, 4)]
        write_records(self.folder / "out/records.moesim", {"expert_load": rows})
        self.check("out/records.moesim", "Expert load</h2>", "data:image/png;base64,")

    @needs_chromium
    def test_searches(self):
        self.run_program("search", self.write("s.json", small_scenario()), "--vary", "/layout/tp=1,2,4", "--verify", 1,
                         "--json", "search.json")
        self.check("search.json", "Best layouts</h2>")
        self.run_program("search", "llama-3.1-70b-h100", "--vary", "/deployment/node/batching/max_batch=16,64", "--json", "search.json")
        self.check("search.json", "Pareto front</h2>")

    @needs_chromium
    def test_sensitivity(self):
        self.run_program("sensitivity", self.write("s.json", small_scenario()), "--json", "s.out.json")
        self.check("s.out.json", "What moves the figure</h2>")

    @needs_chromium
    def test_a_sweep(self):
        grid = small_grid(20)
        grid["vary"]["/recipe/global_batch"] = [8, 16]
        self.write("grid.json", grid)
        self.run_program("sweep", "grid.json")
        self.check("grid.sweep", "What each axis does</h2>", "Failed cases</h2>", "Every case</h2>")

    @needs_chromium
    def test_what_a_page_must_not_do_is_seen(self):
        page = self.write("bad.html", "<!DOCTYPE html><html><head><title>x</title></head><body>"
                          "<img src='http://pictures.invalid/a.png'><script>nothing()</script></body></html>")
        self.assertEqual(references(page.read_text(encoding="utf-8")), ["src=http://pictures.invalid/a.png", "script"])
        shown = open_page(page)
        self.assertEqual(shown["requests"], ["http://pictures.invalid/a.png"])
        self.assertIn("nothing is not defined", shown["console"][0])
        page = self.write("wide.html", "<!DOCTYPE html><html><body style='background: white'><p style='color: #ddd; width: "
                          "1500px'>pale</p><svg viewBox='0 0 90 20'><text x='80' y='15'>a long text</text></svg></body></html>")
        self.assertEqual(probe(page, 600, LIGHT)["faults"],
                         ["the page scrolls sideways", "outside of its picture: a long text", "pale: pale"])


if __name__ == "__main__":
    main()
