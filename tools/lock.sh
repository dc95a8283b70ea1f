#!/bin/sh
# Write requirements/*.txt from pyproject.toml: every version and every hash, for every platform, and no host.
set -eu
cd "$(dirname "$0")/.."

compile() {
    out="requirements/$1.txt"; shift
    .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
        --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$out" pyproject.toml "$@"
    echo "$out: $(grep -c '==' "$out") packages"
}

compile run
compile dev --constraint requirements/run.txt --group dev
.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
    --no-annotate --no-emit-index-url --output-file requirements/build.txt --group build
echo "Next: make test, then commit requirements/."
