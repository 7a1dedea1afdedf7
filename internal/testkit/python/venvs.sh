#!/usr/bin/env bash
# Makes the Python environments that the tests compare with, one for each lock
# in locks/, under a folder (default: .venvs at the root of the repository).
# What is there and matches its lock is kept.
#
#   venvs.sh [FOLDER]      makes FOLDER/sklearn-1.2, -1.5 and -newest
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../.venvs}

# find_python prints a Python 3.11 that can make environments.
find_python() {
  local candidate
  for candidate in python3.11 python3; do
    if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  echo "$(basename "$0"): needs Python 3.11 with venv, for example: apt-get install python3-venv (Debian 12)" >&2
  return 1
}

# stamp prints what an environment depends on: the lock and the interpreter.
stamp() {
  "$python" - "$1" <<'EOF'
import hashlib, pathlib, platform, sys
print(hashlib.sha256(pathlib.Path(sys.argv[1]).read_bytes()).hexdigest(), platform.python_version(), platform.machine())
EOF
}

# make NAME LOCK WANT makes one environment. Only what is used is compiled to
# byte code, by importing it. The stamp is written last, so that an environment
# that was left half made is made again.
make() {
  local venv=$folder/$1
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-compile \
    --require-hashes --only-binary :all: -r "$2"
  PYTHONDONTWRITEBYTECODE='' "$venv/bin/python" -c 'import joblib, pandas, sklearn.pipeline, sklearn.preprocessing, sklearn.svm'
  echo "$3" >"$venv/stamp"
  echo "made $venv"
}

python=$(find_python)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
pids=()
for lock in "$here"/locks/*.txt; do
  name=$(basename "$lock" .txt)
  want=$(stamp "$lock")
  if [ "$(cat "$folder/$name/stamp" 2>/dev/null)" = "$want" ]; then
    continue
  fi
  make "$name" "$lock" "$want" &
  pids+=($!)
done
failed=0
for pid in ${pids[@]+"${pids[@]}"}; do
  wait "$pid" || failed=1
done
exit "$failed"
