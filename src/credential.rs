//! The vendor credential that a caller may bring, in the metadata key `smsmux-credential`.

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Outcome, Reason};

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

    /// The credential, for a vendor that takes it as it is.
    ///
    /// # Errors
    /// CALLER_CREDENTIAL_REFUSED when it is empty.
    pub fn token(&self) -> Result<SecretString, Error> {
        if self.expose().is_empty() {
            let text = format!("{METADATA_KEY} is empty");
            return Err(Error::new(Reason::CallerCredentialRefused, text).outcome(Outcome::NotSent));
        }
        Ok(self.0.clone())
    }
}

/// What it means that `vendor` does not accept the credential, and how to say so: whose it was decides.
pub fn refused(vendor: &str, callers_own: bool) -> (Reason, String) {
    match callers_own {
        true => (Reason::CallerCredentialRefused, format!("{vendor} does not accept the credential in {METADATA_KEY}")),
        false => {
            let text = format!("{vendor} does not accept the configured credential of this account");
            (Reason::AccountCredentialRefused, text)
        }
    }
}
