//! One GET over plain HTTP/1.1: enough for probes on this machine, and nothing else.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// Answers of probes are a word; more is read by nobody.
const ANSWER_MAX: u64 = 16 * 1024;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What follows the head, at most 16 KiB of it.
    pub body: String,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// Only plain http to a host is spoken.
    #[error("not an address as http://127.0.0.1:8080/livez")]
    Address,
    /// No connection, or it broke.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Something else than HTTP came back.
    #[error("the answer is not HTTP")]
    Foreign,
    /// Nothing came back in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
}

/// Gets what is at `address`, within `limit`.
pub async fn get(address: &str, limit: Duration) -> Result<Answer, GetError> {
    let url = Url::parse(address).map_err(|_| GetError::Address)?;
    let (Some(host), Some(port), "http") =
        (url.host_str(), url.port_or_known_default(), url.scheme())
    else {
        return Err(GetError::Address);
    };
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    // An address of IPv6 stands in brackets in a URL, and without them for a connection.
    let target = (host.trim_matches(['[', ']']), port);
    let asking = async {
        let mut stream = TcpStream::connect(target).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(ANSWER_MAX).read_to_end(&mut answer).await?;
        read(&String::from_utf8_lossy(&answer)).ok_or(GetError::Foreign)
    };
    timeout(limit, asking).await.unwrap_or(Err(GetError::Late(limit)))
}

fn read(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.lines().next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?;
    Some(Answer { status: status.parse().ok()?, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_body_are_told_apart() {
        let answer = read("HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\ndraining\n").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (503, "draining\n"));
        assert_eq!(read("SSH-2.0-OpenSSH\r\n\r\n"), None);
    }
}
