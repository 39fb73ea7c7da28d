#!/usr/bin/env bash
# Runs once, when Gradescope builds the image: an interpreter, bubblewrap, the pinned libraries.
set -euo pipefail
base=${AUTOGRADER_ROOT:-/autograder}
export DEBIAN_FRONTEND=noninteractive
apt-get update
python=
for version in 3.11 3.12 3.13; do
    if command -v "python$version" > /dev/null; then python=python$version; break; fi
done
if [ -z "$python" ]; then
    for version in 3.12 3.11; do
        if apt-get install -y --no-install-recommends "python$version"; then
            python=python$version
            break
        fi
    done
fi
[ -n "$python" ] || { echo "no Python 3.11 or newer here; choose a newer base image" >&2; exit 1; }
apt-get install -y --no-install-recommends "$python-venv" bubblewrap
"$python" -m venv "$base/venv"
"$base/venv/bin/pip" install --no-cache-dir -r "$base/source/requirements.txt"
# The digits are unpacked and checked once, here, and not at the first submission.
cd "$base/source"
PYTHONPATH=$base/source "$base/venv/bin/python" -c "from graders import data; data.student_digits()"
