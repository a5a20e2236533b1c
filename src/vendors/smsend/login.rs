//! Authenticates calls to smSend: a user key and either a session key or an access token, in two headers.

use std::sync::Arc;

use http::{HeaderName, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::wire;
use crate::{
    call::{CREDENTIAL_KEY, Call},
    config::{self, Problems},
    error::{Error, Outcome, Reason},
    vendors::kit::{
        Client, Reply, Request,
        session::Session,
        shared_login::{self, LoginText},
    },
};

// The document spells them `user_key`, `Session_key` and `Access_token`: header names are case-insensitive (RFC 9110),
// but have underscores here, which its Perl sample insists on.
const USER_KEY: HeaderName = HeaderName::from_static("user_key");
const SESSION_KEY: HeaderName = HeaderName::from_static("session_key");
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("access_token");

/// The form of smSend's own credential, for error texts.
const FORM: &str = "USER_KEY;ACCESS_TOKEN, both of visible ASCII without spaces";

/// The maximum length of a key: anything longer is not a key, and would not fit into the headers of a request.
const LONGEST_KEY: usize = 1024;

/// Which of the two documented logins is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// `GET /login`: expires after five idle minutes.
    Session,
    /// `GET /token`: does not expire.
    Token,
}

impl Kind {
    fn operation(self) -> &'static str {
        match self {
            Self::Session => "GET /login",
            Self::Token => "GET /token",
        }
    }
}

/// The keys that smSend returned for a username and a password.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) kind: Kind,
    pub(super) user_key: SecretString,
    pub(super) key: SecretString,
}

impl Login {
    /// Logs in. smSend answers plain text, `USER_KEY;KEY`, 404 for bad credentials, and 400 with a text for other
    /// errors. Any other answer, such as a proxy's page, proves nothing about the credentials.
    pub(super) async fn make(
        call: &Call,
        http: &Client,
        kind: Kind,
        username: &str,
        password: &SecretString,
    ) -> Result<Self, Refusal> {
        let request = Request::new(kind.operation()).query("username", username).secret_query("password", password);
        let reply = http.send(call, &request).await?;
        let status = reply.status();
        if status.is_success() {
            let keys = Keys::read(reply.text());
            let unreadable = || reply.unreadable("the login is not of the form USER_KEY;KEY");
            return Ok(keys.ok_or_else(unreadable)?.of(kind));
        }
        if !is_of_smsend(&reply) {
            return Err(reply.unreadable("it is not from smSend, but for example from a proxy").into());
        }
        let (reason, message) = match status {
            StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED => return Err(Refusal::Credentials(reply)),
            StatusCode::BAD_REQUEST => (Reason::VendorRefused, "smSend refused the login"),
            StatusCode::FORBIDDEN => (Reason::VendorDenied, "smSend does not permit the login"),
            _ => return Err(reply.unreadable("its status has no meaning for a login").into()),
        };
        Err(reply.refused(reason, message, &wire::failure_text(&reply)).into())
    }

    /// Parses an opaque credential: what [`Login::credential`] returned, or smSend's own `USER_KEY;ACCESS_TOKEN`.
    pub(super) fn parse(credential: &str) -> Result<Self, Error> {
        let credential = wire::unquoted(credential.trim());
        let (kind, pair) = match credential.split_once(':') {
            Some(("session", pair)) => (Kind::Session, pair),
            Some(("token", pair)) => (Kind::Token, pair),
            _ => (Kind::Token, credential),
        };
        Keys::read(pair).map(|keys| keys.of(kind)).ok_or_else(|| {
            let text = format!("{CREDENTIAL_KEY} is neither what AuthService returned nor of the form {FORM}");
            Error::new(Reason::CallerCredentialRefused, text).outcome(Outcome::NotSent)
        })
    }

    /// Returns the opaque credential that a caller may send.
    pub(super) fn credential(&self) -> String {
        let kind = match self.kind {
            Kind::Session => "session",
            Kind::Token => "token",
        };
        format!("{kind}:{};{}", self.user_key.expose_secret(), self.key.expose_secret())
    }

    /// Sets the login on a request, and replaces an earlier one.
    pub(super) fn sign(&self, request: Request) -> Request {
        let name = match self.kind {
            Kind::Session => SESSION_KEY,
            Kind::Token => ACCESS_TOKEN,
        };
        request.secret_header(USER_KEY, &self.user_key).secret_header(name, &self.key)
    }
}

impl LoginText for Login {
    fn text(&self) -> String {
        self.credential()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// The two keys of a login.
struct Keys {
    user_key: SecretString,
    key: SecretString,
}

impl Keys {
    /// Parses `USER_KEY;KEY`, optionally in quotes; `None` for anything else, such as JSON or HTML, which must not
    /// become headers of a send.
    fn read(text: &str) -> Option<Self> {
        let (user_key, key) = wire::unquoted(text.trim()).split_once(';')?;
        (is_key(user_key) && is_key(key)).then(|| Self { user_key: user_key.into(), key: key.into() })
    }

    fn of(self, kind: Kind) -> Login {
        let Self { user_key, key } = self;
        Login { kind, user_key, key }
    }
}

/// Returns whether a text can be a key: the document has no rule for keys, but prints them as single words.
fn is_key(text: &str) -> bool {
    let is_part_of_a_key = |b: u8| b.is_ascii_graphic() && !b";<>\"".contains(&b);
    (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(is_part_of_a_key)
}

/// Returns whether the rejection of a login can be smSend's: its text is plain, or the `result` of an object, or empty.
fn is_of_smsend(reply: &Reply) -> bool {
    match reply.text().bytes().next() {
        Some(b'<') => false,
        Some(b'{' | b'[') => reply.value().is_ok_and(|object| object["result"].is_string()),
        _ => true,
    }
}

/// Why a login failed.
pub(super) enum Refusal {
    /// smSend rejects the username or the password: the meaning depends on their owner.
    Credentials(Reply),
    /// Anything else.
    Other(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Refusal {
    /// Returns the error; `reason` depends on the owner of the username and the password.
    pub(super) fn into_error(self, reason: Reason, message: &str) -> Error {
        match self {
            Self::Credentials(reply) => reply.refused(reason, message, &wire::failure_text(&reply)),
            Self::Other(error) => error,
        }
    }
}

/// The configured credential of an account.
pub(super) enum Credential {
    Password { kind: Kind, username: String, password: SecretString },
    Token(Login),
}

impl Credential {
    /// Reads `username` and `password` with `login`, or `token`; `None` after the problem is recorded.
    pub(super) fn read(keys: &mut config::Keys, problems: &mut Problems) -> Option<Self> {
        let kind = keys.or("login", Kind::Session, problems);
        match keys.login("username", "password", "token", problems)? {
            config::Login::Named(username, password) => Some(Self::Password { kind, username, password }),
            config::Login::Token(token) => {
                let login = Login::parse(token.expose_secret()).ok();
                if login.is_none() {
                    keys.problem("token", format!("must be of the form {FORM}"), problems);
                }
                login.map(Self::Token)
            }
        }
    }
}

/// The account's own login.
#[derive(Debug)]
pub(super) enum Authentication {
    /// With a username and a password; kept as long as smSend accepts it.
    Password(Session<Login>),
    /// With a token that cannot be renewed.
    Token(Arc<Login>),
}

impl Authentication {
    pub(super) fn new(credential: Credential, http: Client) -> Self {
        match credential {
            Credential::Token(login) => Self::Token(Arc::new(login)),
            Credential::Password { kind, username, password } => {
                let renewed = http.metrics().sessions_renewed.clone();
                Self::Password(Session::new(renewed, move |stale| {
                    let (http, username, password) = (http.clone(), username.clone(), password.clone());
                    async move {
                        let refused = "smSend does not accept the configured username and password of this account";
                        let make = async {
                            let login = Login::make(&Call::background(), &http, kind, &username, &password).await;
                            login.map_err(|refusal| refusal.into_error(Reason::AccountCredentialRefused, refused))
                        };
                        let (operation, address) = (kind.operation(), http.address().to_string());
                        let credential = [operation, &address, &username, password.expose_secret()];
                        shared_login::login(http.shared(), (operation, &credential), stale.as_deref(), make).await
                    }
                }))
            }
        }
    }

    /// Returns the login to use. If it fails, nothing of the call was sent.
    pub(super) async fn login(&self, call: &Call) -> Result<Arc<Login>, Error> {
        match self {
            Self::Password(session) => session.get(call).await.map_err(|error| error.outcome(Outcome::NotSent)),
            Self::Token(login) => Ok(login.clone()),
        }
    }

    /// Returns a new login after smSend rejected `stale` for `call` with `reply`, if the login can be renewed. The 401
    /// proves that smSend did not act. No login begins after `end`.
    pub(super) async fn renew(
        &self,
        call: &Call,
        stale: &Arc<Login>,
        (request, reply): (&Request, &Reply),
        end: Instant,
    ) -> Result<Option<Arc<Login>>, Error> {
        let Self::Password(session) = self else { return Ok(None) };
        let renewed = session.renew(call, stale, end).await.map_err(|error| error.outcome(Outcome::NotSent));
        renewed.map(Some).map_err(|error| match error.status() {
            Some(_) => error,
            // Not about an answer to a login: the last answer of smSend was its rejection of the call.
            None => {
                let error = error.operation(request.operation()).http_status(reply.status().as_u16());
                error.vendor_message(&reply.words(&["result"]))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_survives_a_round_trip() {
        for credential in ["session:UK;SK", "token:UK;AT"] {
            assert_eq!(Login::parse(credential).expect("good").credential(), credential);
        }
        for own in ["UK;AT", "\"UK;AT\"", " UK;AT\n"] {
            assert_eq!(Login::parse(own).expect("smSend's own form").credential(), "token:UK;AT");
        }
        let long = format!("UK;{}", "K".repeat(LONGEST_KEY + 1));
        let bad =
            ["", "UK", ";AT", "UK;", "session:UK", "UK;A T", "UK;AT;", "UK;A\u{7}T", "UK;\u{c4}T", "<b>;</b>", &long];
        for bad in bad {
            assert!(Login::parse(bad).is_err_and(|error| error.was_not_sent()), "{bad}");
        }
    }

    #[test]
    fn no_debug_output_holds_a_key() {
        let login = Login::parse("session:UK;SK").expect("good");
        assert!(!format!("{login:?}").contains("SK") && !format!("{login:?}").contains("UK"));
    }
}
