//! A TCP proxy on loopback that can stand still, refuse, cut and lose answers: what a network does.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

/// What becomes of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They pass.
    Pass,
    /// Connections are taken and stay open, but nothing passes in either direction.
    Stall,
    /// Connections are cut, new ones at once.
    Cut,
    /// Everything passes up to a `COMMIT`, which is carried out; then the connection is cut in
    /// place of the answer.
    LoseCommits,
}

/// A proxy in front of a server on this machine. Ends with its value.
pub struct Proxy {
    port: u16,
    mode: watch::Sender<Mode>,
    cuts: watch::Sender<u64>,
}

impl Proxy {
    /// In front of `port`; everything passes.
    pub async fn before(port: u16) -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap(), port)
    }

    fn on(listener: TcpListener, port: u16) -> Self {
        let own = listener.local_addr().unwrap().port();
        let (mode, seen) = watch::channel(Mode::Pass);
        let (cuts, _) = watch::channel(0);
        tokio::spawn(accept(listener, port, seen, cuts.clone()));
        Self { port: own, mode, cuts }
    }

    /// In front of the server that a `scheme://…127.0.0.1:port…` address leads to; gives the
    /// address that leads here instead.
    pub async fn before_url(url: &str) -> (Self, String) {
        let (before, port, after) = parts(url);
        let proxy = Self::before(port).await;
        let url = format!("{before}127.0.0.1:{}{after}", proxy.port);
        (proxy, url)
    }

    /// As [`Self::before_url`], but deaf at first: a connect to it hangs.
    pub async fn deaf_before_url(url: &str) -> (Deaf, String) {
        let (before, port, after) = parts(url);
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody accepts: once the system's queue is full it leaves a connect without an answer.
        let mut queued = Vec::new();
        while let Ok(connected) =
            tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await
        {
            queued.push(connected.unwrap());
        }
        let url = format!("{before}127.0.0.1:{}{after}", address.port());
        (Deaf { listener, queued, port }, url)
    }

    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// How many connections were cut so far.
    pub fn cuts(&self) -> u64 {
        *self.cuts.borrow()
    }
}

/// What stands before the address, the port, and what stands behind it.
fn parts(url: &str) -> (&str, u16, &str) {
    let (before, rest) = url.split_once("127.0.0.1:").expect("an address on loopback");
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (port, after) = rest.split_at(digits);
    (before, port.parse().unwrap(), after)
}

/// A proxy that takes no connections yet.
pub struct Deaf {
    listener: TcpListener,
    /// What fills the system's queue.
    queued: Vec<TcpStream>,
    port: u16,
}

impl Deaf {
    /// Takes connections from now on.
    pub async fn listen(self) -> Proxy {
        for _ in self.queued {
            self.listener.accept().await.unwrap();
        }
        Proxy::on(self.listener, self.port)
    }
}

async fn accept(
    listener: TcpListener,
    port: u16,
    mode: watch::Receiver<Mode>,
    cuts: watch::Sender<u64>,
) {
    loop {
        let mut gone = mode.clone();
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // The proxy's value is gone.
            () = async { while gone.changed().await.is_ok() {} } => return,
        };
        let Ok((client, _)) = accepted else { return };
        tokio::spawn(serve(client, port, mode.clone(), cuts.clone()));
    }
}

async fn serve(
    mut client: TcpStream,
    port: u16,
    mode: watch::Receiver<Mode>,
    cuts: watch::Sender<u64>,
) {
    let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut cutting = mode.clone();
    let is_cut = async { cutting.wait_for(|mode| *mode == Mode::Cut).await.is_ok() };
    let passing = async {
        wait_until_it_flows(&mode).await;
        let mut server = TcpStream::connect(server).await.ok()?;
        Some(pump(&mut client, &mut server, &mode).await)
    };
    let must_cut = tokio::select! {
        cut = is_cut => cut,
        passed = passing => passed == Some(End::Cut),
    };
    if must_cut {
        cuts.send_modify(|count| *count += 1);
        // A reset instead of an end in order.
        let _ = client.set_zero_linger();
    }
}

async fn wait_until_it_flows(mode: &watch::Receiver<Mode>) {
    let mut mode = mode.clone();
    if mode.wait_for(|mode| *mode != Mode::Stall).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    InOrder,
    Cut,
}

async fn pump(client: &mut TcpStream, server: &mut TcpStream, mode: &watch::Receiver<Mode>) -> End {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let (mut question, mut answer) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        tokio::select! {
            read = from_client.read(&mut question) => {
                let Some(piece) = piece(read, &question) else { return End::InOrder };
                wait_until_it_flows(mode).await;
                if to_server.write_all(piece).await.is_err() {
                    return End::InOrder;
                }
                let is_commit = piece.windows(6).any(|word| word == b"COMMIT");
                if is_commit && *mode.borrow() == Mode::LoseCommits {
                    // Carried out, since the server says so; nobody else hears it.
                    let wait = Duration::from_secs(10);
                    let _ = tokio::time::timeout(wait, from_server.read(&mut answer)).await;
                    return End::Cut;
                }
            }
            read = from_server.read(&mut answer) => {
                let Some(piece) = piece(read, &answer) else { return End::InOrder };
                wait_until_it_flows(mode).await;
                if to_client.write_all(piece).await.is_err() {
                    return End::InOrder;
                }
            }
        }
    }
}

/// What was read; `None` at the end.
fn piece(read: std::io::Result<usize>, buffer: &[u8]) -> Option<&[u8]> {
    buffer.get(..read.ok().filter(|count| *count > 0)?)
}
