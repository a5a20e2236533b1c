//! Opaque tokens that a caller returns: a value, bound to a purpose.
//!
//! Tokens contain no secret and are not signed. A checksum that is the same in every build detects a token that was
//! damaged or created for another request, so that it is rejected instead of misread.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// The version of the format. Tokens of another version are rejected.
const VERSION: char = '1';

/// Creates a token that contains `value` and is valid only for `purpose`.
pub fn seal(value: &impl Serialize, purpose: &impl Serialize) -> String {
    // Serializing texts, numbers and maps with text keys cannot fail.
    let value = serde_json::to_string(value).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(format!("{VERSION}{:016x}{value}", checksum(&value, purpose)))
}

/// Returns the value of a token that [`seal`] created for the same purpose.
pub fn open<T: DeserializeOwned>(token: &str, purpose: &impl Serialize) -> Option<T> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (sum, value) = text.strip_prefix(VERSION)?.split_at_checked(16)?;
    (sum == format!("{:016x}", checksum(value, purpose))).then_some(())?;
    serde_json::from_str(value).ok()
}

/// Hashes a text, for tokens in which the text itself would be too long.
pub fn fingerprint(text: &str) -> u64 {
    fnv(text.bytes())
}

/// Returns FNV-1a over both. The standard library's hasher may differ between builds, and a token outlives a build.
fn checksum(value: &str, purpose: &impl Serialize) -> u64 {
    let purpose = serde_json::to_string(purpose).unwrap_or_default();
    fnv(value.bytes().chain([0]).chain(purpose.bytes()))
}

fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_own_purpose_alone_and_only_whole() {
        let token = seal(&(7, "x"), &("watch", "accounts/acme"));
        assert_eq!(open(&token, &("watch", "accounts/acme")), Some((7, "x".to_owned())));
        assert_eq!(open::<(i32, String)>(&token, &("watch", "accounts/other")), None);
        for i in 0..token.len() {
            let mut damaged = token.clone().into_bytes();
            damaged[i] = if damaged[i] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).expect("ASCII");
            assert_eq!(open::<(i32, String)>(&damaged, &("watch", "accounts/acme")), None, "{damaged}");
            assert_eq!(open::<(i32, String)>(&token[..i], &("watch", "accounts/acme")), None, "{i}");
        }
    }

    #[test]
    fn tokens_stay_the_same_from_one_build_to_the_next() {
        assert_eq!(seal(&5, &"x"), "MWZmODRiMTVkODM0YmVjMzg1");
    }
}
