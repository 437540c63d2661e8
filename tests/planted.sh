#!/usr/bin/env bash
# Plants faults into a copy of the committed sources, one at a time, and expects a test to catch each.
#
#   tests/planted.sh [NAME...]
#
# A fault is a patch in tests/planted/ whose head says what it is (`Fault:`), in which test binary it shows
# (`Binary:` lib or it) and which tests are to fail of it (`Tests:`, a filter). First the same tests run without
# any fault and must pass. Takes one build for each fault; prints a table, and fails if a fault goes unseen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
copy=$target/planted/sources
log=$target/planted/log
export CARGO_TARGET_DIR=$target/planted/target
if (($# > 0)); then patches=("${@/%/.patch}"); else patches=(tests/planted/*.patch); fi

head_of() { sed -n "s/^$1: //p" "$2"; }

fresh() {
    # A checkout leaves what did not change as it is, so that only the patched crate is built again.
    [[ -d $copy/.git ]] || git clone --quiet --shared "$root" "$copy"
    git -C "$copy" fetch --quiet "$root" HEAD
    git -C "$copy" checkout --quiet --force --detach FETCH_HEAD
}

# Whether the tests of a fault pass in the copy; its output goes to the log.
pass() {
    local arguments=(--package primelingo --features failpoints --locked)
    if [[ $1 == lib ]]; then arguments+=(--lib); else arguments+=(--test it); fi
    (cd "$copy" && cargo test "${arguments[@]}" --no-run) >>"$log" 2>&1 || return 2
    # shellcheck disable=SC2086  # several filters
    (cd "$copy" && cargo test "${arguments[@]}" -- $2) >"$log.tests" 2>&1
}

mkdir -p "$target/planted"
: >"$log"
unseen=0
printf '%-28s %-8s %s\n' fault caught "by"
for patch in "${patches[@]}"; do
    patch=$root/tests/planted/${patch##*/}
    name=$(basename "$patch" .patch)
    binary=$(head_of Binary "$patch")
    tests=$(head_of Tests "$patch")
    fresh
    if ! pass "$binary" "$tests" || ! grep --quiet '^test result: ok. [1-9]' "$log.tests"; then
        printf '%-28s %-8s %s\n' "$name" - "the tests fail without it, or are gone; see $log"
        unseen=1
        continue
    fi
    git -C "$copy" apply "$patch"
    status=0
    pass "$binary" "$tests" || status=$?
    caught=$(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$log.tests" | head -n 1)
    if ((status == 1 || status == 101)) && [[ -n $caught ]]; then
        printf '%-28s %-8s %s\n' "$name" yes "$caught"
    else
        printf '%-28s %-8s %s\n' "$name" NO "status $status; see $log"
        unseen=1
    fi
done
exit "$unseen"
