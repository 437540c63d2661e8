//! Downloads: whole files and ranges, real bytes and synthetic ones, with the faults asked for.

use crate::bot::Bot;
use crate::faults::FileFaults;
use crate::files::{Content, FileRec};
use crate::http::{Body, Broken, Reply};
use bytes::Bytes;
use hyper::{Response, StatusCode, header};
use std::io::SeekFrom;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

const BLOCK: usize = 1 << 20;
const CHUNK: usize = 64 * 1024;

/// A block of noise that every synthetic file repeats, each from an offset of its own.
fn noise() -> &'static Bytes {
    static NOISE: OnceLock<Bytes> = OnceLock::new();
    NOISE.get_or_init(|| {
        let mut rng = fastrand::Rng::with_seed(20_260_824);
        let mut v = vec![0u8; BLOCK];
        rng.fill(&mut v);
        Bytes::from(v)
    })
}

/// The synthetic content at `pos`, at most `max` bytes, without copying.
pub fn synthetic(seed: u64, pos: u64, max: usize) -> Bytes {
    let at = ((pos.wrapping_add(seed % BLOCK as u64)) % BLOCK as u64) as usize;
    noise().slice(at..(at + max).min(BLOCK))
}

/// `bytes=a-b` of a file of `size`; `Err` when it can't be satisfied.
fn parse_range(h: &str, size: u64) -> Result<Option<(u64, u64)>, ()> {
    let Some(spec) = h.trim().strip_prefix("bytes=") else { return Ok(None) };
    if spec.contains(',') {
        return Ok(None);
    }
    let Some((a, b)) = spec.split_once('-') else { return Ok(None) };
    let (from, to) = match (a.trim().parse::<u64>(), b.trim().parse::<u64>()) {
        (Ok(a), Ok(b)) => (a, b.min(size.saturating_sub(1))),
        (Ok(a), Err(_)) if b.trim().is_empty() => (a, size.saturating_sub(1)),
        (Err(_), Ok(n)) if a.trim().is_empty() => (size.saturating_sub(n), size.saturating_sub(1)),
        _ => return Ok(None),
    };
    if from > to || from >= size { Err(()) } else { Ok(Some((from, to))) }
}

/// Answers a download of the Bot API, by the path from getFile.
pub async fn serve(bot: &Bot, path: &str, range: Option<&str>, head: bool) -> Reply {
    let faults = bot.faults.lock().files.clone();
    let found = bot.files.by_path(path).and_then(|ix| bot.files.get(ix));
    let lost = faults.not_found_share > 0.0 && fastrand::f64() < faults.not_found_share;
    let Some(rec) = found.filter(|_| !lost) else {
        return Ok(crate::http::error(404, "Not Found"));
    };
    let response = respond(rec, range, head, &faults, Some(bot.bytes_served.clone()))?;
    if response.status().is_success() {
        bot.stats.lock().downloads += 1;
    }
    Ok(response)
}

/// The response with the file or the range of it. `served` counts the bytes of streamed bodies.
pub fn respond(
    rec: FileRec,
    range: Option<&str>,
    head: bool,
    faults: &FileFaults,
    served: Option<Arc<AtomicU64>>,
) -> Reply {
    let size = rec.size;
    let (status, from, to) = match range.map(|r| parse_range(r, size)) {
        Some(Ok(Some((a, b)))) => (StatusCode::PARTIAL_CONTENT, a, b + 1),
        Some(Err(())) => return unsatisfiable(size),
        _ => (StatusCode::OK, 0, size),
    };
    let mut b = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_LENGTH, to - from);
    if status == StatusCode::PARTIAL_CONTENT {
        b = b.header(header::CONTENT_RANGE, format!("bytes {from}-{}/{size}", to - 1));
    }
    let body =
        if head { Body::empty() } else { Transfer::new(rec, from, to, faults, served).start() };
    b.body(body).map_err(|e| Broken(e.to_string()))
}

fn unsatisfiable(size: u64) -> Reply {
    Response::builder()
        .status(StatusCode::RANGE_NOT_SATISFIABLE)
        .header(header::CONTENT_RANGE, format!("bytes */{size}"))
        .body(Body::empty())
        .map_err(|e| Broken(e.to_string()))
}

/// One body on its way.
struct Transfer {
    rec: FileRec,
    from: u64,
    to: u64,
    /// Break off after so many bytes.
    drop_at: Option<u64>,
    /// Stand still after so many bytes for so many seconds.
    stall: Option<(u64, f64)>,
    /// Bytes per second; 0 = no throttle.
    throttle_bps: u64,
    served: Option<Arc<AtomicU64>>,
}

impl Transfer {
    fn new(
        rec: FileRec,
        from: u64,
        to: u64,
        f: &FileFaults,
        served: Option<Arc<AtomicU64>>,
    ) -> Transfer {
        let hit = |share: f64| share > 0.0 && fastrand::f64() < share;
        let drop_at = hit(f.drop_share)
            .then(|| f.drop_at.unwrap_or_else(|| fastrand::u64(0..(to - from).max(1))));
        let stall = hit(f.stall_share).then_some((f.stall_at, f.stall_s));
        Transfer { rec, from, to, drop_at, stall, throttle_bps: f.throttle_bps, served }
    }

    fn start(self) -> Body {
        let plain = self.drop_at.is_none() && self.stall.is_none() && self.throttle_bps == 0;
        if let (Content::Memory(data), true) = (&self.rec.content, plain) {
            return Body::full(data.slice(self.from as usize..self.to as usize));
        }
        let (tx, body) = Body::channel();
        tokio::spawn(async move {
            if let Err(broken) = self.run(&tx).await {
                // the reader may be gone, too
                let _ = tx.send(Err(broken)).await;
            }
        });
        body
    }

    async fn run(mut self, tx: &Sender<Result<Bytes, Broken>>) -> Result<(), Broken> {
        let mut file = self.open().await?;
        let started = Instant::now();
        let mut pos = self.from;
        while pos < self.to {
            let sent = pos - self.from;
            if self.drop_at.is_some_and(|d| sent >= d) {
                return Err("fault: dropped mid-stream".into());
            }
            if let Some((_, s)) = self.stall.take_if(|(at, _)| sent >= *at) {
                tokio::time::sleep(Duration::from_secs_f64(s.clamp(0.0, 3600.0))).await;
            }
            let chunk = self.chunk(&mut file, pos).await?;
            pos += chunk.len() as u64;
            if let Some(served) = &self.served {
                served.fetch_add(chunk.len() as u64, Relaxed);
            }
            if tx.send(Ok(chunk)).await.is_err() {
                return Ok(());
            }
            if self.throttle_bps > 0 {
                let due_s = (pos - self.from) as f64 / self.throttle_bps as f64;
                tokio::time::sleep_until(started + Duration::from_secs_f64(due_s)).await;
            }
        }
        Ok(())
    }

    async fn open(&self) -> Result<Option<File>, Broken> {
        let Content::Path(p) = &self.rec.content else { return Ok(None) };
        let mut f = File::open(p).await.map_err(|_| Broken::from("file vanished"))?;
        let sought = f.seek(SeekFrom::Start(self.from)).await;
        sought.map_err(|_| Broken::from("file cannot be sought"))?;
        Ok(Some(f))
    }

    async fn chunk(&self, file: &mut Option<File>, pos: u64) -> Result<Bytes, Broken> {
        let mut want = ((self.to - pos) as usize).min(CHUNK);
        if self.throttle_bps > 0 {
            want = want.min((self.throttle_bps as usize / 20).max(256));
        }
        if let Some(d) = self.drop_at {
            want = want.min((d - (pos - self.from)).max(1) as usize);
        }
        if let Some(f) = file {
            let mut buf = vec![0; want];
            let n = f.read(&mut buf).await.unwrap_or(0);
            buf.truncate(n);
            if n == 0 {
                return Err("file shorter than promised".into());
            }
            return Ok(buf.into());
        }
        Ok(match &self.rec.content {
            Content::Memory(m) => m.slice(pos as usize..pos as usize + want),
            _ => synthetic(self.rec.hash, pos, want),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(parse_range("bytes=0-9", 100), Ok(Some((0, 9))));
        assert_eq!(parse_range("bytes=90-", 100), Ok(Some((90, 99))));
        assert_eq!(parse_range("bytes=-10", 100), Ok(Some((90, 99))));
        assert_eq!(parse_range("bytes=100-", 100), Err(()));
        assert_eq!(parse_range("lines=1-2", 100), Ok(None));
    }

    #[test]
    fn synthetic_is_deterministic() {
        let a: Vec<u8> = (0..3).flat_map(|i| synthetic(7, i * 10, 10).to_vec()).collect();
        assert_eq!(a, synthetic(7, 0, 30).to_vec());
        assert!(!synthetic(7, BLOCK as u64 - 8, 100).is_empty());
    }
}
