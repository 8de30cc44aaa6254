"""moesim report --picture: pictures of a result."""

import os
import struct

from cli_case import USAGE, CliCase, main, scenario
from load_records import write_records

HOT = 3  # the expert with five times the tokens of the others in layer 4


def loads(layer, step):
    return [50 if layer == 4 and expert == HOT and step < 10 else 10 for expert in range(8)]


class Report(CliCase):
    def setUp(self):
        super().setUp()
        (self.folder / "out").mkdir()
        rows = [(step, layer, loads(layer, step)) for step in range(20) for layer in (1, 4)]
        gpus = [(step, layer, [20, 20, 20, 60]) for step in range(20) for layer in (1, 4)]
        write_records(self.folder / "out/records.moesim", {"expert_load": rows, "gpu_load": gpus})

    def report(self, *arguments):
        """The bytes of a picture of out/, whose file is removed again."""
        self.run_program("report", "out", "--picture", "expert-load", *arguments)
        path = self.folder / str(arguments[-1])
        data = path.read_bytes()
        path.unlink()
        return data

    def test_png(self):
        data = self.report("a.png")
        self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(struct.unpack(">II", data[16:24]), (1600, 1000))
        self.assertEqual(struct.unpack(">II", self.report("--size", "900x600", "a.png")[16:24]), (900, 600))

    def test_svg_and_pdf(self):
        self.assertIn(b"<svg", self.report("a.svg")[:200])
        self.assertEqual(self.report("a.PDF")[:5], b"%PDF-")

    def test_the_same_bytes_every_time(self):
        for name in ("a.png", "a.svg", "a.pdf"):
            self.assertEqual(self.report(name), self.report(name), name)
        # The folder or the file in it, here or from elsewhere.
        self.run_program("report", "out/records.moesim", "--picture", "expert-load", "b.png")
        self.assertEqual((self.folder / "b.png").read_bytes(), self.report("a.png"))

    def test_each_option_changes_the_picture(self):
        pictures = [self.report(*options, "a.png") for options in (
            [], ["--layer", 1], ["--step", 5], ["--sort"], ["--scale", "log"], ["--max", "1.5"], ["--theme", "dark"],
            ["--panel", "steps"], ["--panel", "layers"], ["--panel", "violation"], ["--size", "1601x1000"])]
        self.assertEqual(len(set(pictures)), len(pictures))
        # The defaults: layer 4 is the most imbalanced one, step 19 the last. A chosen layer is no longer called
        # the most imbalanced one.
        self.assertEqual(pictures[0], self.report("--step", 19, "--scale", "auto", "--theme", "light", "a.png"))

    def test_gpus(self):
        self.run_program("report", "out", "--picture", "gpu-load", "g.png")
        self.assertNotEqual((self.folder / "g.png").read_bytes(), self.report("a.png"))

    def test_an_old_picture_is_replaced(self):
        self.write("a.png", "old")
        self.assertEqual(self.report("a.png")[1:4], b"PNG")
        self.assertEqual(self.files(), ["out", "out/records.moesim"])

    def test_a_result_without_loads(self):
        self.run_program("run", self.write("s.json", scenario(engine="replay")), "-o", "training")
        self.refuses("report", "training", "--picture", "expert-load", "a.png",
                     expecting=["training/records.moesim: holds no loads of experts (expert_load)", "kind routing"])
        self.refuses("report", "out", "--picture", "node-load", "a.png",
                     expecting=["holds no loads of nodes (node_load); it holds expert_load, gpu_load; ", "record it: record.every"])
        self.refuses("report", "out", "--picture", "gpu-load-after-eplb", "a.png",
                     expecting=["gpu_load_after_eplb", "record it: placement.what_if with record.every"])

    def test_no_result(self):
        self.write("result.json", {})
        for name, what in [("nowhere", "nowhere: is not there"), (".", "./records.moesim: is not there"),
                           ("result.json", "result.json: is no record file")]:
            self.refuses("report", name, "--picture", "expert-load", "a.png", expecting=[what, "moesim run SCENARIO -o"])

    def test_a_damaged_result(self):
        whole = (self.folder / "out/records.moesim").read_bytes()
        for size in (0, 10, 100, 5000, len(whole) - 3000):
            (self.folder / "out/records.moesim").write_bytes(whole[:size])
            self.refuses("report", "out", "--picture", "expert-load", "a.png", expecting=["out/records.moesim: "])

    def test_what_was_not_recorded(self):
        self.refuses("report", "out", "--picture", "expert-load", "--layer", 2, "a.png",
                     expecting=["holds no loads of layer 2; there are layers 1, 4"])
        self.refuses("report", "out", "--picture", "expert-load", "--step", 20, "a.png",
                     expecting=["holds no loads of step 20; there are steps 0 to 19"])

    def test_places_that_cannot_be_written(self):
        self.refuses("report", "out", "--picture", "expert-load", "nowhere/a.png", expecting=["nowhere/a.png"])
        (self.folder / "folder.png").mkdir()
        self.refuses("report", "out", "--picture", "expert-load", "folder.png", expecting=["folder.png"])
        os.symlink("out/records.moesim", self.folder / "s.png")
        self.refuses("report", "out", "--picture", "expert-load", "s.png", expecting=["would replace"], code=USAGE)

    def test_usage(self):
        def refuse(*arguments, expecting):
            self.refuses("report", "out", *arguments, expecting=[expecting], code=USAGE)
        refuse("a.png", expecting="a picture needs --picture; a report ends in .html, .md or .csv")
        refuse("--picture", "expert-load", "a.html", expecting="--picture writes .png, .svg, .pdf")
        refuse("--picture", "expert-lod", "a.png", expecting="did you mean 'expert-load'?")
        refuse("--picture", "expert-load", expecting="--output is required")
        for name in ("a.jpg", "a", "-", "png"):
            refuse("--picture", "expert-load", name, expecting=f"'{name}' ends in none of .html, .md, .csv and, with --picture, .png, .svg, .pdf")
        for size in ("1600", "1600x", "x1000", "799x1000", "1600x499", "9000x1000", "1e3x1000", "-1600x1000"):
            refuse("--picture", "expert-load", "--size", size, "a.png", expecting="from 800x500 to 8192x8192")
        for most in ("1", "0", "nan", "inf", "two"):
            refuse("--picture", "expert-load", "--max", most, "a.png", expecting="is no number above 1")
        refuse("--picture", "expert-load", "--layer", "-1", "a.png", expecting="whole number")
        refuse("--picture", "expert-load", "--step", "last", "a.png", expecting="whole number")
        refuse("--picture", "expert-load", "--theme", "drak", "a.png", expecting="did you mean 'dark'?")


if __name__ == "__main__":
    main()
