"""The programs installed by CMake: data, found beside them, completion and pages. Wants the build folder first."""

import gzip
import os
import re
import subprocess
import sys

BUILD = sys.argv.pop(1) if len(sys.argv) > 2 else "build/release"

from cli_case import ROOT, CliCase, main  # noqa: E402: takes the program from the arguments

ROOMS = ("models", "calib", "workloads", "sim", "cli")
FOLDER = re.compile(r'"((?:models|calib|workloads|sim)(?:/\w+)+)"')


def searched_folders():
    """Folders of the source tree that the sources name for find_data, list_data and the like."""
    named = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.cpp"):
            named |= set(FOLDER.findall(path.read_text(encoding="utf-8")))
        for path in (ROOT / room).rglob("*.hpp"):
            named |= set(FOLDER.findall(path.read_text(encoding="utf-8")))
    return {folder for folder in named if any((ROOT / folder).glob("*.json"))}


class Install(CliCase):
    def setUp(self):
        super().setUp()
        self.prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", self.prefix], check=True, capture_output=True)

    def installed(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if name != "MOESIM_DATA"}
        return subprocess.run([self.prefix / "bin/moesim", *arguments], check=True, capture_output=True, text=True,
                              env=environment, cwd=self.folder).stdout

    def test_an_installed_program_finds_its_data(self):
        data = self.prefix / "share/moesim"
        catalog = data / "models/catalog"
        (catalog / "installed-only.json").write_text((catalog / "deepseek-v3.json").read_text())
        self.assertIn("installed-only", self.installed("model", "list"))
        self.installed("plan", "deepseek-v3-pretrain-2048xh800")

    def test_every_folder_of_data_is_installed(self):
        folders = searched_folders()
        self.assertLessEqual({"models/catalog", "calib/profiles", "sim/cluster/catalog", "workloads/scenarios"}, folders)
        for folder in folders | {"workloads/traces"}:
            source = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*")
                      if path.is_file() and path.name != "CMakeLists.txt"}
            data = self.prefix / "share/moesim"
            installed = {path.relative_to(data).as_posix() for path in (data / folder).rglob("*") if path.is_file()}
            self.assertEqual(installed, source, folder)

    def test_scenarios_come_from_the_installed_folder(self):
        scenarios = self.prefix / "share/moesim/workloads/scenarios"
        (scenarios / "installed-only.json").write_text((scenarios / "deepseek-v3-pretrain-2048xh800.json").read_text())
        self.installed("plan", "installed-only")

    def test_licence_pages_and_completion(self):
        share = self.prefix / "share"
        self.assertEqual((share / "doc/moesim/LICENSE").read_text(), (ROOT / "LICENSE").read_text())
        for shell, path in (("bash", "bash-completion/completions/moesim"), ("zsh", "zsh/vendor-completions/_moesim")):
            self.assertEqual((share / path).read_text(), self.run_program("completion", shell).stdout)
        page = gzip.decompress((share / "man/man1/moesim.1.gz").read_bytes()).decode()
        self.assertEqual(page, self.run_program("--man").stdout)


if __name__ == "__main__":
    main()
