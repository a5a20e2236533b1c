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
    ///
    /// # Errors
    /// CALLER_CREDENTIAL_REFUSED when the caller's is empty.
    pub fn of(extensions: &'a Extensions, configured: &'a SecretString) -> Result<Self, Error> {
        match extensions.get::<CallerCredential>() {
            Some(CallerCredential(secret)) if secret.expose_secret().is_empty() => {
                let text = format!("{METADATA_KEY} is empty");
                Err(Error::new(Reason::CallerCredentialRefused, text).outcome(Outcome::NotSent))
            }
            Some(CallerCredential(secret)) => Ok(Self { secret, callers_own: true }),
            None => Ok(Self { secret: configured, callers_own: false }),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_s_own_comes_first_and_an_empty_one_is_nobody_s() {
        let configured = SecretString::from("configured");
        let of = |callers: Option<&str>| {
            let mut extensions = Extensions::new();
            if let Some(callers) = callers {
                extensions.insert(CallerCredential::new(callers));
            }
            let credential = Credential::of(&extensions, &configured).map_err(|e| e.reason())?;
            Ok((credential.secret.expose_secret().to_owned(), credential.callers_own))
        };
        assert_eq!(of(None), Ok(("configured".to_owned(), false)));
        assert_eq!(of(Some("own")), Ok(("own".to_owned(), true)));
        assert_eq!(of(Some("")), Err(Reason::CallerCredentialRefused));
    }
}
