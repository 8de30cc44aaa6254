"""The completion for bash that the program prints; that for zsh is in zsh_completion_test.py."""

import shlex
import subprocess

from cli_case import PROGRAM, ROOT, CliCase, main

QUERY = r"""
source <("$1" completion bash)
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_moesim
printf '%s\n' "${COMPREPLY[@]}"
"""


class Completion(CliCase):
    def offered(self, line):
        """What is offered at the end of a command line; a trailing blank begins a new word."""
        words = shlex.split(line) + ([""] if line.endswith(" ") else [])
        result = subprocess.run(["bash", "-c", QUERY, "bash", PROGRAM, *words], capture_output=True, text=True,
                                cwd=self.folder, check=True)
        self.assertEqual(result.stderr, "")
        return set(result.stdout.split())

    def test_commands(self):
        self.assertLessEqual({"run", "plan", "compare", "validate", "worker", "spec", "model", "constants", "completion"},
                             self.offered("moesim "))
        self.assertEqual(self.offered("moesim sp"), {"spec"})
        self.assertLessEqual({"check", "show", "schema"}, self.offered("moesim spec "))

    def test_options(self):
        self.assertEqual(self.offered("moesim constants --st"), {"--stack"})
        self.assertEqual(self.offered("moesim run x.json --ev"), {"--events"})
        self.assertIn("--help", self.offered("moesim model show deepseek-v3 --"))

    def test_names(self):
        models = {path.stem for path in (ROOT / "models/catalog").glob("*.json")}
        self.assertLessEqual(models, self.offered("moesim model show "))
        self.assertEqual(self.offered("moesim constants --calibration h8"), {"h800-sxm"})
        self.assertEqual(self.offered("moesim spec schema cl"), {"cluster"})
        self.assertEqual(self.offered("moesim scenario import "), {"megatron", "torchtitan"})
        self.assertEqual(self.offered("moesim scenario import torchtitan a.toml --model mixtral-8x2"), {"mixtral-8x22b"})
        self.assertIn("h800-2048", self.offered("moesim scenario import megatron a.sh --cluster h8"))
        self.assertEqual(self.offered("moesim run x.json --engine "), {"simgrid", "replay"})
        self.assertEqual(self.offered("moesim report out --picture g"), {"gpu-load", "gpu-load-after-eplb"})
        self.assertEqual(self.offered("moesim report out --panel "), {"all", "steps", "layers", "violation"})
        self.assertEqual(self.offered("moesim completion "), {"bash", "zsh"})

    def test_leaves_files_to_the_shell(self):
        self.assertEqual(self.offered("moesim run "), set())
        self.assertEqual(self.offered("moesim run x.json --json "), set())
        self.assertEqual(self.offered("moesim plan scen"), set())

    def test_is_valid_bash(self):
        script = self.run_program("completion", "bash").stdout
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


if __name__ == "__main__":
    main()
