//! What IntelePeer pushes, after the vendor's other pages: received SMS, which may be signed. It pushes no delivery reports.

use std::sync::OnceLock;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Request, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    IntelePeer,
    signature::{Scheme, Signed, is_same},
};
use crate::{
    api::{
        NumberService,
        pb::{GetNumberWebhookRequest, ReceivedMessage, SetNumberWebhookRequest},
    },
    call::Call,
    config::{AccountConfig, Problems, Secret},
    error::{Error, Reason},
    request::{
        check::{is_e164, to_e164},
        names,
    },
    vendors::kit::{
        lenient::{Id, Kept, Lenient},
        pushed::{Key, Pushed, Received, Registered, Registration, Webhook, objects, unreadable},
    },
};

const INSTRUCTIONS: &str = "call SetNumberWebhook with this URL for each number, or set webhook_numbers and webhook_register\n\
                            with push_login, write the login into the URL: https://USER:PASSWORD@...";

/// What proves that a push comes from IntelePeer.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// The secret of the account that signatures are made with.
    secret: Option<SecretString>,
    /// How they are made; `None` while that is not known.
    scheme: Option<Scheme>,
    /// `USER:PASSWORD` in the webhook's URL, which IntelePeer sends by HTTP Basic.
    login: Option<SecretString>,
    /// The scheme that matched first.
    learned: OnceLock<Scheme>,
}

impl Proof {
    /// Reads the keys `push_secret`, `push_signature` and `push_login`.
    pub(super) fn read(account: &mut AccountConfig, problems: &mut Problems) -> Self {
        let keys = &mut account.keys;
        let has_secret = keys.has("push_secret");
        let secret = keys.optional::<Secret>("push_secret", problems).map(Secret::into_inner);
        let name = keys.optional::<String>("push_signature", problems);
        let scheme = name.as_deref().and_then(|name| name.parse().ok());
        if name.is_some() && scheme.is_none() {
            let text = "must be plain, or a digest, an order and an encoding such as hmac-sha256:refid+message:hex; the \
                        log has the one that matched";
            keys.problem("push_signature", text, problems);
        }
        if name.is_some() && !has_secret {
            keys.problem("push_secret", "is required with push_signature", problems);
        }
        let login = keys.optional::<Secret>("push_login", problems).map(Secret::into_inner);
        if login.as_ref().is_some_and(|login| !login.expose_secret().contains(':')) {
            keys.problem("push_login", "must be of the form USER:PASSWORD", problems);
        }
        Self { secret, scheme, login, learned: OnceLock::new() }
    }

    /// Checks the login and the signature, and returns whether there was anything to check.
    fn check(&self, account: &str, push: &Request<Bytes>, signed: Option<Signed<'_>>) -> Result<bool, Error> {
        let refused =
            |what: &str| Err(Error::new(Reason::CallerNotAuthenticated, format!("the push has no valid {what}")));
        if let Some(login) = &self.login {
            let given = push.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            let given =
                given.and_then(|value| value.strip_prefix("Basic ")).and_then(|text| STANDARD.decode(text).ok());
            let given = given.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
            if !is_same(login.expose_secret(), &given) {
                return refused("login");
            }
        }
        if let (Some(secret), Some(signed)) = (&self.secret, signed) {
            let matches = |scheme: &Scheme| scheme.matches(secret.expose_secret(), signed);
            match self.scheme {
                Some(scheme) if matches(&scheme) => {}
                None => match Scheme::candidates().find(matches) {
                    Some(scheme) => self.learn(account, scheme),
                    None => return refused("signature"),
                },
                Some(_) => return refused("signature"),
            }
        }
        Ok(self.login.is_some() || self.secret.is_some())
    }

    /// Logs the first scheme that matched, to be configured.
    fn learn(&self, account: &str, scheme: Scheme) {
        self.learned.get_or_init(|| {
            tracing::info!(account, push_signature = %scheme, "a signature matched: set push_signature to accept no other");
            scheme
        });
    }
}

#[async_trait]
impl Webhook for IntelePeer {
    fn parse(&self, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
        parse(&self.name, &self.proof, push)
    }

    fn instructions(&self) -> &'static str {
        INSTRUCTIONS
    }

    /// Reads the webhooks of the numbers in `webhook_numbers`, as the vendor lists no numbers.
    async fn registered(&self, call: &Call, url: &str) -> Result<Vec<Registered>, Error> {
        let own = self.proof.with_login(url);
        let mut registered = Vec::new();
        for number in &self.webhook_numbers {
            let place = self.name_of(number);
            let read = self.get_number_webhook(call, GetNumberWebhookRequest { name: place.clone() }).await?;
            let url = read.number.unwrap_or_default().webhook_url;
            registered.push(Registered { is_current: !url.is_empty() && url == own, place, url });
        }
        Ok(registered)
    }

    async fn register(&self, call: &Call, url: &str) -> Result<Vec<Registration>, Error> {
        let webhook_url = self.proof.with_login(url);
        let mut done = Vec::new();
        for Registered { place, url, is_current } in self.registered(call, url).await? {
            if !is_current {
                let request = SetNumberWebhookRequest { name: place.clone(), webhook_url: webhook_url.clone() };
                self.set_number_webhook(call, request).await?;
            }
            done.push(Registration { place, replaced: (!is_current).then_some(url) });
        }
        Ok(done)
    }
}

impl Proof {
    /// Adds the login to the webhook's URL.
    fn with_login(&self, url: &str) -> String {
        let login = self.login.as_ref().and_then(|login| login.expose_secret().split_once(':'));
        let Some(((user, password), mut parsed)) = login.zip(url::Url::parse(url).ok()) else { return url.to_owned() };
        let is_set = parsed.set_username(user).and_then(|()| parsed.set_password(Some(password)));
        is_set.map_or_else(|()| url.to_owned(), |()| parsed.to_string())
    }
}

/// Reads the numbers whose webhook is registered.
pub(super) fn numbers(account: &mut AccountConfig, problems: &mut Problems) -> Vec<String> {
    let numbers: Vec<String> = account.keys.or("webhook_numbers", Vec::new(), problems);
    if !numbers.iter().all(|number| is_e164(number)) {
        account.keys.problem("webhook_numbers", "must be numbers in E.164 form, such as +17205550100", problems);
    }
    numbers
}

/// A received SMS.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Push {
    refid: Id,
    from: Lenient<String>,
    to: Lenient<String>,
    message: Kept,
    signature: Lenient<String>,
}

/// Reads a push to `account`.
pub(super) fn parse(account: &str, proof: &Proof, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    let pushes = objects::<Push>(push)?;
    if pushes.iter().all(|push| push.as_ref().is_none_or(|push| push.refid.0.is_none())) {
        // So that only a push that proves its origin is stored, also if it cannot be read.
        proof.check(account, push, None)?;
        return Err(unreadable());
    }
    let read = |one: Option<Push>| {
        let Push { refid, from, to, message, signature } = one.unwrap_or_default();
        let (Some(refid), Some(text)) = (refid.0, message.0) else { return Err(unreadable()) };
        let signature = signature.0.unwrap_or_default();
        let signed = Signed { refid: &refid, message: &text, signature: &signature };
        let is_authentic = proof.check(account, push, Some(signed))?;
        let message = ReceivedMessage {
            name: names::child(account, "receivedMessages", &refid),
            from: to_e164(from.0.unwrap_or_default()),
            // A short code is `1-12345`.
            to: to_e164(to.0.unwrap_or_default()),
            text,
            ..ReceivedMessage::default()
        };
        Ok(Pushed::Received(Received { message, key: Key::Id(refid), part: None, is_authentic }))
    };
    pushes.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::kit::pushed::tests::{get, post};

    const ACCOUNT: &str = "accounts/us";
    const PUSH: &str = r#"{"refid": "SM01", "from": "+12125550123", "to": "1-12345", "message": "Hello", "signature":
                          "@"}"#;

    fn secret(text: &str) -> Option<SecretString> {
        Some(text.into())
    }

    fn received(is_authentic: bool) -> Vec<Pushed> {
        let message = ReceivedMessage {
            name: "accounts/us/receivedMessages/SM01".to_owned(),
            from: "+12125550123".to_owned(),
            to: "1-12345".to_owned(),
            text: "Hello".to_owned(),
            ..ReceivedMessage::default()
        };
        vec![Pushed::Received(Received { message, key: Key::Id("SM01".to_owned()), part: None, is_authentic })]
    }

    fn signed(signature: &str) -> Request<Bytes> {
        post(&PUSH.replace('@', signature))
    }

    #[test]
    fn a_push_is_read_without_a_proof_where_none_is_configured() {
        assert_eq!(parse(ACCOUNT, &Proof::default(), &signed("")).expect("read"), received(false));
        let push = get("refid=SM01&from=%2B12125550123&to=1-12345&message=Hello");
        assert_eq!(parse(ACCOUNT, &Proof::default(), &push).expect("read"), received(false));
    }

    #[test]
    fn a_signature_is_found_out_first_and_only_that_one_counts_once_it_is_configured() {
        let of = |scheme: Option<&str>| Proof {
            secret: secret("k3y of the account"),
            scheme: scheme.map(|name| name.parse().expect("a scheme")),
            ..Proof::default()
        };
        let sha1 = "dd813981efc5959f8ce35e7353cc156f763ed03c";
        let learning = of(None);
        assert_eq!(parse(ACCOUNT, &learning, &signed(sha1)).expect("signed"), received(true));
        assert_eq!(learning.learned.get().map(ToString::to_string).as_deref(), Some("hmac-sha1:refid+message:hex"));
        let pinned = of(Some("hmac-sha1:refid+message:hex"));
        assert_eq!(parse(ACCOUNT, &pinned, &signed(sha1)).expect("signed"), received(true));
        for (proof, signature) in [
            (of(None), ""),
            (of(None), "k3y of the account"),
            (of(Some("hmac-sha256:refid+message:hex")), sha1),
            (of(Some("plain")), sha1),
        ] {
            let error = parse(ACCOUNT, &proof, &signed(signature)).expect_err(signature);
            assert_eq!(error.reason(), Reason::CallerNotAuthenticated);
        }
        let plain = parse(ACCOUNT, &of(Some("plain")), &signed("k3y of the account"));
        assert_eq!(plain.expect("signed"), received(true));
    }

    #[test]
    fn the_login_in_the_url_is_checked_also_of_what_cannot_be_read() {
        let proof = Proof { login: secret("smsmux:s3cret"), ..Proof::default() };
        let with = |body: &str, login: &str| {
            let mut push = post(body);
            let value = format!("Basic {}", STANDARD.encode(login)).parse().expect("a header");
            push.headers_mut().insert(header::AUTHORIZATION, value);
            push
        };
        assert_eq!(parse(ACCOUNT, &proof, &with(PUSH, "smsmux:s3cret")).expect("read"), received(true));
        for (push, reason) in [
            (with(PUSH, "smsmux:other"), Reason::CallerNotAuthenticated),
            (post(PUSH), Reason::CallerNotAuthenticated),
            (post("{}"), Reason::CallerNotAuthenticated),
            (with("{}", "smsmux:s3cret"), Reason::VendorReplyUnreadable),
        ] {
            assert_eq!(parse(ACCOUNT, &proof, &push).expect_err("rejected").reason(), reason, "{push:?}");
        }
        assert_eq!(proof.with_login("https://a.example/us/t"), "https://smsmux:s3cret@a.example/us/t");
        assert_eq!(Proof::default().with_login("https://a.example/us/t"), "https://a.example/us/t");
    }
}
