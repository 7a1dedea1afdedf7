#!/usr/bin/env bash
# Runs every fuzz target of the module, FUZZTIME each, as many at a time as there
# are cores, each on one. A package is built once for all its targets. Unless
# told otherwise, the fuzzer spends up to a minute making an input smaller that is
# merely new; that time is better spent on other inputs.
set -euo pipefail
go=${GO:-go}
export FUZZTIME=${FUZZTIME:-10s} FUZZED
FUZZED=$(mktemp -d)
trap 'rm -rf "$FUZZED"' EXIT
cache=$("$go" env GOCACHE)/fuzz
export cache
targets() {
  "$go" list -f '{{.ImportPath}} {{.Dir}}' ./... | while read -r package dir; do
    names=$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null | sed 's/^func //' || true)
    [ -n "$names" ] || continue
    program=$FUZZED/${package//\//_}.test
    "$go" test -c -fuzz . -o "$program" "$package"
    for name in $names; do echo "$package $dir $program $name"; done
  done
}
one() {
  cd "$2"
  output=$("$3" -test.run '^$' -test.fuzz "^$4\$" -test.fuzztime "$FUZZTIME" -test.fuzzminimizetime 20x -test.fuzzcachedir "$cache/$1" -test.parallel 1 2>&1) && code=0 || code=$?
  echo "fuzz $1 $4: $(grep -o 'execs: [0-9]*' <<<"$output" | tail -1)"
  # At times a fuzzer takes the end of its time for a failure, which has no input.
  if [ $code != 0 ] && ! { grep -q '^    context deadline exceeded$' <<<"$output" && ! grep -q 'Failing input' <<<"$output"; }; then
    echo "$output"
    exit 255 # which ends xargs
  fi
}
export -f one
targets | xargs -P "$(nproc)" -L 1 bash -c 'one "$@"' one
