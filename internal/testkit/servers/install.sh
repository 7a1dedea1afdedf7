#!/usr/bin/env bash
# Installs the servers that tests of cloud stores need into a folder (default:
# .servers at the root of the repository): what lock/go builds, and what lock/npm
# names. What is there and matches its lock is kept.
#
#   install.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../.servers}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# stamp prints what an installation depends on.
stamp() { cat "$@" | sha256sum; }

want=$(stamp "$here"/lock/go/go.mod "$here"/lock/go/go.sum)
if [ "$(cat "$folder/go.stamp" 2>/dev/null)" != "$want" ]; then
  (cd "$here/lock/go" && CGO_ENABLED=0 "${GO:-go}" build -trimpath -ldflags '-s -w' -o "$folder/bin/" tool)
  echo "$want" >"$folder/go.stamp"
fi

want=$(stamp "$here"/lock/npm/package.json "$here"/lock/npm/package-lock.json)
if [ "$(cat "$folder/npm.stamp" 2>/dev/null)" != "$want" ]; then
  command -v npm >/dev/null || { echo "$(basename "$0"): needs npm, for example: apt-get install nodejs npm" >&2; exit 1; }
  mkdir -p "$folder/npm"
  cp "$here"/lock/npm/package.json "$here"/lock/npm/package-lock.json "$folder/npm/"
  (cd "$folder/npm" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  echo "$want" >"$folder/npm.stamp"
fi
