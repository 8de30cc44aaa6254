"""The completion for zsh that the program prints, in a zsh with a terminal of its own."""

import os
import pty
import shutil
import subprocess
import unittest

from cli_case import PROGRAM, ROOT, CliCase, main

# Every word that is offered goes to the file $FOUND. Completion functions ask compadd for words of their own with
# -O, -A and -D; these are no offers.
SETUP = r"""
fpath=($PWD $fpath)
autoload -Uz compinit
compinit -D -u
compadd() {
  local word
  for word; do
    [[ $word == (-|--) ]] && break
    [[ $word == -[OAD] ]] && { builtin compadd "$@"; return }
  done
  local -a found
  builtin compadd -O found "$@"
  print -rl -- $found >>$FOUND
  builtin compadd "$@"
}
report() { zle list-choices; print -r -- end >>$FOUND; exit }
zle -N report
bindkey '^T' report
bindkey '^I' list-choices
PS1=
"""


@unittest.skipUnless(shutil.which("zsh"), "needs zsh")
class ZshCompletion(CliCase):
    def setUp(self):
        super().setUp()
        self.write("_moesim", self.run_program("completion", "zsh").stdout)
        self.write("setup", SETUP)

    def offered(self, line):
        """The words that are offered at the end of a command line."""
        found = self.folder / "found"
        found.unlink(missing_ok=True)
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "FOUND": str(found), "TERM": "dumb"})
        os.write(terminal, f". ./setup\n{line}\x14".encode())
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:
            pass  # zsh has ended
        os.close(terminal)
        os.waitpid(child, 0)
        words = found.read_text().splitlines()
        self.assertEqual(words[-1], "end")
        return {word for word in words[:-1] if word}

    def test_is_valid_zsh(self):
        subprocess.run(["zsh", "-f", "-n", self.folder / "_moesim"], check=True)

    def test_commands(self):
        self.assertLessEqual({"run", "plan", "sweep", "spec", "model", "completion"}, self.offered("moesim "))
        self.assertEqual(self.offered("moesim sp"), {"spec"})
        self.assertEqual(self.offered("moesim model "), {"list", "show", "import"})

    def test_options(self):
        self.assertEqual(self.offered("moesim constants --st"), {"--stack"})
        options = self.offered("moesim run x.json --")
        self.assertLessEqual({"--output", "--events", "--seed"}, {option.rstrip("=") for option in options})
        self.assertNotIn("--seed", {option.rstrip("=") for option in self.offered("moesim run --seed 3 --")})
        self.assertIn("--set", {option.rstrip("=") for option in self.offered("moesim run --set /a=1 --")})

    def test_names_and_choices(self):
        models = {path.stem for path in (ROOT / "models/catalog").glob("*.json")}
        self.assertLessEqual(models, self.offered("moesim model show "))
        self.assertEqual(self.offered("moesim spec schema cl"), {"cluster"})
        self.assertEqual(self.offered("moesim run x.json --engine "), {"simgrid", "replay"})
        self.assertEqual(self.offered("moesim run x.json --engine=s"), {"simgrid"})
        self.assertEqual(self.offered("moesim constants --calibration h8"), {"h800-sxm"})

    def test_files(self):
        self.write("my-scenario.json", "{}")
        self.assertIn("my-scenario.json", self.offered("moesim run my-sc"))
        self.assertIn("my-scenario.json", self.offered("moesim run a.json --json my-sc"))
        self.assertIn("my-scenario.json", self.offered("moesim run a.json -o my-sc"))

    def test_descriptions_are_those_of_the_help(self):
        script = (self.folder / "_moesim").read_text()
        self.assertIn("'run:Simulate a scenario'", script)
        self.assertIn("[Seed instead of the scenario'\\''s]", script)


if __name__ == "__main__":
    main()
