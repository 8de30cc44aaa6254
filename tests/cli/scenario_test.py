"""moesim scenario: layouts from the arguments of other programs, and back."""

import json
import tomllib

from cli_case import ROOT, CliCase, main, scenario

NAMED = ["--model", "deepseek-v3", "--cluster", "h800-2048", "--calibration", "h800-sxm", "--stack", "deepseek-v3-fp8"]
LEAST = "--micro-batch-size 1 --seq-length 4096 --global-batch-size 15360 --pipeline-model-parallel-size 16 "

TOML = """[model]
name = "llama3"
flavor = "8B"
[training]
local_batch_size = 2
seq_len = 8192
no_such_key = 1
[metrics]
log_freq = 10
[activation_checkpoint]
mode = "none"
[compile]
enable = true
"""


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

    def test_writes_the_model_beside_the_scenario(self):
        self.write("tiny.sh", LEAST + "--num-layers 16 --hidden-size 1024 --num-attention-heads 8 --swiglu --vocab-size 32000\n")
        run = self.run_program("scenario", "import", "megatron", "tiny.sh", *NAMED[2:], "--gpus", 128, "-o", "a.json")
        self.assertIn("warning: --disable-bias-linear: is absent", run.stderr)
        self.assertEqual(json.loads((self.folder / "a.json").read_text())["model"], "a.model.json")
        self.run_program("spec", "check", "a.json", "a.model.json")
        self.assertIn("tiny", self.run_program("model", "show", "a.model.json").stdout)
        self.refuses("scenario", "import", "megatron", "tiny.sh", *NAMED[2:], expecting=["give -o FILE"])

    def test_files_are_related_to_the_scenario(self):
        self.run_program("scenario", "import", "torchtitan", self.write("job.toml", TOML), *NAMED[2:], "-o", "first.json")
        model = self.run_program("spec", "show", ROOT / "models/catalog/llama-3.1-8b.json").stdout
        self.write("mine.json", model)
        (self.folder / "sub").mkdir()
        self.run_program("scenario", "import", "torchtitan", "job.toml", *NAMED[2:], "--model", "mine.json", "-o", "sub/a.json")
        self.assertEqual(json.loads((self.folder / "sub/a.json").read_text())["model"], "../mine.json")

    def test_torchtitan_there_and_back(self):
        self.write("job.toml", TOML)
        run = self.run_program("scenario", "import", "torchtitan", "job.toml", *NAMED[2:], "--gpus", 64, "-o", "a.json")
        self.assertIn("ignored: metrics.log_freq", run.stderr)
        self.assertIn("unknown: training.no_such_key\n", run.stderr)
        first = json.loads((self.folder / "a.json").read_text())
        self.assertEqual(first["cluster"], {"base": "h800-2048", "num_nodes": 8})
        config = self.run_program("scenario", "export", "torchtitan", "a.json").stdout
        self.run_program("scenario", "import", "torchtitan", "-", *NAMED[2:], "--gpus", 64, "-o", "b.json", stdin=config)
        second = json.loads((self.folder / "b.json").read_text())
        for key in ["model", "cluster", "layout", "recipe"]:
            self.assertEqual(first[key], second[key])
        self.assertEqual(tomllib.loads(config)["model"], {"name": "llama3", "flavor": "8B"})

    def test_torchtitan_refuses(self):
        def fault(text, *expecting):
            self.write("bad.toml", text)
            self.refuses("scenario", "import", "torchtitan", "bad.toml", *NAMED[2:], "--gpus", 64, expecting=expecting)
        fault("[model]\nname = ", "bad.toml: line 2, column", "lines key = value")
        fault(TOML + '[parallelism]\ntensor_parallel_degree = "4"\n', "no whole number", "without quotes")
        fault(TOML + "[parallelism]\ntensor_parallel_degree = 24\n", "64 GPUs are no multiple of the other degrees, 24")
        fault(TOML.replace("8B", "9B"), "line 3, model.flavor", "llama3 8B")
        path = self.write("v3.json", scenario())
        self.refuses("scenario", "export", "torchtitan", path, expecting=["/layout/schedule", "dualpipe"])

    def test_unknown_names_have_the_nearest(self):
        def import_of(program, name, text):
            self.write(name, text)
            return self.run_program("scenario", "import", program, name, *NAMED[2:], "--model",
                                    "deepseek-v3" if program == "megatron" else "llama-3.1-8b", "--gpus", 64, "-o", "a.json").stderr
        told = import_of("megatron", "a.sh", LEAST + "--tensor-model-paralel-size 4 --no-such-thing-at-all 3\n")
        self.assertIn("unknown: --no-such-thing-at-all --tensor-model-paralel-size "
                      "(did you mean --tensor-model-parallel-size?)\n", told)
        told = import_of("torchtitan", "a.toml", TOML.replace("no_such_key", "globl_batch_size"))
        self.assertIn("unknown: training.globl_batch_size (did you mean training.global_batch_size?)\n", told)

    def test_gpus_that_are_no_whole_nodes(self):
        self.write("few.sh", LEAST)
        told = self.refuses("scenario", "import", "megatron", "few.sh", *NAMED, "--gpus", 12,
                            expecting=["12 GPUs are no whole nodes of 8; 8 or 16 GPUs, or another --cluster"])
        self.assertNotIn("give --gpus", told)

    def test_refuses(self):
        self.write("few.sh", "--seq-length 4096")
        self.refuses("scenario", "import", "megatron", "few.sh", *NAMED, expecting=["--micro-batch-size: is missing"])
        self.refuses("scenario", "import", "megatron", "none.sh", *NAMED, expecting=["none.sh", "cannot be read"])
        path = self.write("v3.json", scenario())
        self.refuses("scenario", "export", "megatron", path, expecting=["/layout/schedule", "dualpipe"])


if __name__ == "__main__":
    main()
