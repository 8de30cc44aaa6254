"""The program installed by CMake: its data, found beside it, and its completion. Wants the build folder first."""

import subprocess
import sys

BUILD = sys.argv.pop(1) if len(sys.argv) > 2 else "build/release"

from cli_case import ROOT, CliCase, main  # noqa: E402: takes the program from the arguments


class Install(CliCase):
    def test_an_installed_program_finds_its_data(self):
        prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, capture_output=True)
        catalog = prefix / "share/moesim/models/catalog"
        (catalog / "installed-only.json").write_text((catalog / "deepseek-v3.json").read_text())
        result = subprocess.run([prefix / "bin/moesim", "model", "list"], check=True, capture_output=True, text=True)
        self.assertIn("installed-only", result.stdout)
        subprocess.run([prefix / "bin/moesim", "plan", "deepseek-v3-pretrain-2048xh800"], check=True, capture_output=True)
        self.assertEqual((prefix / "share/doc/moesim/LICENSE").read_text(), (ROOT / "LICENSE").read_text())
        script = (prefix / "share/bash-completion/completions/moesim").read_text()
        self.assertEqual(script, self.run_program("completion", "bash").stdout)


if __name__ == "__main__":
    main()
