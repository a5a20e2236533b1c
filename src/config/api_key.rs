//! API keys of callers: a name and 256 random bits, of which the configuration holds only a keyed hash.
//!
//! The bits are random, so a fast hash is enough: they cannot be guessed, and a slow hash would delay every call. Each
//! hash has its own salt, so that the same API key looks different in two files.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use secrecy::SecretString;

/// The prefix of every key, so that scanners for leaked secrets recognize it.
const PREFIX: &str = "smsmux";

/// The scheme that a hash begins with.
const SCHEME: &str = "hmac-sha256";

/// The length of the salt in bytes.
const SALT: usize = 16;

/// The salted hash of an API key.
#[derive(Clone)]
pub struct KeyHash {
    salt: [u8; SALT],
    key: hmac::Key,
    digest: [u8; 32],
}

/// Generates a key for the caller of this name, and its hash.
///
/// # Errors
/// The system's random number generator failed.
pub fn generate(name: &str) -> Result<(SecretString, KeyHash), String> {
    let (mut secret, mut salt) = ([0; 32], [0; SALT]);
    let random = SystemRandom::new();
    random
        .fill(&mut secret)
        .and_then(|()| random.fill(&mut salt))
        .map_err(|_| "the system's random number generator failed".to_owned())?;
    let text = format!("{PREFIX}_{name}_{}", URL_SAFE_NO_PAD.encode(secret));
    let hash = KeyHash::of(&text, salt);
    Ok((text.into(), hash))
}

/// Returns the caller's name in a key, by which its hash is found.
pub fn name(key: &str) -> Option<&str> {
    let (name, _) = key.strip_prefix(PREFIX)?.strip_prefix('_')?.split_once('_')?;
    Some(name)
}

impl KeyHash {
    fn of(text: &str, salt: [u8; SALT]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &salt);
        let mut digest = [0; 32];
        digest.copy_from_slice(hmac::sign(&key, text.as_bytes()).as_ref());
        Self { salt, key, digest }
    }

    /// Returns a hash that matches no key, to compare for unknown names in the same time.
    pub fn of_nothing() -> Self {
        Self { digest: [0; 32], ..Self::of("", [0; SALT]) }
    }

    /// Parses the form that `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (salt, digest) = text.strip_prefix(SCHEME)?.strip_prefix(':')?.split_once(':')?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let (salt, digest) = (bytes(salt)?.try_into().ok()?, bytes(digest)?.try_into().ok()?);
        Some(Self { digest, ..Self::of("", salt) })
    }

    /// Whether this is the hash of `key`, compared in constant time.
    pub fn is_of(&self, key: &str) -> bool {
        hmac::verify(&self.key, key.as_bytes(), &self.digest).is_ok()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (salt, digest) = (URL_SAFE_NO_PAD.encode(self.salt), URL_SAFE_NO_PAD.encode(self.digest));
        write!(f, "{SCHEME}:{salt}:{digest}")
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(***)")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn only_the_key_itself_matches_its_hash() {
        let (key, hash) = generate("billing").expect("a key");
        let (other, _) = generate("billing").expect("a key");
        assert_ne!(key.expose_secret(), other.expose_secret());
        // 256 bits in base64.
        assert_eq!(key.expose_secret().strip_prefix("smsmux_billing_").map(str::len), Some(43));
        assert_eq!(name(key.expose_secret()), Some("billing"));

        let text = hash.to_string();
        let read = KeyHash::parse(&text).expect("its own form");
        assert!(read.is_of(key.expose_secret()) && !read.is_of(other.expose_secret()) && !read.is_of(""));
        assert_eq!(read.to_string(), text);
        assert!(!KeyHash::of_nothing().is_of("") && !KeyHash::of_nothing().is_of(key.expose_secret()));
        assert!(!format!("{read:?}").contains(&text[12..]));
    }

    #[test]
    fn invalid_keys_and_hashes_are_rejected() {
        for bad in ["", "smsmux", "smsmux_", "smsmux_billing", "other_billing_x"] {
            assert_eq!(name(bad), None, "{bad}");
        }
        let good = generate("a").expect("a key").1.to_string();
        for bad in ["", "hmac-sha256", "hmac-sha256:x:y", &good[1..], &good[..good.len() - 1], "sha256:AAAA:AAAA"] {
            assert!(KeyHash::parse(bad).is_none(), "{bad}");
        }
    }
}
