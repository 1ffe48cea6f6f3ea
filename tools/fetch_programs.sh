#!/usr/bin/env bash
# Brings kustomize and docker-compose into .tools/bin, for the tests that build manifests and read
# compose files with the real programs: tools/fetch_programs.sh
#
# They are Debian's packages, from an own sources list into an own folder: nothing on the machine
# changes, root is not needed. Their signatures are checked with Debian's keys, so it works on
# Debian alone. Elsewhere install both by hand; the tests take what stands on PATH.
set -euo pipefail

suite=trixie
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
programs=(kustomize docker-compose)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$root/.tools/bin

missing=()
for program in "${programs[@]}"; do
    [ -x "$bin/$program" ] || command -v "$program" >/dev/null || missing+=("$program")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

give_up() {
    echo "fetch_programs.sh: ${missing[*]} not brought: $1. Install by hand, or see the output above." >&2
    exit 1
}
command -v apt-get >/dev/null || give_up "this machine has no apt-get"
[ -r "$keyring" ] || give_up "$keyring is missing"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$bin"
touch "$work/state/status"
echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
apt=(
    apt-get --quiet
    -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State=$work/state" -o "Dir::State::status=$work/state/status"
    -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User=$(id -un)"
)
"${apt[@]}" -o APT::Update::Error-Mode=any update >&2 || give_up "$mirror did not answer"
cd "$work"
for program in "${missing[@]}"; do
    "${apt[@]}" download "$program" >&2 || give_up "$suite has no $program"
    dpkg --extract "$program"_*.deb "$work/$program"
    found=$(find "$work/$program/usr" -type f -name "$program" -perm -u+x | head -n 1)
    [ -n "$found" ] || give_up "the package $program holds no such program"
    mv "$found" "$bin/$program"
done
