//! The client's side of a webhook: connections that are kept, and requests as Telegram writes them.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response, body::Incoming, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Largest answer that is read, bytes.
const ANSWER_MAX: usize = 1 << 22;

/// Where updates are posted.
#[derive(Clone, Debug, Default)]
pub struct Target {
    pub url: String,
    host: String,
    port: u16,
    path: String,
    is_http: bool,
}

/// An open connection that no request uses.
pub struct Connection(SendRequest<Full<Bytes>>);

pub struct Answer {
    pub status: u16,
    /// Seconds.
    pub retry_after: Option<u64>,
    pub is_form: bool,
    pub body: Bytes,
}

impl Connection {
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl Target {
    /// `None` for what is no address with a host.
    pub fn parse(url: &str) -> Option<Target> {
        let uri: hyper::Uri = url.parse().ok()?;
        let is_http = uri.scheme_str() == Some("http");
        Some(Target {
            url: url.to_string(),
            host: uri.host()?.trim_matches(['[', ']']).to_string(),
            port: uri.port_u16().unwrap_or(if is_http { 80 } else { 443 }),
            path: uri.path_and_query().map_or("/", |p| p.as_str()).to_string(),
            is_http,
        })
    }

    /// Whether the address is https.
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https:")
    }

    /// Posts an update; gives the connection back when it may be used again.
    pub async fn post(
        &self,
        connection: Option<Connection>,
        secret: &str,
        body: Bytes,
    ) -> Result<(Answer, Option<Connection>), String> {
        let mut sender = match connection {
            Some(Connection(sender)) => sender,
            None => self.connect().await?,
        };
        let mut req = Request::post(self.path.as_str())
            .header(header::HOST, self.host.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "keep-alive")
            .header(header::ACCEPT_ENCODING, "gzip, deflate");
        if !secret.is_empty() {
            req = req.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let req = req.body(Full::new(body)).map_err(|e| e.to_string())?;
        let closed = |_| "Webhook connection closed".to_string();
        sender.ready().await.map_err(closed)?;
        let res = sender.send_request(req).await.map_err(closed)?;
        let answer = read(res).await?;
        // an answer that says "close" ends the connection
        let kept = sender.ready().await.is_ok().then_some(Connection(sender));
        Ok((answer, kept))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        if !self.is_http {
            return Err("Can't create an SSL connection: the simulator has none".to_string());
        }
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|_| "Connection refused".to_string())?;
        let _ = stream.set_nodelay(true);
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_| "Webhook connection closed".to_string())?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

async fn read(res: Response<Incoming>) -> Result<Answer, String> {
    let head = |name| res.headers().get(name).and_then(|v| v.to_str().ok());
    let status = res.status().as_u16();
    let retry_after = head(header::RETRY_AFTER).and_then(|v| v.parse().ok());
    let is_form = head(header::CONTENT_TYPE).is_some_and(|c| c.contains("urlencoded"));
    let body = Limited::new(res.into_body(), ANSWER_MAX)
        .collect()
        .await
        .map_err(|_| "Webhook connection closed".to_string())?
        .to_bytes();
    Ok(Answer { status, retry_after, is_form, body })
}
