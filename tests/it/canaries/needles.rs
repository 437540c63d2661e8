//! The spellings of a secret, and where one is found.

use data_encoding::{BASE64, BASE64URL};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Letters of a secret's end that must not be seen either: texts are cut.
const END: usize = 12;

/// A secret that is nowhere else.
#[derive(Debug, Clone)]
pub struct Canary {
    pub name: &'static str,
    pub needles: Vec<Needle>,
}

/// One of its spellings.
#[derive(Debug, Clone)]
pub struct Needle {
    pub spelling: &'static str,
    pub text: String,
}

/// Something that is searched.
pub struct Hay {
    pub place: String,
    pub text: String,
}

impl Hay {
    /// Letters that are none are no secret's.
    pub fn of(place: impl Into<String>, bytes: &[u8]) -> Self {
        Self { place: place.into(), text: String::from_utf8_lossy(bytes).into_owned() }
    }
}

impl Canary {
    pub fn of(name: &'static str, secret: &str) -> Self {
        let plain = percent_decode_str(secret).decode_utf8().unwrap().into_owned();
        // What comes before the colon of a token is no secret.
        let core = if name == "token" { secret.split_once(':').unwrap().1 } else { &plain };
        let quoted = |text: String| text.trim_matches('"').to_owned();
        let mut needles: Vec<Needle> = Vec::new();
        let mut add = |spelling, text: String| {
            if !needles.iter().any(|needle| needle.text == text) {
                needles.push(Needle { spelling, text });
            }
        };
        add("plain", core.to_owned());
        add("as in an address", secret.to_owned());
        add("percent", utf8_percent_encode(core, NON_ALPHANUMERIC).to_string());
        add("json", quoted(serde_json::json!(core).to_string()));
        add("debug", quoted(format!("{core:?}")));
        add("hexadecimal", data_encoding::HEXLOWER.encode(core.as_bytes()));
        for shift in 0..3 {
            add("base64", middle(&BASE64.encode(&shifted(core, shift)), shift));
            add("base64url", middle(&BASE64URL.encode(&shifted(core, shift)), shift));
        }
        let end = core.len() - END.min(core.len());
        let end = (end..core.len()).find(|at| core.is_char_boundary(*at)).unwrap_or(0);
        add("its end", core[end..].to_owned());
        Self { name, needles }
    }
}

/// The same behind other letters.
fn shifted(text: &str, by: usize) -> Vec<u8> {
    [&b"\0\0"[..by], text.as_bytes()].concat()
}

/// Without the letters that depend on what stands before and after.
fn middle(encoded: &str, shift: usize) -> String {
    let begin = [0, 2, 3][shift];
    let end = encoded.trim_end_matches('=').len() - 1;
    encoded[begin..end].to_owned()
}

/// Each place of a secret in something, with what stands around it.
pub fn found(canary: &Canary, hay: &Hay) -> Vec<String> {
    let mut all = Vec::new();
    for Needle { spelling, text } in &canary.needles {
        if let Some(at) = hay.text.find(text.as_str()) {
            let bytes = hay.text.as_bytes();
            let around = at.saturating_sub(150)..(at + text.len() + 60).min(bytes.len());
            let around = String::from_utf8_lossy(&bytes[around]).into_owned();
            all.push(format!("{} ({spelling}) in {}: …{around:?}…", canary.name, hay.place));
        }
    }
    all
}
