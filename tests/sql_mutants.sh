#!/usr/bin/env bash
# Changes SQL of the ledger, the queue, the leases and the outbox, one statement at a time, and asks whether
# the store's tests notice. By hand, for it builds the program once more; what came of it: docs/mutants.md.
#
#   tests/sql_mutants.sh [sqlite|postgres]
#
# cargo-mutants cannot do it: to it a statement is a text. The program is built once, in a copy in which
# `Statement::new` takes a change from the environment; each change is a run of the same tests. What diesel
# writes (job_claim, job_close) is not reached this way.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

database=${1:-sqlite}
modules=(ledger queue jobs lease step outbox aside housekeeping)

# NAME | a piece of the statement that is changed, blanks folded | what is there | what is put there
changes() {
    cat <<'LIST'
updates of a chat, newest first|SELECT seq, kind, raw, faults|ORDER BY seq|ORDER BY seq DESC
updates of a chat, closed ones too|SELECT seq, kind, raw, faults|state = 'new' AND|
open chats in another order|SELECT chat_key AS id FROM updates|min(seq)|max(seq)
open chats, closed ones too|SELECT chat_key AS id FROM updates|WHERE state = 'new'|
put aside what is closed|SET state = 'ignored'|AND state = 'new'|
a fault is not counted|SET faults = faults + 1|faults + 1|faults + 0
a fault keeps the claims|SET faults = faults + 1|claims = 0|claims = claims
a fault of what is closed|SET faults = faults + 1|AND state = 'new'|
heads without what was begun first|SELECT u.seq, u.chat_key, u.claims|CASE WHEN u.claims = 0 THEN 1 ELSE 0 END|1
the last update of a chat as its head|SELECT u.seq, u.chat_key, u.claims|min(seq)|max(seq)
a claim of what is closed|UPDATE updates SET claims|AND state = 'new'|
closed twice|UPDATE updates SET state = {}, done_at|AND state = 'new'|
a step on an old copy of the dialog|SET state = 'done', done_at|{} = coalesce((SELECT version|{} <= coalesce((SELECT version
a step on an old copy of the person|SET state = 'done', done_at|{} = coalesce((SELECT role|{} <> coalesce((SELECT 'x' || role
an update without the fence|UPDATE updates SET state = {}, done_at|{} IS NULL OR EXISTS|{} IS NULL OR 1 = 1 OR EXISTS
a fault without the fence|SET faults = faults + 1|{} IS NULL OR EXISTS|{} IS NULL OR 1 = 1 OR EXISTS
a step without the fence|SET state = 'done', done_at|{} IS NULL OR EXISTS|{} IS NULL OR 1 = 1 OR EXISTS
a send without the fence|UPDATE outbox SET state = 'sending'|{} IS NULL OR EXISTS|{} IS NULL OR 1 = 1 OR EXISTS
an outcome without the fence|UPDATE outbox SET state = 'sent'|{} IS NULL OR EXISTS|{} IS NULL OR 1 = 1 OR EXISTS
sent what is over|UPDATE outbox SET state = 'sent'|AND state IN ('queued', 'sending')|
failed what is over|UPDATE outbox SET state = 'failed'|AND state IN ('queued', 'sending')|
deferred what is over|SET state = 'queued', not_before|AND state IN ('queued', 'sending')|
a try is not counted|SET state = 'queued', not_before|attempts + {}|attempts + 0 * {}
begun what is over|UPDATE outbox SET state = 'sending'|AND state = 'queued'|
a lease taken before it runs out|INSERT INTO leases|leases.until <= {}|leases.until >= {}
an older epoch takes its lease|INSERT INTO leases|leases.epoch <= excluded.epoch|leases.epoch >= excluded.epoch
a token comes twice|INSERT INTO leases|token = leases.token + 1|token = leases.token
renewed by anybody|UPDATE leases SET until|AND token = {}|AND token >= {} - 1000
given back by anybody|UPDATE leases SET owner|AND token = {}|AND token >= {} - 1000
a lease given back keeps its token|UPDATE leases SET owner|token = token + 1|token = token
the fence stands for any token|SELECT token AS number FROM leases|AND token = {}|AND token >= {} - 1000
a report by anybody|UPDATE jobs SET progress|AND token = {}|AND token >= {} - 1000
a report on what is closed|UPDATE jobs SET progress|AND state = 'running'|
cancelled under its worker|AND state = 'ready'|IN ('ready', 'running') AND state = 'ready'|IN ('ready', 'running')
cancelled what is done|SET state = 'cancelled', done_at = {}, lease_until|AND state IN ('ready', 'running')|
the next job whatever its priority|SELECT j.id, j.suspicion|priority DESC|priority * 0
a job before its time|SELECT j.id, j.suspicion|run_at <= {}|run_at >= {}
a job of a queue that is paused|SELECT j.id, j.suspicion|NOT EXISTS (SELECT 1 FROM queue_pauses|1 = 1 OR NOT EXISTS (SELECT 1 FROM queue_pauses
the next job of whoever has most running|SELECT j.id, j.suspicion|(SELECT count(*) FROM jobs r|- (SELECT count(*) FROM jobs r
suspects last|SELECT j.id, j.suspicion|suspicion DESC|suspicion
rescued from oneself|WHERE state = 'running' AND owner = {} AND epoch < {}|epoch < {}|epoch <= {}
rescued before the lease runs out|WHERE state = 'running' AND lease_until < {}|lease_until < {}|lease_until > {}
rescued of everybody|WHERE state = 'running' AND owner = {} AND epoch < {}|owner = {}|owner >= substr({}, 1, 0)
no suspicion after a death|WHERE state = 'running' AND owner = {} AND epoch < {}|suspicion = suspicion + {}|suspicion = suspicion + 0 * {}
LIST
}

scratch=${SQL_MUTANTS_FOLDER:-$(mktemp -d)}
[[ -n ${SQL_MUTANTS_FOLDER:-} ]] || trap 'rm -rf -- "$scratch"' EXIT
mkdir -p "$scratch/copy"
git ls-files --cached --others --exclude-standard -z |
    xargs --null tar --create --file - --ignore-failed-read -- | tar --extract --file - --directory "$scratch/copy"

# The one place that every statement goes through.
patch_statement() {
    local file=$scratch/copy/src/store/statement.rs
    sed -i 's/pub const fn new(sql: &.static str) -> Self {/pub fn new(sql: \&'"'"'static str) -> Self {\n        let sql = mutated(sql);/' "$file"
    cat >>"$file" <<'RUST'

/// A change of the statement that the environment names; that it was made is noted in a file.
fn mutated(sql: &'static str) -> &'static str {
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let (place, from, to) = (of("SQL_MUTANT_PLACE"), of("SQL_MUTANT_FROM"), of("SQL_MUTANT_TO"));
    let folded = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if place.is_empty() || !folded.contains(&place) || !folded.contains(&from) {
        return sql;
    }
    let _ = std::fs::write(of("SQL_MUTANT_MARK"), "");
    Box::leak(folded.replace(&from, &to).into_boxed_str())
}
RUST
}

patch_statement
cd "$scratch/copy"
printf 'sql_mutants: building\n' >&2
binary=$(cargo test --quiet --package primelingo --features failpoints --test it --no-run --locked --message-format json |
    grep -o '"executable":"[^"]*"' | cut -d'"' -f4 | tail -n 1)
filters=("${modules[@]/#/store::}")
filters=("${filters[@]/%/::$database}")

# ran NAME PLACE FROM TO: whether the tests pass under this change.
ran() {
    SQL_MUTANT_PLACE=$2 SQL_MUTANT_FROM=$3 SQL_MUTANT_TO=$4 SQL_MUTANT_MARK=$scratch/mark \
        timeout 300 "$binary" "${filters[@]}" >"$scratch/log" 2>&1
}

if ! ran nothing '' '' ''; then
    tail -n 20 "$scratch/log" >&2
    printf 'sql_mutants: the tests fail without a change\n' >&2
    exit 1
fi
declare -A counts=([caught]=0 [MISSED]=0 [unreached]=0)
while IFS='|' read -r name place from to; do
    rm -f -- "$scratch/mark"
    if ran "$name" "$place" "$from" "$to"; then
        outcome=MISSED
        [[ -e $scratch/mark ]] || outcome=unreached
    else
        outcome=caught
    fi
    counts[$outcome]=$((counts[$outcome] + 1))
    printf '%-9s  %s  (%s)\n' "$outcome" "$name" "$(grep -c '\.\.\. FAILED$' "$scratch/log" || true) tests"
done < <(changes)
printf '%s: %d caught, %d missed, %d unreached\n' "$database" "${counts[caught]}" "${counts[MISSED]}" "${counts[unreached]}"
