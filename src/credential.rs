//! The vendor credential that a caller may bring, in the metadata key `smsmux-credential`.

use secrecy::{ExposeSecret, SecretString};

/// The metadata key.
pub const METADATA_KEY: &str = "smsmux-credential";

/// A vendor credential that came with a call. It rides in the request's extensions, where the account allows it.
#[derive(Debug, Clone)]
pub struct CallerCredential(SecretString);

impl CallerCredential {
    /// Wraps what the metadata held.
    pub fn new(value: impl Into<SecretString>) -> Self {
        Self(value.into())
    }

    /// The credential itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}
