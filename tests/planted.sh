#!/usr/bin/env bash
# Plants faults into a copy of the committed sources, one at a time, and expects a test to catch each.
#
#   tests/planted.sh [NAME...]
#
# A file in tests/planted/ says what a fault is (`Fault:`), where (`File:`), which text stands there once (`Find:`) and
# what is put in its place (`Put:`), in which test binary it shows (`Binary:` lib or it) and which tests are to fail of
# it (`Tests:`, filters). First the same tests run without the fault and must pass. Takes two builds for each
# fault; prints a table, and fails if a fault goes unseen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
copy=$target/planted/sources
log=$target/planted/log
export CARGO_TARGET_DIR=$target/planted/target
if (($# > 0)); then faults=("${@/%/.txt}"); else faults=(tests/planted/*.txt); fi

value_of() { sed -n "s/^$1: //p" "$fault"; }

fresh() {
    # A checkout leaves what did not change as it is, so that only the patched crate is built again.
    [[ -d $copy/.git ]] || git clone --quiet --shared "$root" "$copy"
    git -C "$copy" fetch --quiet "$root" HEAD
    git -C "$copy" checkout --quiet --force --detach FETCH_HEAD
}

# Puts the fault in the place of what is right, which has to stand there just once.
plant() {
    FIND=$(value_of Find) PUT=$(value_of Put) perl -0pi -e '
        my $times = s/\Q$ENV{FIND}\E/$ENV{PUT}/g;
        die "stands $times times\n" if $times != 1;
    ' "$1"
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
for fault in "${faults[@]}"; do
    fault=$root/tests/planted/${fault##*/}
    name=$(basename "$fault" .txt)
    binary=$(value_of Binary)
    tests=$(value_of Tests)
    fresh
    if ! pass "$binary" "$tests" || ! grep --quiet '^test result: ok. [1-9]' "$log.tests"; then
        printf '%-28s %-8s %s\n' "$name" - "the tests fail without it, or are gone; see $log"
        unseen=1
        continue
    fi
    plant "$copy/$(value_of File)"
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
