#!/usr/bin/env bash
# Writes the golden transcripts anew from build/release/bin/moesim. The commit that carries them says why they moved.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
python3 -B tests/golden/golden_test.py "${1:-build/release/bin/moesim}" --update
git --no-pager diff --stat -- tests/golden
