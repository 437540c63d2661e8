#!/usr/bin/env bash
# Plants faults into a copy of the committed sources, one at a time, and expects a test to catch each.
#
#   tests/planted.sh [NAME...]
#
# A file in tests/planted/ says what a fault is (`Fault:`), where (`File:`), which text stands there once (`Find:`) and
# what is put in its place (`Put:`), in which test binary it shows (`Binary:` lib or it) and which tests are to fail of
# it (`Tests:`, filters). First all these tests run without any fault, and must pass. Takes a build for each fault;
# prints a table, and fails if a fault goes unseen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
CARGO_TARGET_DIR=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
place=$CARGO_TARGET_DIR/planted
# With a folder of its own: in a shared one cargo takes what was built of the copy for what it would build of these
# sources, and their next tests would run with the fault.
export CARGO_TARGET_DIR=$place/target
copy=$place/sources
log=$place/log
if (($# > 0)); then faults=("${@/%/.txt}"); else faults=(tests/planted/*.txt); fi
faults=("${faults[@]##*/}")

value_of() { sed -n "s/^$1: //p" "$root/tests/planted/$fault"; }

# A checkout leaves what did not change as it is, so that only the patched crate is built again.
fresh() {
    [[ -d $copy/.git ]] || git clone --quiet --shared "$root" "$copy"
    git -C "$copy" fetch --quiet "$root" HEAD
    git -C "$copy" checkout --quiet --force --detach FETCH_HEAD
}

# Puts the fault in the place of what is right, which has to stand there just once.
plant() {
    FIND=$(value_of Find) PUT=$(value_of Put) perl -0pi -e '
        my $times = s/\Q$ENV{FIND}\E/$ENV{PUT}/g;
        die "the text to find stands there " . ($times || 0) . " times\n" if $times != 1;
    ' "$copy/$(value_of File)"
}

# Runs tests in the copy: 2 if they cannot be built, 1 if one fails.
run() {
    local binary=$1 arguments=(--package primelingo --features failpoints --locked)
    shift
    if [[ $binary == lib ]]; then arguments+=(--lib); else arguments+=(--test it); fi
    (cd "$copy" && cargo test "${arguments[@]}" --no-run) >>"$log" 2>&1 || return 2
    (cd "$copy" && cargo test "${arguments[@]}" -- "$@") >"$log.tests" 2>&1 || return 1
}

mkdir -p "$place"
: >"$log"
fresh
for binary in lib it; do
    filters=()
    for fault in "${faults[@]}"; do
        if [[ $(value_of Binary) == "$binary" ]]; then
            read -ra words <<<"$(value_of Tests)"
            filters+=("${words[@]}")
        fi
    done
    if ((${#filters[@]} > 0)) && ! run "$binary" "${filters[@]}"; then
        printf 'without a fault the tests fail already; see %s and %s\n' "$log" "$log.tests" >&2
        exit 1
    fi
done

unseen=0
printf '%-24s %-7s %s\n' fault caught by
for fault in "${faults[@]}"; do
    fresh
    plant
    read -ra words <<<"$(value_of Tests)"
    status=0
    run "$(value_of Binary)" "${words[@]}" || status=$?
    caught=$(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$log.tests" | head -n 1)
    if ((status == 1)) && [[ -n $caught ]]; then
        printf '%-24s %-7s %s\n' "${fault%.txt}" yes "$caught"
    else
        printf '%-24s %-7s %s\n' "${fault%.txt}" NO "status $status; see $log"
        unseen=1
    fi
done
exit "$unseen"
