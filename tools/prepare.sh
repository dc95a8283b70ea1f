#!/bin/sh
# Make .venv ready: tools/prepare.sh run|dev. Finds a Python that is new enough; tools/prepare.py does the rest.
set -eu
cd "$(dirname "$0")/.."

enough() { "$1" -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if [ -n "${PYTHON:-}" ]; then
    if enough "$PYTHON"; then exec "$PYTHON" tools/prepare.py "$@"; fi
    echo "PYTHON is '$PYTHON', which is not a Python 3.11 or newer." >&2
    exit 2
fi
for python in .venv/bin/python python3 python3.11 python3.12 python3.13 python3.14; do
    if enough "$python"; then exec "$python" tools/prepare.py "$@"; fi
done
echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make demo PYTHON=/path/to/python3" >&2
exit 2
