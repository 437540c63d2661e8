//! What of a call does not fit the schema.

use crate::params::{PV, Params};
use crate::spec::{Field, Method, Ty, check_limits, spec};
use serde_json::Value;

/// Errors that a correct program never provokes (as opposed to a message that is gone, say).
pub fn is_format_error(d: &str) -> bool {
    const MARKS: [&str; 15] = [
        "can't parse",
        "is too long",
        "text is empty",
        "must be non-empty",
        "BUTTON_",
        "BOT_COMMAND",
        "is empty",
        "expected",
        "wrong remote file",
        "file is too big",
        "unsupported",
        "too many",
        "RESULT_",
        "not specified",
        "must be",
    ];
    MARKS.iter().any(|m| d.contains(m))
}

/// Everything that does not fit the schema.
pub fn validate(m: &Method, p: &Params) -> Vec<String> {
    let mut out = vec![];
    for (name, v) in &p.items {
        match m.field(name) {
            Some(f) => check_value(name, v, f, p.typed, &mut out),
            None if matches!(v, PV::File(_)) && is_attached(name, p) => {}
            None => out.push(format!("{name}: unknown parameter")),
        }
    }
    for f in &m.fields {
        if f.required && !p.has(&f.name) {
            let emptied = p.find(&f.name).is_some();
            out.push(format!("{}: {}", f.name, if emptied { "empty" } else { "missing" }));
        }
    }
    out
}

/// Whether another parameter refers to the file by `attach://`.
fn is_attached(name: &str, p: &Params) -> bool {
    let reference = format!("attach://{name}");
    p.items.iter().any(|(_, x)| match x {
        PV::Str(t) => t.contains(&reference),
        PV::Json(j) => j.to_string().contains(&reference),
        PV::File(_) => false,
    })
}

fn check_value(name: &str, v: &PV, f: &Field, typed: bool, out: &mut Vec<String>) {
    let complex = f.types.iter().any(|t| matches!(t, Ty::Array(_) | Ty::Obj(_)));
    match v {
        PV::Json(Value::Null) => out.push(format!("{name}: null")),
        PV::Json(j) => {
            spec().check(name, j, &f.types, out);
            check_limits(name, j, f, out);
        }
        PV::File(_) => {
            if !f.types.contains(&Ty::InputFile) && !complex {
                out.push(format!("{name}: a file is not expected"));
            }
        }
        PV::Str(t) => check_string(name, t, f, complex, typed, out),
    }
}

/// A string, which in the encodings without types may stand for any type.
fn check_string(name: &str, t: &str, f: &Field, complex: bool, typed: bool, out: &mut Vec<String>) {
    let has = |t: &Ty| f.types.contains(t);
    let s = spec();
    if has(&Ty::Str) || has(&Ty::InputFile) {
        if !f.limits.is_empty() || f.only.is_some() {
            check_limits(name, &Value::from(t), f, out);
        }
    } else if complex {
        // a JSON-serialized object is right in every encoding
        match serde_json::from_str::<Value>(t) {
            Ok(j) => {
                s.check(name, &j, &f.types, out);
                check_limits(name, &j, f, out);
            }
            Err(_) => out.push(format!("{name}: not JSON")),
        }
    } else if typed {
        out.push(format!("{name}: expected {}, got a string", s.type_name(&f.types[0])));
    } else if has(&Ty::Int) {
        match t.trim().parse::<i64>() {
            Ok(n) => check_limits(name, &Value::from(n), f, out),
            Err(_) => out.push(format!("{name}: not an integer")),
        }
    } else if has(&Ty::Float) {
        if t.trim().parse::<f64>().is_err() {
            out.push(format!("{name}: not a number"));
        }
    } else if has(&Ty::Bool) && !is_boolean(t) {
        out.push(format!("{name}: not a boolean"));
    }
}

fn is_boolean(t: &str) -> bool {
    matches!(t.to_ascii_lowercase().as_str(), "true" | "false" | "1" | "0" | "yes" | "no")
}
