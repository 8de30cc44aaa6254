#!/bin/bash
# Installs the packages in /packages, uses them as a user would, and removes them. Runs in the chroot.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
say() { echo "in the chroot: $*"; }
fail() { say "$*" >&2; exit 1; }

mapfile -t names < <(for file in /packages/*.deb; do dpkg-deb -f "$file" Package; done)
apt-get install -y -q --no-install-recommends /packages/*.deb
say "installed ${names[*]}"

find_listed_files() {
  local path
  for name in "${names[@]}"; do
    while read -r path; do [[ -d "$path" ]] || echo "$path"; done < <(dpkg -L "$name")
  done
}
mapfile -t files < <(find_listed_files)

cd /tmp
moesim --version
for name in "${names[@]}"; do
  [[ -x "/usr/bin/$name" && -s "/usr/share/man/man1/$name.1.gz" ]] || fail "$name lacks its program or its page"
  [[ -s "/usr/share/doc/$name/copyright" ]] || fail "$name lacks its copyright"
done
[[ " ${names[*]} " != *" moesim-mpi "* ]] || moesim-mpi --version

moesim run deepseek-v3-pretrain-2048xh800 -o /tmp/demo >/tmp/demo.txt
grep -q 'tokens per day' /tmp/demo.txt || fail "the demo printed no tokens per day"
for name in summary.json records.moesim trace.json; do [[ -s "/tmp/demo/$name" ]] || fail "the demo wrote no $name"; done
say "the demo ran"

if [[ " ${names[*]} " == *" moesim-gui "* ]]; then
  moesim-gui --screenshot summary /tmp/summary.png /tmp/demo
  [[ "$(head -c 4 /tmp/summary.png | tail -c 3)" == PNG ]] || fail "moesim-gui drew no picture of the demo"
  say "moesim-gui drew the demo"
fi

# A name that only the installed folder has.
cp /usr/share/moesim/models/catalog/deepseek-v3.json /usr/share/moesim/models/catalog/installed-only.json
moesim model list | grep -q installed-only || fail "data are not found under /usr/share/moesim"
rm /usr/share/moesim/models/catalog/installed-only.json

zgrep -q 'moesim run' /usr/share/man/man1/moesim.1.gz || fail "the manual page says nothing of moesim run"
head -1 /usr/share/zsh/vendor-completions/_moesim | grep -qx '#compdef moesim' || fail "zsh would not load its completion"
# shellcheck disable=SC1091,SC2034
offered="$(
  source /usr/share/bash-completion/completions/moesim
  COMP_WORDS=(moesim model sh) COMP_CWORD=2
  _moesim
  echo "${COMPREPLY[*]}"
)"
[[ "$offered" == show ]] || fail "bash completion offered '$offered'"

apt-get purge -y -q "${names[@]}"
for path in "${files[@]}"; do [[ ! -e "$path" ]] || fail "$path is left"; done
[[ ! -e /usr/share/moesim ]] || fail "/usr/share/moesim is left"
say "nothing is left"
