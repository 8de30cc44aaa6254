"""The manual pages that the programs print: what is in them, and what man says of them."""

import re
import shutil
import subprocess
import unittest
from pathlib import Path

from cli_case import PROGRAM, CliCase, main

PROGRAMS = [path for path in (Path(PROGRAM), Path(PROGRAM).with_name("moesim-mpi")) if path.exists()]


def page_of(program):
    return subprocess.run([program, "--man"], check=True, capture_output=True, text=True).stdout


def shown(page):
    """What a reader sees on a wide terminal, and what man complains of."""
    result = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-"], input=page, capture_output=True, text=True,
                            env={"PATH": "/usr/bin:/bin", "MANWIDTH": "400", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""})
    return re.sub(".\b", "", result.stdout), result.stderr


class Manual(CliCase):
    def commands(self, *path):
        """Every path of commands that help lists, innermost ones included."""
        text = self.run_program(*path, "--help").stdout
        names = re.findall(r"(?m)^  ([\w-]+)", text.partition("\nSubcommands:\n")[2].partition("\n\n")[0])
        return [path, *(below for name in names for below in self.commands(*path, name))]

    def test_the_page_has_every_command_and_option_of_the_help(self):
        page = page_of(PROGRAM).replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace("\\fI", "")
        sections = re.split(r"(?m)^\.S[SH] ", page)
        commands = self.commands()
        self.assertGreater(len(commands), 30)
        for path in commands[1:]:
            title = " ".join(["moesim", *path]) + " [OPTIONS]"
            section = next((text for text in sections if text.startswith(title)), None)
            self.assertIsNotNone(section, title)
            help_text = self.run_program(*path, "--help").stdout.partition("\nOptions:\n")[2].partition("\n\n")[0]
            for option in re.findall(r"(?m)^  (?:-\w,)?(--[\w-]+)", help_text):
                self.assertIn(option, section if option != "--help" else page, title)

    def test_the_same_bytes_wherever_it_is_made(self):
        self.assertEqual(page_of(PROGRAM), subprocess.run(["taskset", "1", PROGRAM, "--man"], check=True, text=True,
                                                          capture_output=True).stdout)

    @unittest.skipUnless(shutil.which("man"), "needs man")
    def test_man_shows_it_without_a_warning(self):
        for program in PROGRAMS:
            text, errors = shown(page_of(program))
            self.assertEqual(errors, "", program)
            self.assertIn(f"{program.name} - ", text)
            self.assertNotIn("\\f", text)

    @unittest.skipUnless(shutil.which("man"), "needs man")
    def test_examples_can_be_copied(self):
        text, _ = shown(page_of(PROGRAM))
        for command in (("run",), ("calibration", "import", "deepep"), ("sweep",)):
            examples = self.run_program(*command, "--help").stdout.partition("Examples:\n")[2]
            for line in examples.splitlines():
                self.assertIn(line.strip(), text)


if __name__ == "__main__":
    main()
