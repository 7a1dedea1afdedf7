#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, FUZZTIME each. Unless
# told otherwise, the fuzzer spends up to a minute making an input smaller that is
# merely new; that time is better spent on other inputs.
set -euo pipefail
go=${GO:-go}
for package in $("$go" list ./...); do
  dir=$("$go" list -f '{{.Dir}}' "$package")
  for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null | sed 's/^func //'); do
    echo "fuzz $package $target"
    "$go" test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" -fuzzminimizetime 20x "$package"
  done
done
