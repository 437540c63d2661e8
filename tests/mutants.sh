#!/usr/bin/env bash
# Mutation testing of the modules that decide: changes their code in one place at a time and asks
# whether a unit test notices. By hand, for it takes hours; what came of it: docs/mutants.md.
#
#   tests/mutants.sh [--list] [--shard K/N] [GROUP...]     limits sessions buttons roles queue work
#
# Building the whole program for each change would take minutes. What is looked at here is pure, so a
# small crate of the same name is made of it: src/domain, and the arithmetic of the gate, of jobs and of
# the runtime with stand-ins for what they name of the outside (numbers, errors). It is built and tested in
# a temporary folder. Needs cargo-mutants: cargo install cargo-mutants --locked
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Which tests guard a group is part of the group: `cargo test` is asked for these alone.
declare -A files=(
    [limits]='src/domain/limits.rs src/domain/throttle.rs src/domain/pace.rs src/runtime/backoff.rs src/outbound/window.rs'
    [sessions]='src/domain/session.rs src/domain/session/*.rs src/domain/ownership.rs src/runtime/permits.rs'
    [buttons]='src/domain/button.rs src/domain/button/*.rs src/domain/button/wire/*.rs'
    [roles]='src/domain/role.rs src/domain/intent.rs src/domain/intent/*.rs src/domain/user.rs src/domain/privacy.rs'
    [queue]='src/outbound/queue.rs src/outbound/entry.rs src/outbound/parcel.rs src/outbound/intake.rs src/outbound/recent.rs'
    [work]='src/domain/job.rs src/domain/batch.rs src/domain/audit.rs'
)
# Names of tests: a prefix of the module's path.
declare -A guards=(
    [limits]='domain::limits domain::throttle domain::pace runtime::backoff outbound::window outbound::queue'
    [sessions]='domain::session domain::ownership domain::step runtime::permits'
    [buttons]='domain::button domain::intent'
    [roles]='domain::role domain::intent domain::step domain::privacy domain::desk domain::user'
    [queue]='outbound:: domain::limits'
    [work]='domain::job domain::batch domain::audit domain::step'
)

list=()
groups=()
while (($# > 0)); do
    case $1 in
    --list) list=(--list) && shift ;;
    --shard) list+=(--shard "${2:?--shard needs K/N}") && shift 2 ;;
    -*) printf 'mutants: unknown option %s\n' "$1" >&2 && exit 2 ;;
    *) groups+=("$1") && shift ;;
    esac
done
((${#groups[@]} > 0)) || groups=(limits sessions buttons roles queue work)

# MUTANTS_FOLDER keeps what was built and every mutant's output.
if [[ -n ${MUTANTS_FOLDER:-} ]]; then
    scratch=$MUTANTS_FOLDER
    mkdir -p "$scratch"
else
    scratch=$(mktemp -d)
    trap 'rm -rf -- "$scratch"' EXIT
fi
crate=$scratch/crate

# The lines of Cargo.toml that name these crates.
wanted() {
    local name
    for name in blake3 chrono chrono-tz data-encoding encoding_rs metrics rust-stemmers serde serde_json \
        strsim subtle thiserror tokio-util tracing unicode-normalization url; do
        sed -n '/^\[dependencies\]/,/^\[target/ { /^'"$name"' = /p }' Cargo.toml
    done
    # The runtime's own tests turn the clock.
    printf 'tokio = { version = "1", features = ["macros", "rt", "sync", "time", "test-util"] }\n'
}

manifest() {
    printf '[workspace]\nmembers = ["simulator"]\nresolver = "3"\n\n'
    sed -n '/^\[workspace.package\]/,/^\[workspace.lints/ { /^\[workspace.lints/!p }' Cargo.toml
    printf '[package]\nname = "primelingo"\nversion = "0.1.0"\nedition.workspace = true\n\n[lib]\ndoctest = false\n\n'
    printf '[dependencies]\n%s\n\n' "$(wanted)"
    printf '[dev-dependencies]\n'
    sed -n '/^\[dev-dependencies\]/,/^\[profile/ { /^\(insta\|proptest\|tgsim\) = /p }' Cargo.toml
    printf '\n[profile.dev]\ndebug = false\n[profile.test]\ndebug = false\n'
}

copy() {
    local file
    for file in "$@"; do
        mkdir -p "$crate/$(dirname "$file")"
        cp -R "$file" "$crate/$(dirname "$file")/"
    done
}

# What the lifted modules name of the outside.
stand_ins() {
    cat >"$crate/src/lib.rs" <<'RUST'
//! The deciding modules of PrimeLingo alone, for mutation testing.
#![allow(dead_code, unused_imports)]
pub mod domain;
pub mod outbound;
pub mod runtime;
pub mod store {
    pub mod records;
}
RUST
    cat >"$crate/src/runtime/mod.rs" <<'RUST'
mod backoff;
mod permits;
pub use backoff::Backoff;
pub use permits::{Permit, Permits, PermitsClosed};
RUST
    cat >"$crate/src/outbound/mod.rs" <<'RUST'
mod entry;
mod intake;
mod parcel;
mod queue;
mod recent;
mod window;
pub use window::{Bounds, Windows};
mod meters {
    pub(super) fn limiter_wait(_scope: &'static str, _wait: std::time::Duration) {}
}
RUST
}

rm -rf -- "$crate/src"
mkdir -p "$crate/src/runtime" "$crate/src/outbound"
copy simulator src/domain config/prometheus src/store/records src/store/records.rs Cargo.lock
copy src/runtime/{backoff,permits}.rs
copy src/outbound/{entry,intake,intake_tests,parcel,queue,queue_tests,recent,window}.rs
manifest >"$crate/Cargo.toml"
stand_ins

cd "$crate"
[[ -d .git ]] || git init --quiet .
for group in "${groups[@]}"; do
    arguments=(--in-place --timeout 25 --baseline skip --no-shuffle --output "$scratch/$group" --colors never)
    for file in ${files[$group]}; do
        arguments+=(--file "$file")
    done
    read -r -a tests <<<"${guards[$group]}"
    printf '=== %s\n' "$group"
    status=0
    CARGO_TARGET_DIR=$scratch/target PROPTEST_CASES=${PROPTEST_CASES:-64} \
        cargo mutants "${list[@]}" "${arguments[@]}" -- --lib -- "${tests[@]}" || status=$?
    # 2: some were not noticed; 3: some never ended. Both are a result.
    ((status == 0 || status == 2 || status == 3)) || exit "$status"
done
