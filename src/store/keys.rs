//! The keys of the store: what is looked up by number or idempotency key is hashed, what names people is encrypted.

use std::{fmt, fs, io::Write as _, path::Path};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::{SecureRandom as _, SystemRandom},
};

use super::{Broken, Reader, numbers::NumberKeys, sqlite};
use crate::config::{Secret, StoreConfig};

/// The first byte of a value that is not encrypted.
const PLAIN: u8 = 0;

/// The first byte of a value that is encrypted: then come the nonce, the cipher text and the tag.
const SEALED: u8 = 1;

/// The first 16 bytes of a keyed hash, see [`super::Store::digest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

/// The keys of a store.
pub(super) struct Keys {
    hash: hmac::Key,
    pub(super) numbers: NumberKeys,
    seal: Option<LessSafeKey>,
    random: SystemRandom,
}

impl Keys {
    /// Makes the keys of a store that has this hash key.
    pub(super) fn of(config: &StoreConfig, hash_key: &str) -> Self {
        let numbers = NumberKeys::new(config.number_keys.iter().map(Secret::expose), hash_key);
        Self { numbers, ..Self::new(hash_key, config.seal_key.as_ref().map(Secret::expose)) }
    }

    /// Makes keys from these texts.
    pub(super) fn new(hash: &str, seal: Option<&str>) -> Self {
        let seal = seal.and_then(|seal| {
            let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, seal.as_bytes()), b"smsmux store seal 1");
            UnboundKey::new(&AES_256_GCM, key.as_ref()).ok().map(LessSafeKey::new)
        });
        let numbers = NumberKeys::new(std::iter::empty(), hash);
        Self { hash: hmac::Key::new(hmac::HMAC_SHA256, hash.as_bytes()), numbers, seal, random: SystemRandom::new() }
    }

    /// Checks whether these are the keys of a store, which has the hash key or not.
    ///
    /// # Errors
    /// Which keys it needs, as a sentence about the store.
    pub(super) fn check(&self, has_hash_key: bool, reader: &mut dyn Reader) -> Result<(), String> {
        if !has_hash_key {
            return Err("was made with another hash_key (or key file)".to_owned());
        }
        let missed = self.numbers.missed(reader).map_err(|broken| format!("cannot be used: {broken}"))?;
        if missed.is_empty() {
            return Ok(());
        }
        let missed: Vec<_> = missed.into_iter().collect();
        Err(format!(
            "has {} under a key of phone numbers that store.number_keys lacks (hash_key, or the key file, where \
             number_keys was not set): put it after the first one, see Rotation in docs/operations.md",
            missed.join(", ")
        ))
    }

    /// Whether there is a key for encryption.
    pub(super) fn encrypts(&self) -> bool {
        self.seal.is_some()
    }

    /// Hashes parts. `purpose` keeps hashes of different things apart.
    pub(super) fn digest(&self, purpose: &str, parts: &[&[u8]]) -> Digest {
        digest(&self.hash, purpose, parts)
    }

    /// Hashes a phone number.
    pub(super) fn number(&self, number: &str) -> Digest {
        self.numbers.hashes(number).next().unwrap_or(Digest([0; 16]))
    }

    /// Hashes a phone number with each key after the first.
    pub(super) fn older_numbers(&self, number: &str) -> impl Iterator<Item = Digest> {
        self.numbers.hashes(number).skip(1)
    }

    /// Encrypts a value that belongs to `owner`, for example a write, if there is a key for that.
    ///
    /// # Errors
    /// The system has no random numbers, or the value is larger than 64 GB.
    pub(super) fn seal(&self, owner: &[u8], plain: &[u8]) -> Result<Vec<u8>, Broken> {
        let mut value = Vec::with_capacity(1 + NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        let Some(key) = &self.seal else {
            value.push(PLAIN);
            value.extend_from_slice(plain);
            return Ok(value);
        };
        let failed = |_| Broken::Away("the value cannot be encrypted".to_owned());
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(failed)?;
        value.push(SEALED);
        value.extend_from_slice(&nonce);
        let start = value.len();
        value.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key.seal_in_place_separate_tag(nonce, Aad::from(owner), &mut value[start..]).map_err(failed)?;
        value.extend_from_slice(tag.as_ref());
        Ok(value)
    }

    /// Returns a value in plain text. An empty one was erased, and stays empty.
    ///
    /// # Errors
    /// The value is encrypted, and there is no key or another one.
    pub(super) fn open(&self, owner: &[u8], value: &[u8]) -> Result<Vec<u8>, Broken> {
        let failed =
            || Broken::Away("a stored value cannot be decrypted: store.seal_key is missing or wrong".to_owned());
        match value.split_first() {
            None => Ok(Vec::new()),
            Some((&PLAIN, plain)) => Ok(plain.to_vec()),
            Some((_, sealed)) => {
                let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(failed)?;
                let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failed())?;
                let key = self.seal.as_ref().ok_or_else(failed)?;
                let mut text = text.to_vec();
                let length = key.open_in_place(nonce, Aad::from(owner), &mut text).map_err(|_| failed())?.len();
                text.truncate(length);
                Ok(text)
            }
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(***)")
    }
}

/// Hashes parts with a key.
pub(super) fn digest(key: &hmac::Key, purpose: &str, parts: &[&[u8]]) -> Digest {
    let mut context = hmac::Context::with_key(key);
    for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
        // The length makes the encoding unambiguous.
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part);
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&context.sign().as_ref()[..16]);
    Digest(digest)
}

/// Reads the key file beside a store, or makes it with a random key. Only its owner can read it.
///
/// # Errors
/// The file cannot be read or written.
pub(super) fn key_file(store: &Path) -> Result<String, String> {
    if let Some(key) = read_key_file(store)? {
        return Ok(key);
    }
    let path = sqlite::beside(store, ".key");
    let key = random_key()?;
    // Under another name first: half a key must not be taken for one.
    let unfinished = sqlite::beside(store, ".key.new");
    let write = || {
        let mut file = sqlite::private_file(&unfinished, false)?;
        file.set_len(0)?;
        writeln!(file, "{key}")?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        sqlite::sync_directory(&path)
    };
    write().map_err(|e| cannot_use(&path, &e))?;
    Ok(key)
}

/// Reads the key file beside a store, if there is one.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read_key_file(store: &Path) -> Result<Option<String>, String> {
    let path = sqlite::beside(store, ".key");
    match fs::read_to_string(&path) {
        Ok(key) => Ok(Some(key.trim_end().to_owned())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(cannot_use(&path, &e)),
    }
}

fn cannot_use(path: &Path, error: &std::io::Error) -> String {
    format!("cannot use its key file {}: {error}", path.display())
}

/// Returns a random key as text.
///
/// # Errors
/// The system has no random numbers.
pub(super) fn random_key() -> Result<String, String> {
    let mut key = [0_u8; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| "the system has no random numbers".to_owned())?;
    Ok(crate::text::hex(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &[u8] = &[7];

    #[test]
    fn a_value_is_opened_with_its_key_for_its_owner_only() {
        let (sealing, plain) = (Keys::new("h", Some("a")), Keys::new("h", None));
        for text in [&b""[..], b"+393331234567"] {
            let sealed = sealing.seal(ID, text).expect("sealed");
            assert_eq!(sealing.open(ID, &sealed).expect("opened"), text);
            assert!(sealed[0] == SEALED && (text.is_empty() || !sealed.windows(text.len()).any(|part| part == text)));
            sealing.open(&[8], &sealed).expect_err("another owner");
            Keys::new("h", Some("b")).open(ID, &sealed).expect_err("another key");
            plain.open(ID, &sealed).expect_err("no key");
            sealing.open(ID, &sealed[..sealed.len() - 1]).expect_err("cut");
            // A key may be added to a store that had none.
            assert_eq!(sealing.open(ID, &plain.seal(ID, text).expect("plain")).expect("opened"), text);
        }
        assert_eq!(plain.open(ID, b"").expect("erased"), b"");
    }

    #[test]
    fn a_digest_depends_on_key_purpose_and_parts() {
        let keys = Keys::new("h", None);
        let digest = keys.digest("to", &[b"ab", b"c"]);
        assert_eq!(digest, keys.digest("to", &[b"ab", b"c"]));
        for other in [
            keys.digest("to", &[b"a", b"bc"]),
            keys.digest("key", &[b"ab", b"c"]),
            Keys::new("i", None).digest("to", &[b"ab", b"c"]),
        ] {
            assert_ne!(digest, other);
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_private() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = directory.path().join("smsmux.db");
        let key = key_file(&store).expect("made");
        assert_eq!((key.len(), key_file(&store).expect("read")), (64, key));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(directory.path().join("smsmux.db.key")).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
