//! Signatures after Standard Webhooks: HMAC-SHA-256 over the id, the time of the attempt and the body.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};

/// How the text of a secret begins.
const PREFIX: &str = "whsec_";

/// The bytes of a new secret; those of others are 24 to 64.
const LENGTH: usize = 32;
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret that a receiver verifies webhooks with.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::gateway) struct SigningSecret(Vec<u8>);

impl SigningSecret {
    /// Makes a random secret; `None` if the system has no randomness.
    pub(in crate::gateway) fn generate() -> Option<Self> {
        let mut bytes = vec![0; LENGTH];
        SystemRandom::new().fill(&mut bytes).ok().map(|()| Self(bytes))
    }

    /// Parses a secret in the form `whsec_` and base64.
    pub(in crate::gateway) fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        LENGTHS.contains(&bytes.len()).then_some(Self(bytes))
    }

    /// Returns the secret in that form.
    pub(in crate::gateway) fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut signing = hmac::Context::with_key(&key);
        signing.update(format!("{id}.{timestamp}.").as_bytes());
        signing.update(body);
        format!("v1,{}", STANDARD.encode(signing.sign()))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

/// Returns the value of `webhook-signature`: one signature for each secret that is valid.
pub(super) fn signatures(secrets: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signatures: Vec<_> = secrets.iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_specification_has_its_signature() {
        // From the tests of the reference libraries.
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let signed = signatures(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn every_valid_secret_signs() {
        let [old, new] = [1, 2].map(|_| SigningSecret::generate().expect("randomness"));
        let both = signatures(&[new.clone(), old.clone()], "a", 1, b"x");
        let (of_new, of_old) = both.split_once(' ').expect("two signatures");
        assert_eq!((of_new, of_old), (&*new.sign("a", 1, b"x"), &*old.sign("a", 1, b"x")));
        assert_ne!(of_new, of_old);
    }

    #[test]
    fn a_secret_keeps_its_form_and_is_never_printed() {
        let secret = SigningSecret::generate().expect("randomness");
        let text = secret.reveal();
        assert_eq!(SigningSecret::parse(&text), Some(secret.clone()));
        assert_eq!(format!("{secret:?}"), "SigningSecret(..)");
        let short = format!("whsec_{}", STANDARD.encode([0; 23]));
        let long = format!("whsec_{}", STANDARD.encode([0; 65]));
        for wrong in ["", "whsec_", "whsec_!", &text[6..], &short, &long] {
            assert_eq!(SigningSecret::parse(wrong), None, "{wrong}");
        }
    }
}
