#!/usr/bin/env bash
# Makes locks/*.txt anew from locks/*.in, with the hashes of every wheel. Run it
# after a change of an .in file; needs Python 3.11 and the package index.
#
#   lock.sh [NAME…]     for example: lock.sh sklearn-newest
set -euo pipefail
cd "$(dirname "$0")/locks"
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3.11 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check pip-tools==7.6.2

inputs=("${@:-}")
[ -n "${inputs[0]}" ] || inputs=(*.in)
for input in "${inputs[@]}"; do
  name=${input%.in}
  CUSTOM_COMPILE_COMMAND="internal/testkit/python/lock.sh $name" \
    "$tools/bin/pip-compile" --quiet --upgrade --generate-hashes --strip-extras \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
    --pip-args '--only-binary :all:' --output-file "$name.txt" "$name.in"
  echo "$name.txt: $(grep -c '==' "$name.txt") packages"
done
