//! The signature in what IntelePeer pushes. Its pages say that it is an HMAC over the id, the text and the account's secret, and
//! name neither the digest nor the order nor the encoding: all that are likely are tried until the one that matched is
//! configured. Another page says that it is the secret itself: that is believed only if it is configured.

use std::{fmt, str::FromStr};

use base64::{Engine, alphabet, engine};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use ring::hmac as ring_hmac;

/// How a push is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// An HMAC with the secret.
    Hmac(Digest, Order, Encoding),
    /// The secret itself.
    Plain,
}

/// The digest of an HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha512,
    Md5,
}

/// The order of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    IdFirst,
    TextFirst,
}

/// The encoding of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Hex,
    Base64,
}

const DIGESTS: [(Digest, &str); 4] =
    [(Digest::Sha1, "sha1"), (Digest::Sha256, "sha256"), (Digest::Sha512, "sha512"), (Digest::Md5, "md5")];
const ORDERS: [(Order, &str); 2] = [(Order::IdFirst, "refid+message"), (Order::TextFirst, "message+refid")];
const ENCODINGS: [(Encoding, &str); 2] = [(Encoding::Hex, "hex"), (Encoding::Base64, "base64")];
const PLAIN: &str = "plain";

/// Base64 with or without padding.
const BASE64: engine::GeneralPurpose = engine::GeneralPurpose::new(
    &alphabet::STANDARD,
    engine::GeneralPurposeConfig::new().with_decode_padding_mode(engine::DecodePaddingMode::Indifferent),
);

/// What is signed, and the signature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signed<'a> {
    pub(super) refid: &'a str,
    pub(super) message: &'a str,
    pub(super) signature: &'a str,
}

impl Scheme {
    /// Returns every HMAC that a push may be signed by.
    pub(super) fn candidates() -> impl Iterator<Item = Self> {
        DIGESTS.into_iter().flat_map(|(digest, _)| {
            ORDERS.into_iter().flat_map(move |(order, _)| {
                ENCODINGS.into_iter().map(move |(encoding, _)| Self::Hmac(digest, order, encoding))
            })
        })
    }

    /// Whether the signature was made with this secret, compared in constant time.
    pub(super) fn matches(self, secret: &str, signed: Signed<'_>) -> bool {
        let Signed { refid, message, signature } = signed;
        let Self::Hmac(digest, order, encoding) = self else {
            return is_same(secret, signature);
        };
        let Some(tag) = encoding.decode(signature) else { return false };
        let text = match order {
            Order::IdFirst => [refid, message].concat(),
            Order::TextFirst => [message, refid].concat(),
        };
        let algorithm = match digest {
            Digest::Sha1 => ring_hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Digest::Sha256 => ring_hmac::HMAC_SHA256,
            Digest::Sha512 => ring_hmac::HMAC_SHA512,
            Digest::Md5 => {
                let mac = Hmac::<Md5>::new_from_slice(secret.as_bytes());
                return mac.is_ok_and(|mac| mac.chain_update(text).verify_slice(&tag).is_ok());
            }
        };
        let key = ring_hmac::Key::new(algorithm, secret.as_bytes());
        ring_hmac::verify(&key, text.as_bytes(), &tag).is_ok()
    }
}

/// Compares two secrets in constant time: their hashes are compared, whose key is one of them.
pub(super) fn is_same(secret: &str, other: &str) -> bool {
    let key = ring_hmac::Key::new(ring_hmac::HMAC_SHA256, secret.as_bytes());
    let tag = ring_hmac::sign(&key, other.as_bytes());
    ring_hmac::verify(&key, secret.as_bytes(), tag.as_ref()).is_ok()
}

impl Encoding {
    fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => {
                let digits = text.as_bytes();
                let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
                let is_hex = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
                if is_hex { digits.chunks(2).map(byte).collect() } else { None }
            }
            Self::Base64 => BASE64.decode(text).ok(),
        }
    }
}

impl FromStr for Scheme {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == PLAIN {
            return Ok(Self::Plain);
        }
        Self::candidates().find(|scheme| scheme.to_string() == text).ok_or(())
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Hmac(digest, order, encoding) = self else { return f.write_str(PLAIN) };
        let name = |found: Option<&'static str>| found.unwrap_or_default();
        let digest = name(DIGESTS.iter().find(|(one, _)| one == digest).map(|(_, name)| *name));
        let order = name(ORDERS.iter().find(|(one, _)| one == order).map(|(_, name)| *name));
        let encoding = name(ENCODINGS.iter().find(|(one, _)| one == encoding).map(|(_, name)| *name));
        write!(f, "hmac-{digest}:{order}:{encoding}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SECRET: &str = "k3y of the account";

    /// Signatures of `SM01` and `Hello` with the secret, made by Python's hmac.
    const MADE: &[(&str, &str)] = &[
        ("hmac-sha1:refid+message:hex", "dd813981efc5959f8ce35e7353cc156f763ed03c"),
        ("hmac-sha1:refid+message:base64", "3YE5ge/FlZ+M415zU8wVb3Y+0Dw="),
        ("hmac-sha1:message+refid:hex", "19acc531533385f9302086717c9a5ca2f0f6c24a"),
        ("hmac-sha1:message+refid:base64", "GazFMVMzhfkwIIZxfJpcovD2wko="),
        ("hmac-sha256:refid+message:hex", "6f0e976758c6d0a897fbd12db0405d851657d6a330b3a65cbebb227004679518"),
        ("hmac-sha256:refid+message:base64", "bw6XZ1jG0KiX+9EtsEBdhRZX1qMws6ZcvrsicARnlRg="),
        ("hmac-sha256:message+refid:hex", "ded0eb63ef63471a162d62359948f9fbd099874a4128f93b32e1149526faa952"),
        ("hmac-sha256:message+refid:base64", "3tDrY+9jRxoWLWI1mUj5+9CZh0pBKPk7MuEUlSb6qVI="),
        (
            "hmac-sha512:refid+message:hex",
            "d4112ff745de7c6a9f5af7e583383e52c5fb3dbc8813c57b4165393e7e72d51f43144c32593b50b197231c1573780cf9f49145040ce02a7d4d5e2d92fc6f1e18",
        ),
        (
            "hmac-sha512:refid+message:base64",
            "1BEv90XefGqfWvflgzg+UsX7PbyIE8V7QWU5Pn5y1R9DFEwyWTtQsZcjHBVzeAz59JFFBAzgKn1NXi2S/G8eGA==",
        ),
        (
            "hmac-sha512:message+refid:hex",
            "129248dbc9cd994a17c15e4ae72cf80006bff4b0bb2be8883bcfb005cec1cd906e6071871cedcb1e4ec8735760b5090bf7005071dea30b32ad38c0331b58e451",
        ),
        (
            "hmac-sha512:message+refid:base64",
            "EpJI28nNmUoXwV5K5yz4AAa/9LC7K+iIO8+wBc7BzZBuYHGHHO3LHk7Ic1dgtQkL9wBQcd6jCzKtOMAzG1jkUQ==",
        ),
        ("hmac-md5:refid+message:hex", "73bcc9eb70f7018f09872ceca7505d88"),
        ("hmac-md5:refid+message:base64", "c7zJ63D3AY8Jhyzsp1BdiA=="),
        ("hmac-md5:message+refid:hex", "122bdd7da046de5d252e19e41f0813d9"),
        ("hmac-md5:message+refid:base64", "EivdfaBG3l0lLhnkHwgT2Q=="),
    ];

    #[test]
    fn each_of_the_sixteen_is_known_by_its_signature_alone() {
        let all: BTreeSet<_> = Scheme::candidates().map(|scheme| scheme.to_string()).collect();
        assert_eq!(all, MADE.iter().map(|(name, _)| (*name).to_owned()).collect());
        for (name, signature) in MADE {
            let signed = Signed { refid: "SM01", message: "Hello", signature };
            let matching: Vec<_> = Scheme::candidates().filter(|scheme| scheme.matches(SECRET, signed)).collect();
            assert_eq!(matching, [name.parse::<Scheme>().expect("its own name")], "{name}");
            let forged = [
                Signed { refid: "SM02", ..signed },
                Signed { message: "Hello!", ..signed },
                Signed { signature: &signature[2..], ..signed },
                Signed { signature: SECRET, ..signed },
                Signed { signature: "", ..signed },
            ];
            for forged in forged {
                assert!(!Scheme::candidates().any(|scheme| scheme.matches(SECRET, forged)), "{name}: {forged:?}");
            }
            assert!(!Scheme::candidates().any(|scheme| scheme.matches("another", signed)), "{name}");
        }
    }

    #[test]
    fn the_secret_itself_is_a_scheme_of_its_own() {
        let plain = "plain".parse::<Scheme>().expect("a scheme");
        for (signature, right) in [(SECRET, true), ("", false), ("k3y", false)] {
            assert_eq!(plain.matches(SECRET, Signed { refid: "a", message: "b", signature }), right);
        }
        for bad in ["", "hmac", "hmac-sha256", "hmac-sha384:refid+message:hex", "HMAC-SHA256:refid+message:hex"] {
            assert_eq!(bad.parse::<Scheme>(), Err(()), "{bad}");
        }
    }
}
