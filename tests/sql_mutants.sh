#!/usr/bin/env bash
# Changes SQL of the ledger, the queue, the leases and the outbox, one statement at a time, and asks whether
# the store's tests notice. By hand; what came of it: docs/mutants.md.
#
#   tests/sql_mutants.sh [--binary FILE] [sqlite|postgres]
#
# cargo-mutants cannot do it: to it a statement is a text. Nothing is built anew for a change: statements are
# texts in the test binary, too, and are changed there, in a copy, to something that is not longer. What
# diesel writes by itself (job_claim, job_close) is not reached this way.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binary=
database=sqlite
while (($# > 0)); do
    case $1 in
    --binary) binary=${2:?--binary needs a file} && shift 2 ;;
    sqlite | postgres) database=$1 && shift ;;
    *) printf 'sql_mutants: unknown argument %s\n' "$1" >&2 && exit 2 ;;
    esac
done

# NAME | where the statement begins, or a piece of it | what is there from here on | what is put there;
# blanks stand for any, and leading ones make room.
changes() {
    cat <<'LIST'
updates of a chat, newest first|SELECT seq, kind, raw, faults|ORDER BY seq LIMIT {} + 0|ORDER BY -seq LIMIT {}
updates of a chat, closed ones too|SELECT seq, kind, raw, faults|state = 'new' AND|
open chats in another order|SELECT chat_key AS id FROM updates|min(seq)|max(seq)
open chats, closed ones too|SELECT chat_key AS id FROM updates|WHERE state = 'new'|
put aside what is closed|UPDATE updates SET state = 'ignored'|AND state = 'new'|
a fault is not counted|UPDATE updates SET faults = faults + 1|faults + 1|faults + 0
a fault keeps the claims|UPDATE updates SET faults = faults + 1|claims = 0,|
a fault of what is closed|UPDATE updates SET faults = faults + 1|AND state = 'new'|
heads without what was begun first|SELECT u.seq, u.chat_key, u.claims|CASE WHEN u.claims = 0 THEN 1 ELSE 0 END, u.seq|u.seq
the last update of a chat as its head|SELECT u.seq, u.chat_key, u.claims|min(seq)|max(seq)
a claim of what is closed|UPDATE updates SET claims|AND state = 'new'|
closed twice|UPDATE updates SET state = {}, done_at|AND state = 'new'|
a step on an old copy of the dialog|UPDATE updates SET state = 'done'| AND {} = coalesce((SELECT version| AND {} <= coalesce((SELECT version
a step on an old copy of the person|UPDATE updates SET state = 'done'| AND {} = coalesce((SELECT role| AND {}<>coalesce((SELECT 'x'||role
an update without the fence|UPDATE updates SET state = {}, done_at|EXISTS (SELECT 1 FROM leases WHERE name = 'leader' AND token = {})|({} IS NULL OR 1 = 1)
put aside without the fence|UPDATE updates SET state = 'ignored'|EXISTS (SELECT 1 FROM leases WHERE name = 'leader' AND token = {})|({} IS NULL OR 1 = 1)
a fault without the fence|UPDATE updates SET faults = faults + 1|EXISTS (SELECT 1 FROM leases WHERE name = 'leader' AND token = {})|({} IS NULL OR 1 = 1)
a step without the fence|UPDATE updates SET state = 'done'|EXISTS (SELECT 1 FROM leases WHERE name = 'leader' AND token = {})|({} IS NULL OR 1 = 1)
a send without the fence|UPDATE outbox SET state = 'sending'|EXISTS (SELECT 1 FROM leases WHERE name = 'leader' AND token = {})|({} IS NULL OR 1 = 1)
an outcome without the fence|UPDATE outbox SET state = 'sent'|EXISTS (SELECT 1 FROM leases WHERE name = 'leader' AND token = {})|({} IS NULL OR 1 = 1)
sent what is over|UPDATE outbox SET state = 'sent'|AND state IN ('queued', 'sending')|
failed what is over|UPDATE outbox SET state = 'failed'|AND state IN ('queued', 'sending')|
deferred what is over|UPDATE outbox SET state = 'queued', not_before|AND state IN ('queued', 'sending')|
a try is not counted|UPDATE outbox SET state = 'queued', not_before|attempts + {}|attempts+0*{}
begun what is over|UPDATE outbox SET state = 'sending'|AND state = 'queued'|
a lease taken before it runs out|INSERT INTO leases|leases.until <= {}|leases.until >= {}
an older epoch takes its lease|INSERT INTO leases|leases.epoch <= excluded.epoch|leases.epoch >= excluded.epoch
a token comes twice|INSERT INTO leases|token = leases.token + 1|token = leases.token
renewed by anybody|UPDATE leases SET until|AND token = {}|AND 0<token+{}
given back by anybody|UPDATE leases SET owner|AND token = {}|AND 0<token+{}
a lease given back keeps its token|UPDATE leases SET owner|token = token + 1|token = token
the fence stands for any token|SELECT token AS number FROM leases|AND token = {}|AND 0<token+{}
a report by anybody|UPDATE jobs SET progress|AND token = {}|AND 0<token+{}
a report on what is closed|UPDATE jobs SET progress|AND state = 'running'|
cancelled under its worker|IN ('ready', 'running') AND state = 'ready'|AND state = 'ready'|
cancelled what is done|UPDATE jobs SET state = 'cancelled', done_at = {}, lease_until|AND state IN ('ready', 'running')|
the next job whatever its priority|WITH RECURSIVE people (key) AS|priority DESC|priority*0
a job before its time|WITH RECURSIVE people (key) AS|run_at <= {}|run_at >= {}
a job of a queue that is paused|WITH RECURSIVE people (key) AS|NOT EXISTS (SELECT 1 FROM queue_pauses WHERE queue = {})|{} IS NOT NULL
the next job of whoever has most running|WITH RECURSIVE people (key) AS| (SELECT count(*) FROM jobs r| -(SELECT count(*) FROM jobs r
suspects last|WITH RECURSIVE people (key) AS|ORDER BY j.suspicion DESC|ORDER BY j.suspicion
rescued from oneself|WHERE state = 'running' AND owner = {} AND epoch < {}|epoch < {}|epoch<={}
rescued of everybody else|WHERE state = 'running' AND owner = {} AND epoch < {}|owner = {}|owner<>{}
rescued before the lease runs out|WHERE state = 'running' AND lease_until < {}|lease_until < {}|lease_until > {}
no suspicion after a death|lease_until = NULL, suspicion = suspicion + {}|suspicion + {}|suspicion+0*{}
LIST
}

if [[ -z $binary ]]; then
    printf 'sql_mutants: building\n' >&2
    binary=$(cargo test --package primelingo --features failpoints --test it --no-run --locked --message-format json |
        grep -o '"executable":"[^"]*"' | cut -d'"' -f4 | tail -n 1)
fi
modules=(ledger queue jobs lease step outbox aside housekeeping dashboard)
filters=("${modules[@]/#/store::}")
filters=("${filters[@]/%/::$database}")

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

# changed PLACE FROM TO: writes a changed copy; fails where there is no such text.
changed() {
    PLACE=$1 FROM=$2 TO=$3 perl -e '
        sub any_blanks { join "\\s+", map { quotemeta } split / +/, $_[0], -1 }
        local $/; open my $in, "<:raw", $ARGV[0] or die; my $all = <$in>;
        my ($place, $from, $to) = (any_blanks($ENV{PLACE}), any_blanks($ENV{FROM}), $ENV{TO});
        my $count = 0;
        while ($all =~ /$place/g) {
            my $at = $-[0];
            next unless substr($all, $at, 1500) =~ /$from/;
            my ($begin, $length) = ($at + $-[0], $+[0] - $-[0]);
            die "longer: $to\n" if length $to > $length;
            substr($all, $begin, $length) = $to . " " x ($length - length $to);
            $count++;
            pos($all) = $begin + $length;
        }
        exit 3 unless $count;
        open my $out, ">:raw", $ARGV[1] or die; print $out $all; close $out or die;' "$binary" "$scratch/it"
    chmod +x "$scratch/it"
}

# ran PROGRAM: whether the tests pass.
ran() {
    timeout 300 "$1" "${filters[@]}" >"$scratch/log" 2>&1
}

if ! ran "$binary"; then
    tail -n 20 "$scratch/log" >&2
    printf 'sql_mutants: the tests fail without a change\n' >&2
    exit 1
fi
caught=0 missed=0
while IFS='|' read -r name place from to; do
    if ! changed "$place" "$from" "$to"; then
        printf 'sql_mutants: there is no such text any more: %s\n' "$name" >&2
        exit 1
    fi
    if ran "$scratch/it"; then
        outcome=MISSED
        missed=$((missed + 1))
    else
        outcome=caught
        caught=$((caught + 1))
    fi
    printf '%-6s  %s (by %s tests)\n' "$outcome" "$name" "$(grep -c '\.\.\. FAILED$' "$scratch/log" || true)"
done < <(changes)
printf '%s: %d changes, %d caught, %d missed\n' "$database" $((caught + missed)) "$caught" "$missed"
