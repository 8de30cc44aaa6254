"""The Debian packages of a folder installed in a chroot made for it: chroot_test.py FOLDER ARCHIVES. The chroot
has its mounts in a namespace of its own and is gone at the end. ARCHIVES keeps what was fetched for the next run.
Exit code 77: it cannot be done here, and why."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
HELPER = "/usr/lib/apt/apt-helper"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
INDEX = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)"


class Skip(Exception):
    pass


def apt_archives():
    """(URI, release, component) of each Debian archive that this machine's apt knows, the main one first: updates
    have its release with a suffix."""
    result = subprocess.run(["apt-get", "indextargets", "--format", INDEX, "Created-By: Packages", "Origin: Debian"],
                            capture_output=True, text=True)
    rows = sorted({tuple(line.split("|")) for line in result.stdout.splitlines()}, key=lambda row: (len(row[1]), row))
    if not rows:
        raise Skip("apt knows no Debian archive here; run apt-get update first")
    return rows


def check_reachable(archives, folder):
    uri, release, _ = archives[0]
    result = subprocess.run([HELPER, "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=10", "download-file",
                             f"{uri.rstrip('/')}/dists/{release}/InRelease", str(folder / "InRelease")],
                            capture_output=True, text=True)
    if result.returncode != 0:
        errors = [line for line in result.stderr.splitlines() if line.startswith("E:")]
        raise Skip(f"the Debian archive cannot be reached: {' '.join(errors)}")


def source_lines(archives):
    key = f" [signed-by={KEYRING}]" if Path(KEYRING).exists() else ""
    return "".join(f"deb{key} {uri} {release} {component}\n" for uri, release, component in archives)


def proxy_options():
    """What apt is told of proxies here, for the apt of the chroot."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True).stdout
    lines = [line for line in dump.splitlines() if line.startswith(("Acquire::http", "Acquire::https"))]
    return [f"--aptopt={line}" for line in lines if "proxy" in line.lower() and '""' not in line]


def hooks(packages, archives):
    """Commands around the making of the chroot, whose folder is "$1"."""
    script = Path(__file__).with_name("in_chroot.sh")
    keep = '"$1"/var/cache/apt/archives'
    return [
        f"--setup-hook=mkdir -p {keep} && cp -l {archives}/*.deb {keep} 2>/dev/null || true",
        f'--customize-hook=mkdir "$1"/packages && cp {packages}/*.deb {script} "$1"/packages',
        f'--customize-hook=mkdir -p "$1"{Path(CERTIFICATES).parent}; cp {CERTIFICATES} "$1"{CERTIFICATES} || true',
        '--customize-hook=chroot "$1" /packages/in_chroot.sh',
        f"--customize-hook=cp -n {keep}/*.deb {archives} || true",
    ]


def make_chroot(packages, archives, folder):
    rows = apt_archives()
    check_reachable(rows, folder)
    archives.mkdir(parents=True, exist_ok=True)
    release = rows[0][1]
    command = ["unshare", "--mount", "mmdebstrap", "--mode=root", "--variant=apt", "--format=null",
               "--dpkgopt=force-unsafe-io", "--aptopt=Acquire::Languages \"none\"", "--skip=download/empty",
               "--skip=essential/unlink", *proxy_options(), *hooks(packages, archives), release, "/dev/null", "-"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.run(command, input=source_lines(rows), text=True, env=environment).returncode


def main():
    packages, archives = (Path(word).resolve() for word in sys.argv[1:3])
    try:
        if os.geteuid() != 0:
            raise Skip("a chroot wants root")
        for program in ("mmdebstrap", "unshare", HELPER):
            if shutil.which(program) is None:
                raise Skip(f"{program} is missing")
        if subprocess.run(["unshare", "--mount", "true"]).returncode != 0:
            raise Skip("no namespace of mounts can be made here")
        with tempfile.TemporaryDirectory(prefix="moesim-chroot-") as folder:
            os.chmod(folder, 0o755)  # apt fetches as a user of its own
            return make_chroot(packages, archives, Path(folder))
    except Skip as reason:
        print(f"skipped: {reason}")
        return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
