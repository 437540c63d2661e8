//! Transfers against a server that breaks off at random bytes, forgets ranges, and changes its mind.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::room::{Request, Room, RoomLimits};
use super::*;
use crate::telegram::{BotToken, Lane, Timeouts};

/// How one request for the file is served.
#[derive(Debug, Clone)]
struct Serving {
    /// Break off behind so many bytes of the answer.
    cut_at: Option<usize>,
    has_ranges: bool,
    /// The content from now on.
    changes_to: Option<Vec<u8>>,
}

const WHOLE: Serving = Serving { cut_at: None, has_ranges: true, changes_to: None };

fn cut(at: usize) -> Serving {
    Serving { cut_at: Some(at), ..WHOLE }
}

#[derive(Default)]
struct Script {
    content: Vec<u8>,
    /// What is served next; then everything whole.
    servings: VecDeque<Serving>,
    /// Where each request for the file began.
    begins: Vec<usize>,
    served: usize,
}

#[derive(Clone)]
struct Server {
    url: String,
    script: Arc<Mutex<Script>>,
}

impl Server {
    async fn start(content: &[u8], servings: Vec<Serving>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script =
            Script { content: content.to_vec(), servings: servings.into(), ..Script::default() };
        let server = Self { url, script: Arc::new(Mutex::new(script)) };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.answer(stream).await;
            }
        });
        server
    }

    async fn answer(&self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let answer = if head.starts_with("post") {
            // The body of the question is of no interest, but must be taken.
            let length = field(&head, "content-length: ").unwrap_or(0);
            stream.read_exact(&mut vec![0; length]).await.unwrap();
            self.location()
        } else {
            self.piece(field(&head, "range: bytes="))
        };
        let _ = stream.write_all(&answer).await;
    }

    fn location(&self) -> Vec<u8> {
        let size = self.script.lock().unwrap().content.len();
        let body = format!(r#"{{"ok":true,"result":{{"file_path":"a/b","file_size":{size}}}}}"#);
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ";
        format!("{head}{}\r\n\r\n{body}", body.len()).into_bytes()
    }

    fn piece(&self, from: Option<usize>) -> Vec<u8> {
        let mut script = self.script.lock().unwrap();
        let serving = script.servings.pop_front().unwrap_or(WHOLE);
        let size = script.content.len();
        let from = from.filter(|_| serving.has_ranges).unwrap_or(0);
        script.begins.push(from);
        if from > 0 && from >= size {
            return b"HTTP/1.1 416 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec();
        }
        let (status, range) = match from {
            0 => (200, String::new()),
            _ => (206, format!("content-range: bytes {from}-{}/{size}\r\n", size - 1)),
        };
        let length = size - from;
        let mut answer = format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\n{range}content-length: {length}\r\n\r\n"
        )
        .into_bytes();
        let sent = serving.cut_at.unwrap_or(length).min(length);
        answer.extend_from_slice(&script.content[from..from + sent]);
        script.served += sent;
        if let Some(content) = serving.changes_to {
            script.content = content;
        }
        answer
    }

    fn begins(&self) -> Vec<usize> {
        self.script.lock().unwrap().begins.clone()
    }
}

fn field(head: &str, name: &str) -> Option<usize> {
    let value = head.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim_end_matches('-').parse().ok()
}

/// A disk on which attempts at one job follow each other.
struct Rig {
    folder: tempfile::TempDir,
    token: std::cell::Cell<i64>,
    limits: DownloadLimits,
}

impl Rig {
    fn new() -> Self {
        let limits = DownloadLimits {
            max_bytes: 64 << 20,
            stall: Duration::from_mins(1),
            total: Duration::from_mins(1),
            pauses: Backoff {
                first: Duration::from_millis(1),
                factor: 1.0,
                max: Duration::from_millis(1),
                jitter: 0.0,
            },
        };
        Self { folder: tempfile::tempdir().unwrap(), token: 0.into(), limits }
    }

    fn blobs(&self) -> BlobStore {
        BlobStore::new(self.folder.path().to_owned(), "school")
    }

    /// The next attempt.
    async fn fetch(&self, server: &Server) -> Result<Fetched, DownloadError> {
        self.token.set(self.token.get() + 1);
        let token = BotToken::parse("4242:CANARY-CANARY-CANARY").unwrap();
        let telegram =
            TelegramClient::new(token, &server.url, Lane::File, Timeouts::default()).unwrap();
        let room = Room::new(RoomLimits {
            transfers: 1,
            quota_bytes: u64::MAX,
            min_free_bytes: 0,
            patience: Duration::ZERO,
            look_every: Duration::from_millis(5),
        });
        let request = Request { uploader: 1, job: 7, size: 16 << 20 };
        let blobs = self.blobs();
        let place = room.take(&blobs, request, || ()).await.unwrap();
        let (progress, _shown) = Progress::new();
        let transfer = Transfer {
            telegram: &telegram,
            blobs: &blobs,
            attempt: AttemptId { job: 7, token: self.token.get() },
            limits: self.limits,
            place: &place,
            unwanted: Unwanted::default(),
            progress: &progress,
            random: || 0.5,
        };
        transfer.fetch("F").await
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("tmp")).map_or(0, Iterator::count)
    }
}

fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut content = vec![0; bytes];
    fastrand::Rng::with_seed(seed).fill(&mut content);
    content
}

fn assert_is(fetched: &Fetched, content: &[u8]) {
    assert!(std::fs::read(fetched.temp.path()).unwrap() == content, "another content");
    assert_eq!(fetched.hash, BlobHash::from(blake3::hash(content)));
    assert_eq!(fetched.size, count(content.len()));
}

#[tokio::test]
async fn a_download_that_is_cut_anywhere_goes_on_there() {
    for seed in 0..20 {
        let mut random = fastrand::Rng::with_seed(seed);
        let content = noise(random.usize(1..1_500_000), seed);
        let cuts: Vec<Serving> =
            (0..random.usize(1..8)).map(|_| cut(random.usize(1..500_000))).collect();
        let server = Server::start(&content, cuts).await;
        let rig = Rig::new();
        let fetched = rig.fetch(&server).await.unwrap();
        assert_is(&fetched, &content);
        let served = server.script.lock().unwrap().served;
        assert_eq!(served, content.len(), "seed {seed}: nothing comes twice");
        drop(fetched);
        assert_eq!(rig.files(), 0);
    }
}

#[tokio::test]
async fn the_next_attempt_goes_on_where_the_last_one_ended() {
    let content = noise(900_000, 1);
    let servings = vec![cut(600_001), cut(0), cut(0), cut(0)];
    let server = Server::start(&content, servings).await;
    let rig = Rig::new();
    let error = rig.fetch(&server).await.unwrap_err();
    assert!(matches!(error, DownloadError::Telegram(_)), "{error:?}");
    assert_eq!(rig.blobs().kept().await.unwrap()[0].length, 600_001);

    assert_is(&rig.fetch(&server).await.unwrap(), &content);
    assert_eq!(server.begins(), [0, 600_001, 600_001, 600_001, 600_001]);
}

/// SIGKILL in mid-transfer: nothing was tidied up, and a new process begins with a sweep.
#[tokio::test]
async fn a_start_after_a_kill_goes_on_too() {
    let content = noise(900_000, 2);
    let server = Server::start(&content, Vec::new()).await;
    let rig = Rig::new();
    let attempt = AttemptId { job: 7, token: 99 };
    let (temp, mut file) = rig.blobs().create_temp(attempt, Some(900_000)).unwrap();
    std::io::Write::write_all(&mut file, &content[..500_000]).unwrap();
    std::mem::forget(temp);
    rig.blobs().sweep(chrono::DateTime::UNIX_EPOCH).await.unwrap();

    assert_is(&rig.fetch(&server).await.unwrap(), &content);
    assert_eq!(server.begins(), [500_000]);
}

#[tokio::test]
async fn a_server_without_ranges_is_listened_to_from_the_beginning() {
    let content = noise(400_000, 3);
    let plain = Serving { has_ranges: false, ..WHOLE };
    let servings = vec![cut(300_000), plain];
    let server = Server::start(&content, servings).await;
    assert_is(&Rig::new().fetch(&server).await.unwrap(), &content);
    assert_eq!(server.begins(), [0, 0]);
}

#[tokio::test]
async fn a_content_of_another_size_is_fetched_anew() {
    for size in [100_000, 250_000, 700_000] {
        let (old, new) = (noise(400_000, 4), noise(size, 5));
        let change = Serving { changes_to: Some(new.clone()), ..cut(200_000) };
        let server = Server::start(&old, vec![change.clone()]).await;
        assert_is(&Rig::new().fetch(&server).await.unwrap(), &new);

        // The same between two attempts.
        let servings = vec![cut(200_000), cut(0), cut(0), Serving { cut_at: Some(0), ..change }];
        let server = Server::start(&old, servings).await;
        let rig = Rig::new();
        rig.fetch(&server).await.unwrap_err();
        assert_is(&rig.fetch(&server).await.unwrap(), &new);
    }
}

#[tokio::test]
async fn what_is_too_large_leaves_nothing() {
    let mut rig = Rig::new();
    rig.limits.max_bytes = 300_000;
    let server = Server::start(&noise(300_001, 6), Vec::new()).await;
    let refused = rig.fetch(&server).await.unwrap_err();
    assert!(matches!(refused, DownloadError::Rejected(Rejection::TooLarge)), "{refused:?}");
    // More than room was made for, which was 16 MiB.
    rig.limits.max_bytes = u64::MAX;
    let server = Server::start(&noise((16 << 20) + 1, 7), Vec::new()).await;
    let larger = rig.fetch(&server).await.unwrap_err();
    assert!(matches!(larger, DownloadError::Larger { size: 16_777_217 }), "{larger:?}");
    assert_eq!(rig.files(), 0);
}

#[tokio::test]
async fn a_transfer_that_takes_too_long_is_kept_for_the_next_attempt() {
    let content = noise(700_000, 8);
    let servings = (0..100_000).map(|_| cut(1)).collect();
    let server = Server::start(&content, servings).await;
    let mut rig = Rig::new();
    rig.limits.total = Duration::from_millis(100);
    let error = rig.fetch(&server).await.unwrap_err();
    assert!(matches!(error, DownloadError::TimedOut(_)), "{error:?}");
    assert_eq!(rig.blobs().kept().await.unwrap().len(), 1);
}

#[test]
fn a_larger_file_has_more_time() {
    let limits = Rig::new().limits;
    assert_eq!(limits.total_for(20 << 20), Duration::from_mins(1));
    assert_eq!(limits.total_for((20 << 20) + 1), Duration::from_secs(61));
    assert_eq!(limits.total_for(2000 << 20), Duration::from_mins(34));
}
