//! A table of all recipients, page by page.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufWriter};

use crate::app::ServeError;
use crate::domain::ids::BroadcastId;
use crate::store::Db;
use crate::store::records::ExportedRecipient;

/// Recipients of one page.
const PAGE: i64 = 2_000;

/// Writes the table; a file that is there already is left alone.
pub async fn write(db: &Db, id: BroadcastId, file: &Path) -> Result<(), ServeError> {
    let unwritable =
        |source: io::Error| ServeError::System { what: "cannot write the table", source };
    let mut file = BufWriter::new(File::create_new(file).await.map_err(unwritable)?);
    let mut page = "chat_id,state,reason,message_id\r\n".to_owned();
    let mut after = 0;
    loop {
        file.write_all(page.as_bytes()).await.map_err(unwritable)?;
        let recipients = db.recipients_export(id, after, PAGE).await?;
        let Some(last) = recipients.last() else { break };
        after = last.seq;
        page.clear();
        for recipient in &recipients {
            line(&mut page, recipient);
        }
    }
    file.flush().await.map_err(unwritable)
}

/// States and reasons are names of ours, in which nothing needs quotes.
fn line(page: &mut String, recipient: &ExportedRecipient) {
    let ExportedRecipient { chat, state, reason, message, .. } = recipient;
    let message = message.map(|message| message.to_string()).unwrap_or_default();
    // A String takes all that is written.
    let _ = write!(page, "{chat},{state},{reason},{message}\r\n");
}
