//! What looks into files: the inspector as it is configured, and whether its sandbox holds here.

use std::io;
use std::sync::Arc;

use super::serve::ServeError;
use crate::inspect::{InspectLimits, Inspector, Tools};
use crate::runtime::WorkRuntime;
use crate::settings::{self, Settings};
use crate::web::Health;

/// The inspector, with the foreign programs that this machine has.
///
/// # Errors
/// The program cannot find itself.
pub fn inspector(settings: &Settings) -> io::Result<Inspector> {
    let limits = InspectLimits {
        memory_bytes: settings.inspect.memory_bytes(),
        cpu_s: settings.inspect.cpu_s,
        wall: settings.inspect.wall(),
        max_pages: settings.inspect.max_pages,
        max_text_bytes: usize::try_from(settings.inspect.max_text_bytes()).unwrap_or(usize::MAX),
        ..InspectLimits::default()
    };
    let tools = Tools::find(&settings::search_path());
    Ok(Inspector::of_this_program(limits)?.with_tools(tools))
}

/// Makes the inspector and tries its sandbox beside the start, for which nothing waits.
pub(super) fn begin(
    settings: &Settings,
    work: &WorkRuntime,
) -> Result<(Inspector, Arc<Health>), ServeError> {
    let inspector = inspector(settings)
        .map_err(|source| ServeError::System { what: "cannot find this program", source })?;
    let health = Arc::new(Health::good());
    work.spawn_beside(try_sandbox(inspector.clone(), Arc::clone(&health)));
    Ok((inspector, health))
}

/// Tries the sandbox, and says what draws previews.
async fn try_sandbox(inspector: Inspector, health: Arc<Health>) {
    tracing::info!("tools for previews: {}", inspector.tools());
    let begun = tokio::time::Instant::now();
    let sandbox = inspector.self_test().await;
    tracing::debug!(took = ?begun.elapsed(), "the sandbox was tried");
    health.set(sandbox.is_sealed());
    if sandbox.is_sealed() {
        tracing::info!("sandbox: {sandbox}");
    } else if sandbox.is_open() {
        tracing::error!("sandbox open, files of strangers are read without it: {sandbox}");
    } else {
        tracing::warn!("sandbox incomplete, this works behind a single layer: {sandbox}");
    }
}
