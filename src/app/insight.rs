//! What those see who show or judge the program: states, actors, figures.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;

use crate::domain::clock::Clock;
use crate::health::HealthBoard;
use crate::meters::Readings;
use crate::runtime::Roster;

/// Handed to the alerter, the pages and the probes. Cheap to clone.
#[derive(Clone)]
pub struct Insight {
    /// How the components are.
    pub health: HealthBoard,
    /// The actors of this process.
    pub roster: Roster,
    /// The figures of this process.
    pub readings: Readings,
}

impl Insight {
    /// Of a process that starts.
    pub fn new(exporter: PrometheusHandle, clock: Arc<dyn Clock>) -> Self {
        Self {
            health: HealthBoard::new(clock),
            roster: Roster::default(),
            readings: Readings::new(exporter),
        }
    }
}
