//! The steps of a copy, in their order.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::catalog::{Table, compare};
use super::error::{CopyError, CopyResult, End};
use super::side::Side;
use super::value::{Limits, Sum};
use super::{CopyPlan, Ddl, Key, PHASE, Phase, Range, TableMark, TableReport, Watcher, key_of};
use crate::store::standing::SchemaFault;
use crate::store::{StoreConfig, migrate};

/// Bytes of one batch: what is in memory is a few of them.
const BATCH_BYTES: usize = 8 << 20;
/// Batches that wait to be written.
const WAITING: usize = 2;

/// A table as each side describes it: the columns are the same, and their types each side's own.
#[derive(Clone)]
struct Pair {
    source: Arc<Table>,
    target: Arc<Table>,
}

/// A copy under way.
struct Copy<'a> {
    source: Side,
    target: Side,
    tables: Vec<Pair>,
    marks: BTreeMap<String, String>,
    limits: Limits,
    done: u64,
    all: u64,
    watcher: &'a mut dyn Watcher,
}

/// Copies a database.
pub async fn copy(plan: &CopyPlan, watcher: &mut dyn Watcher) -> CopyResult<Vec<TableReport>> {
    let opened = open(plan, watcher).await;
    // Before that nothing has begun, unless an earlier run has begun it.
    let mut copy = opened.map_err(|error| if plan.resume { error.once_begun() } else { error })?;
    copy.run(plan).await.map_err(CopyError::once_begun)
}

/// Looks at both sides, and holds on to them.
async fn open<'a>(plan: &CopyPlan, watcher: &'a mut dyn Watcher) -> CopyResult<Copy<'a>> {
    if is_same(&plan.from, &plan.to) {
        return Err(CopyError::Same);
    }
    watcher.phase("looking at both sides");
    check_source(&plan.from).await?;
    check_target(plan).await?;
    let source = Side::source(&plan.from).await?;
    let target = Side::target(&plan.to).await?;
    let (tables, targets) = (source.tables().await?, target.tables().await?);
    compare(&tables, &targets)?;
    let mut all = 0;
    for table in &tables {
        all += source.count(&table.name).await?;
    }
    let marks = target.marks().await?;
    if marks.is_none() {
        check_empty(&target, &tables).await?;
    }
    // Both are in the order of their names, and equal.
    let pair = |(source, target)| Pair { source: Arc::new(source), target: Arc::new(target) };
    let tables = tables.into_iter().zip(targets).map(pair).collect();
    let limits = Limits { rows: plan.batch_rows.max(1), bytes: BATCH_BYTES };
    let marks = marks.unwrap_or_default();
    Ok(Copy { source, target, tables, marks, limits, done: 0, all, watcher })
}

/// The checksums of one database, in one snapshot.
pub async fn checksum(
    config: &StoreConfig,
    watcher: &mut dyn Watcher,
) -> CopyResult<Vec<TableReport>> {
    let standing = migrate::standing_of(config).await?;
    match standing.fault {
        Some(SchemaFault::Unfinished) | None => {}
        Some(fault) => return Err(CopyError::Schema { end: End::Source, fault }),
    }
    let side = Side::source(config).await?;
    let tables: Vec<Arc<Table>> = side.tables().await?.into_iter().map(Arc::new).collect();
    let mut all = 0;
    for table in &tables {
        all += side.count(&table.name).await?;
    }
    let (mut done, mut reports) = (0, Vec::new());
    for table in &tables {
        let begun = Instant::now();
        let sum = sum_of(&side, table, &Range::All, &mut |rows| {
            done += rows;
            watcher.rows(done, all);
            if watcher.is_stopped() { Err(CopyError::Stopped) } else { Ok(()) }
        })
        .await?;
        let seconds = begun.elapsed().as_secs_f64();
        reports.push(TableReport { name: table.name.clone(), source: sum, target: None, seconds });
    }
    Ok(reports)
}

fn is_same(from: &StoreConfig, to: &StoreConfig) -> bool {
    match (from, to) {
        (StoreConfig::Sqlite(from), StoreConfig::Sqlite(to)) => {
            let real = |path: &std::path::Path| path.canonicalize().ok();
            from.path == to.path
                || real(&from.path).is_some_and(|path| Some(path) == real(&to.path))
        }
        (StoreConfig::Postgres(from), StoreConfig::Postgres(to)) => from.url == to.url,
        _ => false,
    }
}

async fn check_source(config: &StoreConfig) -> CopyResult<()> {
    if let StoreConfig::Sqlite(config) = config
        && !config.path.exists()
    {
        return Err(CopyError::NoFile(config.path.display().to_string()));
    }
    let standing = migrate::standing_of(config).await?;
    match standing.fault.clone() {
        None => {}
        Some(SchemaFault::Unfinished) => return Err(CopyError::SourceUnfinished),
        Some(fault) => return Err(CopyError::Schema { end: End::Source, fault }),
    }
    let pending = standing.pending();
    if !pending.is_empty() {
        return Err(CopyError::SourceBehind(pending.join(", ")));
    }
    check_alive(config, End::Source).await
}

async fn check_alive(config: &StoreConfig, end: End) -> CopyResult<()> {
    match migrate::leases_of(config).await?.into_iter().next() {
        Some((name, left_s)) => {
            let holder = if name == "leader" { "a bot".to_owned() } else { format!("a {name}") };
            Err(CopyError::Alive { end, holder, left_s })
        }
        None => Ok(()),
    }
}

/// Sees to it that the target has our schema, and may be written.
async fn check_target(plan: &CopyPlan) -> CopyResult<()> {
    let standing = migrate::standing_of(&plan.to).await?;
    if !standing.foreign.is_empty() {
        return Err(CopyError::Foreign(standing.foreign.join(", ")));
    }
    match standing.fault.clone() {
        Some(SchemaFault::Unfinished) if plan.resume => return Ok(()),
        Some(SchemaFault::Unfinished) => return Err(CopyError::Unfinished),
        Some(SchemaFault::Strange { found }) => return Err(CopyError::Foreign(found)),
        Some(fault) => return Err(CopyError::Schema { end: End::Target, fault }),
        None => {}
    }
    check_alive(&plan.to, End::Target).await?;
    migrate::up(&plan.to).await?;
    Ok(())
}

async fn check_empty(target: &Side, tables: &[Table]) -> CopyResult<()> {
    let mut full = Vec::new();
    for table in tables {
        let rows = target.count(&table.name).await?;
        if rows > 0 {
            full.push(format!("{}: {rows} rows", table.name));
        }
    }
    if full.is_empty() { Ok(()) } else { Err(CopyError::NotEmpty(full.join(", "))) }
}

/// The checksum of some rows.
async fn sum_of(
    side: &Side,
    table: &Arc<Table>,
    range: &Range,
    on_rows: &mut (dyn FnMut(u64) -> CopyResult<()> + Send),
) -> CopyResult<Sum> {
    let (out, mut batches) = mpsc::channel(WAITING);
    let limits = Limits { rows: 10_000, bytes: BATCH_BYTES };
    let reading = side.read(table, range, limits, out);
    let mut sum = Sum::default();
    while let Some(batch) = batches.recv().await {
        sum.add(batch.sum);
        on_rows(batch.sum.rows)?;
    }
    super::lite::joined(reading).await?;
    Ok(sum)
}

impl Copy<'_> {
    async fn run(&mut self, plan: &CopyPlan) -> CopyResult<Vec<TableReport>> {
        let mut phase = self.marks.get(PHASE).and_then(|name| Phase::from_name(name));
        if phase.is_none() {
            self.target.begin().await?;
            self.target.strip().await?;
            self.marks = self.target.marks().await?.unwrap_or_default();
            phase = Some(Phase::Tables);
        }
        let phase = phase.unwrap_or(Phase::Tables);
        let mut reports = Vec::new();
        self.watcher.phase("copying rows");
        for table in self.tables.clone() {
            reports.push(self.copy_table(&table, phase).await?);
        }
        if phase <= Phase::Tables {
            self.target.mark(PHASE, Phase::Search.name()).await?;
        }
        if phase <= Phase::Search {
            self.watcher.phase("indexing titles");
            self.target.index_titles().await?;
            fail_point!(CopyAfter);
        }
        if phase <= Phase::Indexes {
            self.restore().await?;
            let sequences = self.source.sequences().await?;
            self.target.set_sequences(&sequences).await?;
        }
        let dangling = self.target.dangling()?;
        if !dangling.is_empty() {
            let what = format!("rows refer to missing ones: {}", dangling.join(", "));
            return Err(CopyError::Differs(what));
        }
        if plan.verify {
            self.verify(&mut reports).await?;
        }
        check_alive(&plan.from, End::Source).await?;
        self.watcher.phase("ending");
        self.target.finish().await?;
        Ok(reports)
    }

    /// Copies what is left of a table, if what was copied is still the source's.
    async fn copy_table(&mut self, pair: &Pair, phase: Phase) -> CopyResult<TableReport> {
        let table = &pair.source;
        let begun = Instant::now();
        let name = format!("{}{}", TableMark::PREFIX, table.name);
        let mark: Option<TableMark> =
            self.marks.get(&name).and_then(|mark| serde_json::from_str(mark).ok());
        let (mut sum, mut after) = match mark {
            Some(mark) => {
                let before = mark.sum().unwrap_or_default();
                if let Some(after) = mark.after.clone()
                    && self.reread(table, after).await? != before
                {
                    return Err(CopyError::SourceChanged(table.name.clone()));
                }
                (before, mark.after)
            }
            None => (Sum::default(), None),
        };
        self.done += sum.rows;
        let range = after.clone().map_or(Range::All, Range::After);
        let (out, mut batches) = mpsc::channel(WAITING);
        let reading = self.source.read(table, &range, self.limits, out);
        while let Some(batch) = batches.recv().await {
            if batch.is_empty() {
                break;
            }
            if phase > Phase::Tables {
                // All of it was copied, and indexed, before: this row has come since.
                return Err(CopyError::SourceChanged(table.name.clone()));
            }
            sum.add(batch.sum);
            self.done += batch.sum.rows;
            after = batch.last_row().and_then(|row| key_of(table, row)).or(after);
            let mark = serde_json::to_string(&TableMark::new(sum, after.clone()))
                .map_err(|error| CopyError::Fault(error.to_string()))?;
            self.target.write(&pair.target, batch, (name.clone(), mark)).await?;
            fail_point!(CopyAfter);
            self.watcher.rows(self.done, self.all);
            if self.watcher.is_stopped() {
                return Err(CopyError::Stopped);
            }
        }
        drop(batches);
        super::lite::joined(reading).await?;
        let seconds = begun.elapsed().as_secs_f64();
        Ok(TableReport { name: table.name.clone(), source: sum, target: None, seconds })
    }

    /// The checksum of what an earlier run has copied, as the source has it now.
    async fn reread(&mut self, table: &Arc<Table>, after: Key) -> CopyResult<Sum> {
        let (watcher, all, mut done) = (&mut *self.watcher, self.all, self.done);
        sum_of(&self.source, table, &Range::UpTo(after), &mut |rows| {
            done += rows;
            watcher.rows(done, all);
            if watcher.is_stopped() { Err(CopyError::Stopped) } else { Ok(()) }
        })
        .await
    }

    /// Builds indexes and references anew.
    async fn restore(&mut self) -> CopyResult<()> {
        let marks = self.target.marks().await?.unwrap_or_default();
        let missing: Vec<Ddl> = marks
            .into_iter()
            .filter(|(key, _)| key.starts_with(Ddl::PREFIX))
            .map(|(key, statement)| Ddl { key, statement })
            .collect();
        self.watcher.phase("building indexes");
        for ddl in missing {
            if self.watcher.is_stopped() {
                return Err(CopyError::Stopped);
            }
            self.target.restore(ddl).await?;
            fail_point!(CopyAfter);
        }
        Ok(())
    }

    /// Reads the target again.
    async fn verify(&mut self, reports: &mut [TableReport]) -> CopyResult<()> {
        self.watcher.phase("verifying");
        let (mut done, all) = (0, self.done);
        let mut wrong = Vec::new();
        for (Pair { target: table, .. }, report) in self.tables.iter().zip(reports) {
            let watcher = &mut *self.watcher;
            let sum = sum_of(&self.target, table, &Range::All, &mut |rows| {
                done += rows;
                watcher.rows(done, all);
                if watcher.is_stopped() { Err(CopyError::Stopped) } else { Ok(()) }
            })
            .await?;
            report.target = Some(sum);
            if sum != report.source {
                wrong.push(table.name.clone());
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(CopyError::Mismatch(wrong.join(", "))) }
    }
}
