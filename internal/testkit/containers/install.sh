#!/usr/bin/env bash
# Makes what tests of containers need, in a folder (default: .containers at the root of
# the repository): an image with Debian's Python, which debootstrap makes, and scikit-learn and pandas as in
# the oldest of the tests' environments; and a storage of podman's own that has it. What is there is kept.
#
#   install.sh [FOLDER [ENVIRONMENTS]]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../.containers}
packages=${2:-$here/../../../.venvs}/sklearn-1.2/lib/python3.11/site-packages
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

missing=
for program in bwrap podman runc debootstrap docker-registry; do
  command -v "$program" >/dev/null || missing="$missing ${program/bwrap/bubblewrap}"
done
[ -z "$missing" ] || { echo "$(basename "$0"): needs$missing, for example: apt-get install$missing" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "$(basename "$0"): needs root, as debootstrap does" >&2; exit 1; }

# configure DRIVER writes the settings of podman.
configure() {
  printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "runc"\n' >"$folder/containers.conf"
  printf '[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "%s"\n' "$1" "$folder/storage" "$folder/run" >"$folder/storage.conf"
}
export CONTAINERS_CONF=$folder/containers.conf CONTAINERS_STORAGE_CONF=$folder/storage.conf
# Not every disk can carry overlays, such as one that is one itself.
configure overlay
podman info >/dev/null 2>&1 || { rm -rf "$folder/storage"; configure vfs; }

image=localhost/fleetscore/python:test
want=$(cat "$here/install.sh" "$here/../python/locks/sklearn-1.2.txt" | sha256sum)
if [ "$(cat "$folder/stamp" 2>/dev/null)" != "$want" ] || ! podman image exists "$image"; then
  root=$folder/root
  mkdir -p "$folder/cache"
  for try in 1 2 3; do # its mirror may be busy
    rm -rf "$root"
    debootstrap --variant=minbase --include=python3,libgomp1 --cache-dir="$folder/cache" bookworm "$root" >"$folder/debootstrap.log" && break
    [ "$try" -lt 3 ] || { tail "$folder/debootstrap.log" >&2; exit 1; }
  done
  rm -rf "$root"/var/cache/apt "$root"/var/lib/apt/lists "$root"/usr/share/{doc,locale,man}
  cp -r "$packages"/. "$root/usr/local/lib/python3.11/dist-packages"
  tar -C "$root" -c . | podman import --quiet - "$image"
  rm -rf "$root" "$folder/cache"
  echo "$want" >"$folder/stamp"
fi
