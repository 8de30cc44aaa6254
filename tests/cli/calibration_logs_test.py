"""moesim calibration import nccl-tests|deepep|deepgemm|flashmla, merge and show."""

import json
import struct

from cli_case import ROOT, RUN_FAILED, USAGE, CliCase, main

LOGS = ROOT / "tests/calib_import/logs"
H100 = ROOT / "calib/import/bases/h100-sxm.json"
GPU = {"name": "Vendor G100", "num_sms": 100, "memory": "80 GiB", "hbm_bandwidth": "1 TB/s",
       "peak_bf16": "100 TFLOP/s", "peak_fp8": "200 TFLOP/s", "nvlink_bandwidth": "200 GB/s",
       "idle_power": "80 W", "peak_power": "700 W"}


def small_profile(**changes):
    """Four GEMMs of one weight in a time linear in m (20 us and 25 us per 1024 rows), and one of another weight."""
    rows = [[m, 1024, 1024, 20 + 25 * m / 1024] for m in (1024, 2048, 4096, 8192)]
    table = {"operator": "gemm", "format": "bf16", "gpu": "Vendor G100", "kernel": "lib", "provenance": "published",
             "source": "table", "columns": ["m", "n", "k", "time_us"], "rows": rows}
    document = {"schema_version": 1, "name": "small", "gpu": GPU,
                "sources": [{"id": "table", "title": "A table"}, {"id": "mine", "title": "My run"}],
                "constants": [],
                "entries": [{"operator": "gemm", "axes": {"m": 1024, "n": 2048, "k": 1024}, "time": "45 us",
                             "gpu": "Vendor G100", "kernel": "own", "provenance": "measured", "source": "mine"},
                            {"operator": "link", "name": "nvlink", "bandwidth": "200 GB/s", "gpu": "Vendor G100",
                             "kernel": "NVLink", "provenance": "published", "source": "table"}],
                "tables": [table]}
    document.update(changes)
    return document


class Logs(CliCase):
    def imports(self, kind, *arguments, **options):
        return self.run_program("calibration", "import", kind, *arguments, "--base", H100, "--name", "mine",
                                "--source", "my-run", "-o", "mine.json", **options)

    def test_every_kind_makes_points_that_fit_takes(self):
        for kind, name, more, expected in [
                ("nccl-tests", "all_reduce_2.19.txt", [], "all_reduce bf16"),
                ("nccl-tests", "reduce_scatter_2.19.json", [], "reduce_scatter bf16"),
                ("deepep", "deepep_low_latency.txt", ["--ep", "8"], "dispatch_low_latency fp8"),
                ("deepgemm", "deepgemm_fp8_2026-06.txt", [], "grouped_gemm_masked fp8"),
                ("flashmla", "flashmla_2025-02.txt", [], "mla_decode bf16")]:
            text = self.imports(kind, LOGS / name, *more).stdout
            self.assertIn(expected, text)
            self.assertIn("wrote mine.json", text)
            self.run_program("spec", "check", "mine.json")
            profile = json.loads((self.folder / "mine.json").read_text())
            self.assertEqual(profile["entries"][-1]["source"], "my-run")
            if kind in ("nccl-tests", "deepgemm"):
                self.run_program("calibration", "fit", "mine.json", "--base", H100, "-o", "fitted.json")

    def test_counts_what_it_cannot_use_and_says_why(self):
        text = self.imports("nccl-tests", LOGS / "two_runs_2.19.txt", LOGS / "two_nodes_2.16.txt",
                            "--json", "report.json").stdout
        self.assertIn("1 rows: 16 GPUs of 2 hosts: a profile has collectives inside one node", text)
        self.assertIn("line 46: the run found wrong values", text)
        report = json.loads((self.folder / "report.json").read_text())
        self.assertEqual([(log["rows"], log["unused"], log["suspect"]) for log in report["files"]], [(1, 1, 0), (7, 0, 1)])
        text = self.imports("flashmla", LOGS / "flashmla_2026-01.txt").stdout
        self.assertIn("no GPU in the log: taken as timed on NVIDIA H100 SXM", text)

    def test_refusals(self):
        start = ["calibration", "import"]
        end = ["--base", H100, "--source", "s", "-o", "out.json"]
        self.write("foreign.txt", "hello\n")
        self.refuses(*start, "deepgemm", "foreign.txt", *end, expecting=["foreign.txt: line 1: no line of DeepGEMM's tests"])
        self.refuses(*start, "deepep", LOGS / "deepep_low_latency.txt", *end, expecting=["give them with --ep"])
        self.refuses(*start, "deepep", LOGS / "deepep_low_latency.txt", *end, "--ep", "8", "--tokens", "64",
                     expecting=["give the run's --tokens"])
        self.refuses(*start, "deepep", "foreign.txt", *end, "--ep", "1", code=USAGE)
        self.refuses(*start, "flashmla", "foreign.txt", "--source", "s", "-o", "out.json", expecting=["--gpu or --base"], code=USAGE)
        self.refuses(*start, "flashmla", "foreign.txt", "--base", H100, "-o", "out.json", expecting=["--source"], code=USAGE)
        self.refuses(*start, "nccl-tests", LOGS / "all_reduce_2.19.txt", "--base",
                     ROOT / "calib/import/bases/h200-sxm.json", "--source", "s", "-o", "out.json",
                     expecting=["is of 'NVIDIA H100 80GB HBM3', the profile of 'NVIDIA H200 SXM'"])
        self.write("old.json", small_profile(schema_version=2))
        self.refuses(*start, "flashmla", LOGS / "flashmla_2025-02.txt", "--base", "old.json", "--source", "s", "-o", "out.json",
                     expecting=["old.json: /schema_version: unknown version 2"])


class Merge(CliCase):
    def test_order_of_files_does_not_matter(self):
        self.write("a.json", small_profile())
        self.write("b.json", small_profile(name="other", tables=[], description="b"))
        for order in (["a.json", "b.json"], ["b.json", "a.json"]):
            self.run_program("calibration", "merge", *order, "-o", order[0] + ".out")
        a, b = ((self.folder / name).read_text() for name in ("a.json.out", "b.json.out"))
        self.assertEqual(a, b)
        self.assertEqual(json.loads(a)["name"], "other+small")

    def test_warns_of_timings_that_differ(self):
        self.write("a.json", small_profile())
        entry = {**small_profile()["entries"][0], "time": "50 us", "provenance": "published", "source": "table"}
        self.write("b.json", small_profile(entries=[entry]))
        text = self.run_program("calibration", "merge", "a.json", "b.json", "--name", "c", "-o", "c.json", "--json", "r.json").stdout
        self.assertIn("warning: gemm bf16 k=1024 m=1024 n=2048: published of table is 1.111 times that of mine; "
                      "the latter stands (measured before published)", text)
        point = json.loads((self.folder / "c.json").read_text())["entries"][0]
        self.assertEqual((point["time"], point["source"], round(point["p90"], 3)), ("45 us", "mine", 1.111))
        self.assertEqual(json.loads((self.folder / "r.json").read_text())["repeated"], 5)

    def test_refusals(self):
        self.write("a.json", small_profile())
        self.write("b.json", small_profile(gpu={**GPU, "num_sms": 50}))
        self.write("c.json", small_profile(sources=[{"id": "table", "title": "B"}, {"id": "mine", "title": "My run"}]))
        self.write("d.json", small_profile(schema_version=7))
        merge = ["calibration", "merge", "a.json"]
        self.refuses(*merge, "b.json", "-o", "out.json", expecting=["b.json: /gpu/num_sms: num_sms of the GPU is 50, in a.json 100"])
        self.refuses(*merge, "c.json", "-o", "out.json", expecting=["c.json: /sources: source 'table' has the title 'B', in a.json 'A table'"])
        self.refuses(*merge, "d.json", "-o", "out.json", expecting=["d.json: /schema_version: unknown version 7"])
        self.refuses(*merge, "-o", "out.json", expecting=["two profiles or more"], code=USAGE)
        self.refuses(*merge, "b.json", "-o", "a.json", expecting=["would replace"], code=USAGE)


OVERVIEW = """\
small: Vendor G100, 100 TFLOP/s BF16, 200 TFLOP/s FP8, 1 TB/s HBM, 200 GB/s NVLink

operator   points  provenance                     answered  held out  median error  p90 error
gemm bf16       5  published 80 %, measured 20 %  exact          812         2.1 %      9.6 %
link bf16       3  assumed 67 %, published 33 %   -                -             -          -

operator   axes: from, to (values)
gemm bf16  m 1024 to 8192 (4), n 1024 to 2048 (2), k 1024

source              points  title
table                    5  A table
mine                     1  My run
moesim-assumptions       2  Figures of practice where a profile holds none
"""

# Curves of GEMMs are linear in m, so that the neighbours of an inner point give it back; beyond the ends the
# utilisation is held: 70 us of 2048 rows make 35 of 1024, 120 of 4096 make 240 of 8192.
POINTS = """\
small: Vendor G100, 100 TFLOP/s BF16, 200 TFLOP/s FP8, 1 TB/s HBM, 200 GB/s NVLink

operator      m     n     k  timed us  curve us  grade  without it us    error        rate  of peak  provenance  source
gemm bf16  1024  1024  1024        45        45  exact             35  -22.2 %  48 TFLOP/s     48 %  published   table
gemm bf16  2048  1024  1024        70        70  exact             70   +0.0 %  61 TFLOP/s     61 %  published   table
gemm bf16  4096  1024  1024       120       120  exact            120   +0.0 %  72 TFLOP/s     72 %  published   table
gemm bf16  8192  1024  1024       220       220  exact            240   +9.1 %  78 TFLOP/s     78 %  published   table

error where each point is left out: 0.0 % median, 22.2 % p90 of 4
gemm_bf16 held out: all 2.1 % median, 9.6 % p90 of 812
"""



class Show(CliCase):
    def setUp(self):
        super().setUp()
        self.write("small.json", small_profile(held_out=[{"name": "gemm_bf16", "kind": "all", "median_error": 0.021,
                                                          "p90_error": 0.096, "held_out_points": 812}]))

    def test_overview_of_a_small_profile(self):
        text = self.run_program("calibration", "show", "small.json").stdout
        self.assertEqual(text, OVERVIEW)

    def test_points_against_curves(self):
        show = ["calibration", "show", "small.json", "--operator", "gemm_bf16", "--where", "n=1024"]
        self.assertEqual(self.run_program(*show).stdout, POINTS)
        points = self.json_of(*show)["points"]
        self.assertEqual([point["axes"]["m"] for point in points], [1024, 2048, 4096, 8192])
        self.assertAlmostEqual(points[1]["without_s"], 70e-6, places=12)
        self.assertAlmostEqual(points[1]["without_error_fraction"], 0, places=9)
        # 2 x 2048 x 1024^2 operations in 70 us.
        self.assertEqual(points[1]["rate_unit"], "TFLOP/s")
        self.assertAlmostEqual(points[1]["rate"], 61.356676, places=3)

    def test_json_of_the_overview(self):
        document = self.json_of("calibration", "show", "small.json")
        gemm = document["operators"][0]
        self.assertEqual((gemm["name"], gemm["points"], gemm["provenance"]), ("gemm bf16", 5, {"measured": 1, "published": 4}))
        self.assertEqual(gemm["axes"]["m"], {"low": 1024, "high": 8192, "values": 4})
        self.assertEqual(document["held_out"]["gemm_bf16"]["held_out_points"], 812)

    def test_pictures(self):
        for extension, start in [("png", b"\\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]:
            name = f"curve.{extension}"
            self.run_program("calibration", "show", "small.json", "--operator", "gemm", "--picture", name)
            self.assertTrue((self.folder / name).read_bytes().startswith(start.decode("unicode_escape").encode("latin-1")))
        width, height = struct.unpack(">II", (self.folder / "curve.png").read_bytes()[16:24])
        self.assertEqual((width, height), (1600, 1100))

    def test_shipped_profiles(self):
        for name in ("h100-sxm", "h800-sxm"):
            self.assertIn("gemm fp8", self.run_program("calibration", "show", name).stdout)
        self.run_program("calibration", "show", "h100-sxm", "--operator", "all_reduce", "--picture", "nccl.png")

    def test_refusals(self):
        show = ["calibration", "show", "small.json"]
        self.refuses(*show, "--operator", "gem", expecting=["no operator of the profile is called 'gem', did you mean 'gemm'"], code=USAGE)
        self.refuses(*show, "--operator", "gemm", "--where", "length=3", expecting=["no axis of the operator is called 'length'"], code=USAGE)
        self.refuses(*show, "--operator", "gemm", "--where", "m", expecting=["is no AXIS=VALUE"], code=USAGE)
        self.refuses(*show, "--operator", "gemm", "--where", "m=5", expecting=["no point of gemm has m=5"], code=USAGE)
        self.refuses(*show, "--operator", "gemm", "--where", "m=1", "--where", "m=2", expecting=["given twice"], code=USAGE)
        self.refuses(*show, "--where", "m=1", expecting=["--where needs --operator"], code=USAGE)
        self.refuses(*show, "--picture", "a.png", expecting=["--picture needs --operator"], code=USAGE)
        self.refuses(*show, "--operator", "gemm", "--picture", "a.gif", expecting=["ends in none of .png, .svg, .pdf"], code=USAGE)
        self.refuses(*show, "--operator", "link", "--picture", "a.png", code=RUN_FAILED, expecting=["no point has a time"])
        self.write("old.json", small_profile(schema_version=2))
        self.refuses("calibration", "show", "old.json", expecting=["unknown version 2"])


if __name__ == "__main__":
    main()
