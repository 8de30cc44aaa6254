"""What is in the Debian packages of a folder: contents_test.py FOLDER"""

import gzip
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER = Path(sys.argv.pop(1))
ROOT = Path(__file__).resolve().parents[2]
LARGEST_MIB = 20


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Contents(unittest.TestCase):
    def setUp(self):
        self.packages = {output_of("dpkg-deb", "-f", str(path), "Package").strip(): path
                         for path in FOLDER.glob("*.deb")}
        self.assertIn("moesim", self.packages)

    def field(self, package, name):
        return output_of("dpkg-deb", "-f", str(self.packages[package]), name).strip()

    def unpacked(self, package):
        folder = tempfile.TemporaryDirectory(prefix="moesim-package-")
        self.addCleanup(folder.cleanup)
        subprocess.run(["dpkg-deb", "-x", self.packages[package], folder.name], check=True)
        return Path(folder.name)

    def test_control_fields(self):
        version = output_of("dpkg-deb", "-f", str(self.packages["moesim"]), "Version").strip()
        for package, path in self.packages.items():
            self.assertEqual(self.field(package, "Version"), version)
            self.assertEqual(self.field(package, "Section"), "science")
            self.assertLess(path.stat().st_size, LARGEST_MIB * 2**20)
            self.assertRegex(self.field(package, "Depends"), r"\blibstdc\+\+6 \(>= ")
            if package != "moesim":
                self.assertIn(f"moesim (= {version})", self.field(package, "Depends"))
            summary, _, body = self.field(package, "Description").partition("\n")
            self.assertLess(len(summary), 80)
            self.assertTrue(body and max(map(len, body.splitlines())) <= 80, body)

    def test_every_program_is_whole(self):
        for package in self.packages:
            usr = self.unpacked(package) / "usr"
            doc = usr / "share/doc" / package
            page = gzip.decompress((usr / f"share/man/man1/{package}.1.gz").read_bytes()).decode()
            self.assertTrue(page.startswith(".TH "), page[:80])
            sections = output_of("readelf", "-SW", str(usr / "bin" / package))
            self.assertNotIn(".symtab", sections)
            self.assertIn(package, gzip.decompress((doc / "changelog.Debian.gz").read_bytes()).decode())
            self.assertEqual(gzip.decompress((doc / "changelog.gz").read_bytes()), (ROOT / "CHANGELOG.md").read_bytes())
            licence = "GPL-3" if package == "moesim-gui" else "Apache-2.0"
            self.assertIn(f"/usr/share/common-licenses/{licence}", (doc / "copyright").read_text())

    def test_data_are_in_the_package_of_the_program_alone(self):
        for package in self.packages:
            self.assertEqual((self.unpacked(package) / "usr/share/moesim").is_dir(), package == "moesim")

    def test_no_file_is_in_two_packages(self):
        files = []
        for path in self.packages.values():
            files += [line.split()[-1] for line in output_of("dpkg-deb", "-c", str(path)).splitlines()
                      if not line.startswith("d")]
        self.assertEqual(len(files), len(set(files)))

    def test_only_the_superuser_owns_and_writes(self):
        for path in self.packages.values():
            for line in output_of("dpkg-deb", "-c", str(path)).splitlines():
                mode, owner = line.split()[:2]
                self.assertEqual(owner, "root/root", line)
                self.assertIn(mode, ("drwxr-xr-x", "-rwxr-xr-x" if "/bin/" in line else "-rw-r--r--"), line)

    @unittest.skipUnless(shutil.which("lintian"), "needs lintian")
    def test_lintian_finds_no_error(self):
        result = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", *self.packages.values()],
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
