#!/usr/bin/env bash
# Installs aisecops for action.yml into a virtual environment of its own: VERSION from PyPI, or the action's own SOURCE.
set -euo pipefail
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "::error::aisecops needs Python 3.11 or newer: put actions/setup-python before it"; exit 2; }
python3 -m venv "$PLACE/venv"
if [[ -n "$VERSION" ]]; then
  [[ "$VERSION" =~ ^[0-9A-Za-z.!+]+$ ]] || { echo "::error::the input version is not a version"; exit 2; }
  what="aisecops==$VERSION"
else
  what="$SOURCE"
fi
"$PLACE/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$what"
"$PLACE/venv/bin/aisecops" --version
