//! Signatures after Standard Webhooks over the id, the time of the attempt and the body: `v1` is HMAC-SHA-256 with the secret, `v1a`
//! is Ed25519, which can be verified without the secret.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};

/// How the text of a secret begins.
const PREFIX: &str = "whsec_";

/// How the text of a public key begins.
const PUBLIC_PREFIX: &str = "whpk_";

/// What the private key of `v1a` is derived from the secret for.
const PURPOSE: &[u8] = b"smsmux v1a";

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

    /// Returns the public key of `v1a`, in the form `whpk_` and base64.
    pub(in crate::gateway) fn public_key(&self) -> Option<String> {
        self.key_pair().map(|pair| format!("{PUBLIC_PREFIX}{}", STANDARD.encode(pair.public_key())))
    }

    /// Returns the key pair of `v1a`, which is derived from the secret, so that both are rotated together.
    fn key_pair(&self) -> Option<Ed25519KeyPair> {
        let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), PURPOSE);
        Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).ok()
    }

    /// Returns the signature by each scheme.
    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signed = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), &signed);
        let v1 = format!("v1,{}", STANDARD.encode(tag));
        match self.key_pair() {
            Some(pair) => format!("{v1} v1a,{}", STANDARD.encode(pair.sign(&signed))),
            // A hash is a seed.
            None => v1,
        }
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

/// Returns the value of `webhook-signature`: the signatures with each secret that is valid.
pub(super) fn signatures(secrets: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signatures: Vec<_> = secrets.iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_vector_of_the_specification_has_its_signature() {
        // From the tests of the reference libraries.
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let signed = signatures(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let (v1, v1a) = signed.split_once(' ').expect("two signatures");
        assert_eq!(v1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(v1a.starts_with("v1a,"));
    }

    #[test]
    fn the_public_key_verifies_a_signature_and_no_other() {
        let secret = SigningSecret::generate().expect("randomness");
        let key = secret.public_key().expect("a key");
        let key = STANDARD.decode(key.strip_prefix("whpk_").expect("the prefix")).expect("base64");
        let key = UnparsedPublicKey::new(&ED25519, key);
        let signed = secret.sign("a", 1, b"x");
        let (_, signature) = signed.split_once("v1a,").expect("a signature");
        let signature = STANDARD.decode(signature).expect("base64");
        assert_eq!(key.verify(b"a.1.x", &signature), Ok(()));
        assert!(key.verify(b"a.2.x", &signature).is_err());
        assert_ne!(SigningSecret::generate().expect("randomness").public_key(), secret.public_key());
    }

    #[test]
    fn every_valid_secret_signs() {
        let [old, new] = [1, 2].map(|_| SigningSecret::generate().expect("randomness"));
        let both = signatures(&[new.clone(), old.clone()], "a", 1, b"x");
        assert_eq!(both, format!("{} {}", new.sign("a", 1, b"x"), old.sign("a", 1, b"x")));
        assert_eq!(both.split(' ').collect::<std::collections::BTreeSet<_>>().len(), 4);
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
