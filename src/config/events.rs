//! The keys of `[events]`.

use std::path::PathBuf;

use super::{Keys, Network, Problems};

/// The settings of the webhooks that events are delivered to.
#[derive(Debug, Clone)]
pub struct EventsConfig {
    /// The networks that are not public and that webhooks may be sent to all the same, also without TLS.
    pub webhook_networks: Vec<Network>,
    /// A PEM file with the authorities of the receivers' certificates, instead of those of the system.
    pub webhook_ca_file: Option<PathBuf>,
}

impl EventsConfig {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        Self {
            webhook_networks: keys.or("webhook_networks", Vec::new(), problems),
            webhook_ca_file: keys.optional("webhook_ca_file", problems),
        }
    }
}
