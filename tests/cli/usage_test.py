"""Help, version, mistyped words and exit code 2."""

import re
import subprocess

from cli_case import PROGRAM, ROOT, SCENARIO, USAGE, CliCase, main

COMMANDS = ["run", "plan", "report", "sensitivity", "capacity", "validate", "routing curve", "routing fit", "worker", "spec check",
            "spec show", "spec schema", "model list", "model show", "model import", "constants", "completion"]


class Usage(CliCase):
    def test_version(self):
        self.assertRegex(self.run_program("--version").stdout, r"^moesim \d+\.\d+\.\d+\n$")

    def test_every_help_has_examples_that_name_its_command(self):
        for command in COMMANDS:
            examples = self.run_program(*command.split(), "--help").stdout.split("Examples:")[1]
            self.assertIn(f"moesim {command}", examples)

    def test_the_documentation_lists_every_option(self):
        rows = [line for line in (ROOT / "docs/command_line.md").read_text().splitlines() if line.startswith("| `")]
        for command in COMMANDS:
            row = next(line for line in rows if line.startswith(f"| `{command}"))
            text = self.run_program(*command.split(), "--help").stdout.split("Examples:")[0]
            options = set(re.findall(r"(?m)^ +(?:-\w,)?(--[\w-]+)", text)) - {"--help"}
            self.assertEqual(set(re.findall(r"`(--[\w-]+)`", row)), options, command)

    def test_help_lists_every_command(self):
        text = self.run_program("--help").stdout
        for command in {command.split()[0] for command in COMMANDS}:
            self.assertRegex(text, rf"(?m)^  {command} ")

    def test_a_mistyped_word_is_answered_with_the_nearest(self):
        for arguments, near in [
            (["rnu", str(SCENARIO)], "run"),
            (["spec", "chekc", "x.json"], "check"),
            (["model", "shwo"], "show"),
            (["plan", "--jsno", "-", str(SCENARIO)], "--json"),
            (["constants", "--stak=x"], "--stack"),
            (["--versoin"], "--version"),
        ]:
            self.refuses(*arguments, expecting=[f"did you mean '{near}'?", "Try 'moesim"], code=USAGE)

    def test_what_is_near_nothing_gets_the_list(self):
        self.assertIn("known: run, plan", self.refuses("frobnicate-all", code=USAGE))

    def test_missing_and_superfluous_words(self):
        self.refuses(code=USAGE)
        self.refuses("spec", code=USAGE)
        self.refuses("plan", code=USAGE)
        self.refuses("plan", "a.json", "b.json", expecting=["b.json"], code=USAGE)

    def test_values_out_of_range(self):
        self.refuses("model", "show", "deepseek-v3", "--sequence-length", "0", code=USAGE)
        self.refuses("model", "show", "deepseek-v3", "--sequence-length", "4k", code=USAGE)
        self.refuses("model", "show", "deepseek-v3", "--pass", "forwards",
                     expecting=["did you mean 'forward'?"], code=USAGE)
        self.refuses("run", SCENARIO, "--engine", "simgird", expecting=["did you mean 'simgrid'?"], code=USAGE)
        for seed in ["-1", "1x", "010", "0x10", "1e3", "+1", "", "18446744073709551616", "9" * 23]:
            self.refuses("run", SCENARIO, "--seed", seed, code=USAGE,
                         expecting=[f"--seed: '{seed}' is no whole number from 0 to 18446744073709551615"])
        for threads in ["0", "1025", "02", "1.5"]:
            self.refuses("run", SCENARIO, "--threads", threads, code=USAGE, expecting=["from 1 to 1024"])

    def test_an_output_without_a_name(self):
        for option in ["-o", "--json", "--csv", "--events", "--stats"]:
            self.refuses("run", SCENARIO, option, "", code=USAGE, expecting=["the name is empty"])
        self.refuses("plan", SCENARIO, "--json", "", code=USAGE, expecting=["the name is empty"])

    def test_a_full_disk_under_standard_output_is_an_error(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([PROGRAM, "model", "list"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 3)
        self.assertTrue(re.search("cannot be written", result.stderr))


if __name__ == "__main__":
    main()
