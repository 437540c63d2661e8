//! getFile, in the ways of the public server and of the local one.

use super::{ApiError, Done, bad, need};
use crate::bot::Bot;
use crate::files::Content;
use crate::params::Params;
use serde_json::json;

pub async fn get_file(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = need(p, "file_id")?;
    let (kind, ix) = bot
        .files
        .resolve(&id)
        .map_err(|_| bad("Bad Request: wrong file_id or the file is temporarily unavailable"))?;
    let Some(r) = bot.files.get(ix) else {
        return Err(bad("Bad Request: wrong file_id or the file is temporarily unavailable"));
    };
    let (local, public_limit) = {
        let cfg = bot.cfg.read();
        (cfg.local, cfg.download_limit_bytes)
    };
    if r.size > if local { 2000 << 20 } else { public_limit } {
        return Err(bad("Bad Request: file is too big"));
    }
    let path = if local {
        match &r.content {
            Content::Path(p) => p.to_string_lossy().into_owned(),
            c => {
                // local mode hands out real paths: materialize (large synthetic files as holes)
                let dst = bot.spool.join(bot.files.path_of(ix).unwrap_or_default());
                if !dst.exists() {
                    let made = async {
                        if let Some(d) = dst.parent() {
                            tokio::fs::create_dir_all(d).await?;
                        }
                        match c {
                            Content::Memory(b) => tokio::fs::write(&dst, b).await,
                            _ => {
                                let f = tokio::fs::File::create(&dst).await?;
                                f.set_len(r.size).await
                            }
                        }
                    };
                    made.await
                        .map_err(|e| ApiError::new(500, format!("Internal Server Error: {e}")))?;
                }
                dst.to_string_lossy().into_owned()
            }
        }
    } else {
        bot.files.path_of(ix).unwrap_or_default()
    };
    Ok(Done::value(
        &json!({"file_id": bot.files.file_id(kind, ix), "file_unique_id": bot.files.unique_id(r.hash), "file_size": r.size, "file_path": path}),
    ))
}
