//! Everything that a server needs, read from a configuration in one pass that finds every problem.

use std::sync::Arc;

use rustls::ServerConfig;
use toml::Table;

use super::{callers::Callers, tls};
use crate::{
    config::{Config, Fingerprint, Problem, Problems},
    vendors::{self, Vendors},
};

/// A configuration, and the vendors, callers and TLS settings built from it.
pub struct Setup {
    /// The configuration, all of whose keys are read.
    pub config: Config,
    /// The fingerprint of the configuration.
    pub fingerprint: Fingerprint,
    /// Problems that do not prevent serving but need attention.
    pub warnings: Problems,
    pub(super) vendors: Vendors,
    pub(super) callers: Callers,
    /// The TLS settings; `None` for plain text.
    pub(super) tls: Option<Arc<ServerConfig>>,
}

impl Setup {
    /// Reads a configuration.
    ///
    /// # Errors
    /// All problems of the configuration.
    pub fn new(table: Table) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let setup = Self::read(table, &mut problems);
        if problems.is_empty() { Ok(setup) } else { Err(problems) }
    }

    /// Reads a configuration and adds its problems to `problems`. It is valid only if there are none.
    pub fn read(table: Table, problems: &mut Problems) -> Self {
        let fingerprint = Fingerprint::of(&table);
        let mut config = Config::new(table, problems);
        let vendors = vendors::connect(&mut config, problems);
        let callers = Callers::new(&config.callers, &config.account_ids, problems);
        let mut warnings = Problems::new();
        let tls = tls::read(&config, problems, &mut warnings);
        Self { config, fingerprint, warnings, vendors, callers, tls }
    }

    /// Logs the warnings.
    pub fn warn(&self) {
        for Problem { path, text } in &self.warnings {
            tracing::warn!(key = path, "{text}");
        }
    }
}
