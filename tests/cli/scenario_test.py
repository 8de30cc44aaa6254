"""moesim scenario: layouts from the arguments of other programs, and back."""

import json

from cli_case import CliCase, main, scenario

NAMED = ["--model", "deepseek-v3", "--cluster", "h800-2048", "--calibration", "h800-sxm", "--stack", "deepseek-v3-fp8"]
LEAST = "--micro-batch-size 1 --seq-length 4096 --global-batch-size 15360 --pipeline-model-parallel-size 16 "


class Exchange(CliCase):
    def test_import_then_export_then_import(self):
        self.write("train.sh", "ARGS=(\n" + LEAST + "--expert-model-parallel-size 64 --use-distributed-optimizer\n--lr 1)\n")
        run = self.run_program("scenario", "import", "megatron", "train.sh", *NAMED, "-o", "a.json")
        self.assertIn("ignored: --lr", run.stderr)
        words = self.run_program("scenario", "export", "megatron", "a.json").stdout
        self.run_program("scenario", "import", "megatron", "-", *NAMED, "-o", "b.json", stdin=words.replace("\\\n", " "))
        first, second = (json.loads((self.folder / name).read_text()) for name in ["a.json", "b.json"])
        self.assertEqual(first["recipe"], second["recipe"])
        self.assertEqual(first["layout"], second["layout"])
        self.run_program("spec", "check", "a.json")

    def test_refuses(self):
        self.write("few.sh", "--seq-length 4096")
        self.refuses("scenario", "import", "megatron", "few.sh", *NAMED, expecting=["--micro-batch-size: is missing"])
        self.refuses("scenario", "import", "megatron", "none.sh", *NAMED, expecting=["none.sh", "cannot be read"])
        path = self.write("v3.json", scenario())
        self.refuses("scenario", "export", "megatron", path, expecting=["/layout/schedule", "dualpipe"])


if __name__ == "__main__":
    main()
