"""moesim calibration import kernel-tables, fit and check."""

import gzip
import json

from cli_case import USAGE, CliCase, main

COLUMNS = "framework,version,device,op_name,kernel_source,gemm_dtype,m,n,k,latency\n"
GPU = {"name": "Vendor G100", "num_sms": 100, "memory": "80 GiB", "hbm_bandwidth": "1 TB/s",
       "peak_bf16": "100 TFLOP/s", "peak_fp8": "200 TFLOP/s", "nvlink_bandwidth": "200 GB/s",
       "idle_power": "80 W", "peak_power": "700 W"}


def line(latency, m=1024):
    return f"Lib,1,G100,gemm,dense,bfloat16,{m},1024,1024,{latency}\n"


class Calibration(CliCase):
    def import_tables(self, *arguments, **options):
        return self.run_program("calibration", "import", "kernel-tables", *arguments, **options)

    def test_makes_a_profile_and_counts_rows(self):
        self.write("gpu.json", GPU)
        (self.folder / "gemm.csv.gz").write_bytes(gzip.compress((COLUMNS + line(0.05) + line(0.001, 2048)).encode()))
        text = self.import_tables("gemm.csv.gz", "--gpu", "gpu.json", "--name", "mine", "-o", "mine.json",
                                  "--json", "report.json").stdout
        for expected in ["suspect: gemm.csv.gz:3: needs 4295 TFLOP/s of 100", "wrote mine.json"]:
            self.assertIn(expected, text)
        report = json.loads((self.folder / "report.json").read_text())
        self.assertEqual(report["tables"], [{"file": "gemm.csv.gz", "table": "gemm", "rows": 2, "unused": 0,
                                             "suspect": 1, "regraded": 0}])
        self.assertEqual(report["suspect"][0]["line"], 3)
        self.run_program("spec", "check", "mine.json")
        profile = json.loads((self.folder / "mine.json").read_text())
        self.assertEqual(profile["tables"][0]["rows"], [[1024, 1024, 1024, 50]])

    def test_extends_a_profile(self):
        self.write("gpu.json", GPU)
        self.write("a.csv", COLUMNS + line(0.05))
        self.write("b.csv", COLUMNS + line(0.09, 2048))
        self.import_tables("a.csv", "--gpu", "gpu.json", "--name", "mine", "-o", "a.json")
        self.import_tables("b.csv", "--base", "a.json", "-o", "b.json")
        profile = json.loads((self.folder / "b.json").read_text())
        self.assertEqual([table["rows"][0][0] for table in profile["tables"]], [1024, 2048])

    def points(self, name="points.json"):
        """A file of 8 token counts of one weight: 4 us and 0.03 us a token."""
        self.write("gpu.json", GPU)
        self.write("points.csv", COLUMNS + "".join(line(4e-3 + 3e-5 * m, m) for m in [1, 64, 128, 256, 384, 512, 1024, 2048]))
        self.import_tables("points.csv", "--gpu", "gpu.json", "--name", "mine", "-o", name)

    def test_fits_and_checks(self):
        self.points()
        text = self.run_program("calibration", "fit", "points.json", "-o", "mine.json", "--json", "fit.json").stdout
        self.assertIn("wrote mine.json", text)
        fit = json.loads((self.folder / "fit.json").read_text())
        self.assertEqual((fit["points"][0]["name"], fit["points"][0]["read"]), ("gemm_bf16", 8))
        self.assertEqual(fit["operators"]["gemm_bf16"]["by_kind"]["points"]["held_out_points"], 8)
        check = json.loads(self.run_program("calibration", "check", "mine.json", "--json", "-").stdout)
        self.assertEqual(check["profile"], "mine")
        self.assertEqual(check["operators"], fit["operators"])

    def test_checks_points_that_the_profile_does_not_hold(self):
        self.points()
        self.run_program("calibration", "fit", "points.json", "-o", "mine.json")
        all_held = json.loads(self.run_program("calibration", "check", "mine.json", "points.json", "--json", "-").stdout)
        self.assertEqual(all_held["operators"], {})
        part = json.loads((self.folder / "points.json").read_text())
        part["tables"][0]["rows"] = part["tables"][0]["rows"][::2]
        self.write("part.json", part)
        self.run_program("calibration", "fit", "part.json", "-o", "part-profile.json")
        check = json.loads(
            self.run_program("calibration", "check", "part-profile.json", "points.json", "--json", "-").stdout)
        self.assertEqual(check["operators"]["gemm_bf16"]["held_out_points"], 4)

    def test_carries_to_another_gpu(self):
        self.points()
        self.run_program("calibration", "fit", "points.json", "-o", "mine.json")
        self.write("slow.json", {**GPU, "name": "Vendor G50", "hbm_bandwidth": "0.5 TB/s", "peak_bf16": "50 TFLOP/s"})
        carry = ["calibration", "carry", "mine.json", "--gpu", "slow.json"]
        text = self.run_program(*carry, "--name", "slower", "-o", "carried.json").stdout
        self.assertIn("carried mine from Vendor G100 to Vendor G50", text)
        self.run_program("spec", "check", "carried.json")
        carried = json.loads((self.folder / "carried.json").read_text())
        self.assertEqual((carried["name"], carried["gpu"]["name"]), ("slower", "Vendor G50"))
        self.assertEqual({table["provenance"] for table in carried["tables"]}, {"derived"})
        before = json.loads((self.folder / "mine.json").read_text())["tables"][0]["rows"][0]
        self.assertGreater(carried["tables"][0]["rows"][0][-1], 1.5 * before[-1])  # 2,048 tokens are compute-bound
        self.write("bad.json", {**GPU, "num_sms": 0})
        self.refuses("calibration", "carry", "mine.json", "--gpu", "bad.json", "-o", "x.json", expecting=["/num_sms"])
        self.refuses(*carry, "-o", "mine.json", code=USAGE)
        self.refuses("calibration", "carry", "mine.json", "-o", "x.json", expecting=["--gpu is required"], code=USAGE)

    def test_fit_and_check_refuse(self):
        self.points()
        self.points("other.json")
        other = json.loads((self.folder / "other.json").read_text())
        other["gpu"]["name"] = "Vendor G200"
        self.write("other.json", other)
        self.refuses("calibration", "fit", "points.json", "other.json", "-o", "mine.json",
                     expecting=["points of 'Vendor G200' for a profile of 'Vendor G100'"])
        self.refuses("calibration", "fit", "points.json", "-o", "points.json", code=USAGE)
        other["schema_version"] = 9
        self.write("other.json", other)
        self.refuses("calibration", "fit", "other.json", "-o", "mine.json", expecting=["unknown version 9"])
        self.refuses("calibration", "check", "h200-smx", expecting=["did you mean 'h200-sxm'?"])
        self.refuses("calibration", "check", "none.json", expecting=["none.json", "no such file"])

    def test_refuses_what_it_cannot_read(self):
        self.write("gpu.json", GPU)
        self.write("bad.csv", COLUMNS + line(0.05) + line(-1))
        self.write("other.csv", "device,batch,latency\nG100,1,1\n")
        start = ["calibration", "import", "kernel-tables"]
        end = ["--gpu", "gpu.json", "--name", "mine", "-o", "mine.json"]
        self.refuses(*start, "bad.csv", *end, expecting=["bad.csv: line 3: -1 of latency is negative"])
        self.refuses(*start, "other.csv", *end, expecting=["other.csv: line 1", "gemm_dtype"])
        self.refuses(*start, "none.csv", *end, expecting=["none.csv", "no such file"])
        self.refuses(*start, "bad.csv", "--gpu", "gpu.json", "-o", "mine.json", expecting=["has no name; name it (--name)"])
        self.refuses(*start, "bad.csv", "-o", "mine.json", expecting=["--gpu or --base"], code=USAGE)
        self.refuses(*start, "bad.csv", "--gpu", "gpu.json", "-o", "gpu.json", code=USAGE)


if __name__ == "__main__":
    main()
