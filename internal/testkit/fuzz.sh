#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, FUZZTIME each.
set -euo pipefail
go=${GO:-go}
for package in $("$go" list ./...); do
  dir=$("$go" list -f '{{.Dir}}' "$package")
  for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null | sed 's/^func //'); do
    echo "fuzz $package $target"
    "$go" test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" "$package"
  done
done
