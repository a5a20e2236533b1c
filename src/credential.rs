//! The vendor credential that a caller may bring, in the metadata key `smsmux-credential`.

use secrecy::{ExposeSecret, SecretString};
use tonic::Extensions;

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

/// The credential that a call is made with, at vendors where one text is all there is to it.
#[derive(Debug, Clone, Copy)]
pub struct Credential<'a> {
    /// The text.
    pub secret: &'a SecretString,
    /// Whether the caller brought it; else it is the configured one.
    pub callers_own: bool,
}

impl<'a> Credential<'a> {
    /// The caller's own if it brought one, else the account's.
    pub fn of(extensions: &'a Extensions, configured: &'a SecretString) -> Self {
        match extensions.get::<CallerCredential>() {
            Some(CallerCredential(secret)) => Self { secret, callers_own: true },
            None => Self { secret: configured, callers_own: false },
        }
    }

    /// See [`refused`].
    pub fn refused(self) -> (Reason, &'static str) {
        refused(self.callers_own)
    }
}

/// What it means that the vendor does not accept the credential: whose it is decides who can mend that.
pub fn refused(callers_own: bool) -> (Reason, &'static str) {
    match callers_own {
        true => (Reason::CallerCredentialRefused, "the vendor does not accept the credential in smsmux-credential"),
        false => {
            (Reason::AccountCredentialRefused, "the vendor does not accept the configured credential of this account")
        }
    }
}
