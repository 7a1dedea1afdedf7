#!/usr/bin/env bash
# Puts promtool into bin in a folder (default: .servers at the root of the
# repository): the one on the PATH, or else that of Debian's package prometheus,
# which is unpacked and not installed, as its server is not wanted.
#
#   promtool.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../.servers}
mkdir -p "$folder/bin"
folder=$(cd "$folder" && pwd)
"$folder/bin/promtool" --version >/dev/null 2>&1 && exit

if found=$(command -v promtool); then
  ln -sf "$found" "$folder/bin/promtool"
  exit
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
  { echo "$(basename "$0"): needs promtool on the PATH (it comes with Prometheus), or Debian's apt-get" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -q prometheus 2>/dev/null || { apt-get update -q && apt-get download -q prometheus; }
dpkg-deb -x prometheus_*.deb unpacked
install -m 755 unpacked/usr/bin/promtool "$folder/bin/promtool"
