//! Whoever visits the dashboard: with a browser's headers, or without.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use reqwest::header::{COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};

use super::{Bot, BotOptions, PATIENCE, bounded, free_address};

impl BotOptions {
    /// With a dashboard on an address of its own.
    pub fn dashboard(self) -> Self {
        let listen = free_address().to_string();
        self.set("web.listen", &listen)
    }
}

impl Bot {
    /// Where the dashboard is.
    pub fn dashboard_address(&self) -> SocketAddr {
        let listen = self.settings.iter().rfind(|(key, _)| key == "web.listen").unwrap();
        listen.1.parse().expect("a bot with a dashboard")
    }

    /// The link that the bot gives somebody.
    pub async fn link(&mut self, user: i64) -> String {
        let reply = self.say(user, "/dashboard").await;
        let text = reply.text();
        let link = text.split_whitespace().find(|word| word.starts_with("http"));
        link.unwrap_or_else(|| panic!("no link in {text}")).to_owned()
    }

    /// Somebody who has entered the dashboard by a link.
    pub async fn visitor(&mut self, user: i64) -> Visitor {
        let link = self.link(user).await;
        let mut visitor = self.stranger();
        let answer = visitor.enter(&link).await;
        assert_eq!(answer.status(), 303, "{answer:?}");
        assert_eq!(answer.headers()[LOCATION], "/dashboard");
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        visitor.cookie = cookie.split(';').next().unwrap().to_owned();
        let (status, me) = visitor.get("/api/v1/me").await;
        assert_eq!(status, 200, "{me}");
        visitor.csrf = me["csrf"].as_str().unwrap().to_owned();
        visitor
    }

    /// Somebody who has not entered.
    pub fn stranger(&self) -> Visitor {
        self.stranger_at(Ipv4Addr::LOCALHOST)
    }

    /// The same, from this address of the machine's own.
    pub fn stranger_at(&self, address: Ipv4Addr) -> Visitor {
        let client = Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE);
        let client = client.local_address(IpAddr::V4(address)).build().unwrap();
        let base = format!("http://{}", self.dashboard_address());
        Visitor { client, base, cookie: String::new(), csrf: String::new() }
    }
}

/// A browser, as far as the server sees it.
#[derive(Clone)]
pub struct Visitor {
    pub client: Client,
    pub base: String,
    pub cookie: String,
    pub csrf: String,
}

impl Visitor {
    /// A request with the cookie, as this page's own script sends it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        if self.cookie.is_empty() { request } else { request.header(COOKIE, &self.cookie) }
    }

    /// Presses the button that a link leads to.
    pub async fn enter(&self, link: &str) -> Response {
        let (address, key) = link.split_once("?key=").expect("a link with a key");
        self.client
            .post(address)
            .header("Sec-Fetch-Site", "same-origin")
            .header(ORIGIN, "null")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("key={key}"))
            .send()
            .await
            .unwrap()
    }

    /// Asks for something; gives status and JSON.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        told(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// The same under another name of the server.
    pub async fn get_as(&self, host: &str, path: &str) -> u16 {
        let request = self.request(Method::GET, path).header(HOST, host);
        request.send().await.unwrap().status().as_u16()
    }

    /// Does something, as the page does.
    pub async fn act(&self, action: &str, target: &str) -> (u16, Value) {
        let body = json!({"action": action, "target": target});
        told(self.post("/api/v1/actions", &body).send().await.unwrap()).await
    }

    /// Does something that must go well; gives the token with which it can be taken back.
    pub async fn done(&self, action: &str, target: &str) -> Option<String> {
        let (status, answer) = self.act(action, target).await;
        assert_eq!((status, &answer["done"]), (200, &json!(true)), "{action} {target}: {answer}");
        answer["undo"].as_str().map(str::to_owned)
    }

    /// A post as the page sends it.
    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path)
            .header("Sec-Fetch-Site", "same-origin")
            .header(ORIGIN, &self.base)
            .header("X-CSRF", &self.csrf)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// Figures that fit, asked for again and again.
    pub async fn sees(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        bounded(what, async || {
            let (status, state) = self.get("/api/v1/state").await;
            assert_eq!(status, 200, "{state}");
            fits(&state).then_some(state)
        })
        .await
    }

    /// Opens the stream.
    pub async fn listen(&self) -> Listener {
        let response = self.request(Method::GET, "/api/v1/stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Listener { response, heard: Vec::new() }
    }
}

/// Status and JSON of an answer; null where there is none.
async fn told(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// An open stream.
pub struct Listener {
    response: Response,
    heard: Vec<u8>,
}

impl Listener {
    /// The next event: its name and its data; none at the end of the stream.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some(end) = self.heard.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = self.heard.drain(..end + 2).collect();
                if let Some(read) = read(std::str::from_utf8(&event).unwrap()) {
                    return Some(read);
                }
            }
            // A chunk may end within a letter.
            let chunk = self.response.chunk().await.ok()??;
            self.heard.extend_from_slice(&chunk);
        }
    }

    /// The first state that fits.
    pub async fn sees(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let seeing = async {
            loop {
                let (name, state) = self.next().await.expect("a stream that goes on");
                assert_eq!(name, "state");
                if fits(&state) {
                    return state;
                }
            }
        };
        tokio::time::timeout(PATIENCE, seeing)
            .await
            .unwrap_or_else(|_| panic!("listened in vain for {what}"))
    }
}

/// An event; none for comments.
fn read(event: &str) -> Option<(String, Value)> {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
    let name = field("event: ")?.to_owned();
    Some((name, serde_json::from_str(field("data: ")?).unwrap()))
}
