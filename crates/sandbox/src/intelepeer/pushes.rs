//! What IntelePeer pushes: received SMS, to the webhook of the number; no reports. **Built from third-hand facts**: the
//! vendor's pages on receiving messages and on securing their webhooks.
//!
//! # Guesses
//!
//! - There are five attempts, as the pages have it, a minute apart, which they do not have. Only the status 200 is a
//!   success.
//! - The webhook that a number has from the start is a sample's, and nothing is pushed there.
//! - `signature` is an HMAC over `refid` and `message` by the account's secret. The pages are known without the sample of
//!   code that shows digest, order and encoding: `PUT /_sandbox/signature` sets them, `hmac-sha256:refid+message:hex` at
//!   first. With the scheme `plain` it is the secret itself, as on an older page, and with `none` there is none.
//! - A received SMS has a `refid` of 32 letters and digits.

use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{IntelePeer, SAMPLE_WEBHOOK};
use crate::control::Command;
use crate::push::{Content, Push, PushKind, Retries};

const RETRIES: Retries = Retries { waits: &[60; 4], accepts: |status| status == StatusCode::OK };

/// The secret of the account at first.
const SECRET: &str = "sandbox-secret";

/// How received SMS are signed.
#[derive(Clone, Debug)]
pub(super) struct Signing {
    scheme: Scheme,
    secret: String,
}

impl Default for Signing {
    fn default() -> Self {
        let scheme = Scheme::Hmac { digest: Digest::Sha256, message_first: false, base64: false };
        Self { scheme, secret: SECRET.to_owned() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
enum Scheme {
    None,
    Plain,
    Hmac { digest: Digest, message_first: bool, base64: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digest {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl FromStr for Scheme {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "expected none, plain, or for example hmac-sha256:refid+message:hex";
        match text {
            "none" => return Ok(Self::None),
            "plain" => return Ok(Self::Plain),
            _ => {}
        }
        let parts: Vec<_> = text.split(':').collect();
        let &[digest, order, encoding] = parts.as_slice() else { return Err(FORM) };
        let digest = match digest {
            "hmac-md5" => Digest::Md5,
            "hmac-sha1" => Digest::Sha1,
            "hmac-sha256" => Digest::Sha256,
            "hmac-sha512" => Digest::Sha512,
            _ => return Err(FORM),
        };
        let message_first = match order {
            "refid+message" => false,
            "message+refid" => true,
            _ => return Err(FORM),
        };
        let base64 = match encoding {
            "hex" => false,
            "base64" => true,
            _ => return Err(FORM),
        };
        Ok(Self::Hmac { digest, message_first, base64 })
    }
}

impl TryFrom<String> for Scheme {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl Signing {
    /// Returns the signature of a received SMS.
    fn sign(&self, refid: &str, message: &str) -> Option<String> {
        let (digest, message_first, base64) = match self.scheme {
            Scheme::None => return None,
            Scheme::Plain => return Some(self.secret.clone()),
            Scheme::Hmac { digest, message_first, base64 } => (digest, message_first, base64),
        };
        let parts = if message_first { [message, refid] } else { [refid, message] };
        let code = match digest {
            Digest::Md5 => code::<Hmac<md5::Md5>>(&self.secret, parts),
            Digest::Sha1 => code::<Hmac<sha1::Sha1>>(&self.secret, parts),
            Digest::Sha256 => code::<Hmac<sha2::Sha256>>(&self.secret, parts),
            Digest::Sha512 => code::<Hmac<sha2::Sha512>>(&self.secret, parts),
        }?;
        Some(match base64 {
            true => STANDARD.encode(code),
            false => code.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}

fn code<M: Mac + KeyInit>(secret: &str, parts: [&str; 2]) -> Option<Vec<u8>> {
    // Every length of a key is valid for an HMAC.
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).ok()?;
    parts.iter().for_each(|part| mac.update(part.as_bytes()));
    Some(mac.finalize().into_bytes().to_vec())
}

/// A change of the signing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    scheme: Option<Scheme>,
    secret: Option<String>,
}

/// Control: sets how received SMS are signed.
pub(super) async fn sign(State(vendor): State<Arc<IntelePeer>>, Command(change): Command<Change>) -> StatusCode {
    let signing = &mut *vendor.signing();
    signing.scheme = change.scheme.unwrap_or(signing.scheme);
    signing.secret = change.secret.unwrap_or_else(|| signing.secret.clone());
    StatusCode::NO_CONTENT
}

/// An incoming SMS.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Incoming {
    from: String,
    to: String,
    text: String,
}

/// Control: receives an SMS on a number of the account.
pub(super) async fn receive(State(vendor): State<Arc<IntelePeer>>, Command(incoming): Command<Incoming>) -> Response {
    let Incoming { from, to, text } = incoming;
    let webhook = match vendor.lines().get(to.as_str()) {
        Some(line) => line.webhook.clone().filter(|webhook| webhook != SAMPLE_WEBHOOK),
        None => return (StatusCode::BAD_REQUEST, format!("{to} is not a number of the account\n")).into_response(),
    };
    let refid = Uuid::now_v7().simple().to_string();
    let mut body = json!({"refid": refid, "from": from, "to": to, "message": text});
    if let Some(signature) = vendor.signing().sign(&refid, &text) {
        body["signature"] = signature.into();
    }
    vendor.pusher.push(Push::new(PushKind::Received, Content::Json(body), RETRIES).to(webhook.as_deref()));
    (StatusCode::CREATED, Json(json!({"id": refid}))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 and RFC 4231 have these digests for the key `Jefe`, in two parts here.
    #[test]
    fn signatures_are_those_of_the_standards_test_vectors() {
        let (refid, message) = ("what do ya want ", "for nothing?");
        for (scheme, expected) in [
            ("hmac-md5:refid+message:hex", "750c783e6ab0b503eaa86e310a5db738"),
            ("hmac-sha1:refid+message:hex", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            ("hmac-sha256:refid+message:hex", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            ("hmac-md5:refid+message:base64", "dQx4PmqwtQPqqG4xCl23OA=="),
            ("plain", "Jefe"),
        ] {
            let signing = Signing { scheme: scheme.parse().unwrap(), secret: "Jefe".to_owned() };
            assert_eq!(signing.sign(refid, message).as_deref(), Some(expected), "{scheme}");
        }
        let reversed = Signing { scheme: "hmac-sha512:message+refid:hex".parse().unwrap(), secret: "Jefe".to_owned() };
        let plain = Signing { scheme: "hmac-sha512:refid+message:hex".parse().unwrap(), ..reversed.clone() };
        assert_eq!(reversed.sign(message, refid), plain.sign(refid, message));
        assert_eq!(Signing { scheme: Scheme::None, ..plain }.sign(refid, message), None);
        for wrong in
            ["", "hmac-sha256", "hmac-sha3:refid+message:hex", "hmac-md5:message:hex", "hmac-md5:refid+message:x"]
        {
            assert!(wrong.parse::<Scheme>().is_err(), "{wrong}");
        }
    }
}
