//! How calls to smSend are authenticated: a user key and either a session key or an access token, in two headers.

use std::sync::Arc;

use http::{HeaderName, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::wire;
use crate::{
    config::{self, Keys, Problems},
    error::{Error, Reason},
    http::{Call, Http, Reply, session::Session},
};

// The document spells them `user_key`, `Session_key` and `Access_token`: names without regard to case (RFC 9110), but
// with underscores, which its Perl sample insists on.
const USER_KEY: HeaderName = HeaderName::from_static("user_key");
const SESSION_KEY: HeaderName = HeaderName::from_static("session_key");
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("access_token");

/// Which of the two documented logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// `GET /login`: ends after five idle minutes.
    Session,
    /// `GET /token`: lasts.
    Token,
}

/// What smSend gave for a username and a password.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) kind: Kind,
    pub(super) user_key: SecretString,
    pub(super) key: SecretString,
}

impl Login {
    /// Logs in. smSend answers plain text, `USER_KEY;KEY`, and 404 for bad credentials.
    pub(super) async fn make(
        http: &Http,
        kind: Kind,
        username: &str,
        password: &SecretString,
    ) -> Result<Self, Refusal> {
        let operation = match kind {
            Kind::Session => "GET /login",
            Kind::Token => "GET /token",
        };
        let call = Call::new(operation).query("username", username).secret_query("password", password);
        let reply = http.send(&call).await?;
        let text = match reply.status() {
            status if status.is_success() => reply.text()?,
            StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED => return Err(Refusal::Credentials(reply)),
            _ => {
                let text = wire::failure_text(&reply);
                return Err(reply.refused(Reason::VendorRefused, "smSend refused the login", &text).into());
            }
        };
        match text.split_once(';') {
            Some((user_key, key)) if !user_key.is_empty() && !key.is_empty() => {
                Ok(Self { kind, user_key: user_key.into(), key: key.into() })
            }
            _ => Err(reply.unreadable("the login is not of the form USER_KEY;KEY").into()),
        }
    }

    /// Reads an opaque credential: what [`Login::credential`] gave, or smSend's own `USER_KEY;ACCESS_TOKEN`.
    pub(super) fn parse(credential: &str) -> Result<Self, Error> {
        let (kind, pair) = match credential.split_once(':') {
            Some(("session", pair)) => (Kind::Session, pair),
            Some(("token", pair)) => (Kind::Token, pair),
            _ => (Kind::Token, credential),
        };
        match pair.split_once(';') {
            Some((user_key, key)) if !user_key.is_empty() && !key.is_empty() => {
                Ok(Self { kind, user_key: user_key.into(), key: key.into() })
            }
            _ => Err(Error::new(
                Reason::CallerCredentialRefused,
                "the credential is not what AuthService gave, nor of the form USER_KEY;ACCESS_TOKEN",
            )),
        }
    }

    /// The opaque credential that a caller may bring.
    pub(super) fn credential(&self) -> String {
        let kind = match self.kind {
            Kind::Session => "session",
            Kind::Token => "token",
        };
        format!("{kind}:{};{}", self.user_key.expose_secret(), self.key.expose_secret())
    }

    /// Puts the login on a call, in the place of one that is there.
    pub(super) fn sign(&self, call: Call) -> Call {
        let name = match self.kind {
            Kind::Session => SESSION_KEY,
            Kind::Token => ACCESS_TOKEN,
        };
        call.secret_header(USER_KEY, &self.user_key).secret_header(name, &self.key)
    }
}

/// Why a login failed.
pub(super) enum Refusal {
    /// smSend does not accept the username or the password: whose they were decides what that means.
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
    /// The error, where the username and the password were `reason`'s.
    pub(super) fn blame(self, reason: Reason, message: &str) -> Error {
        match self {
            Self::Credentials(reply) => reply.refused(reason, message, &wire::failure_text(&reply)),
            Self::Other(error) => error,
        }
    }
}

/// What the account is configured with.
pub(super) enum Credential {
    Password { kind: Kind, username: String, password: SecretString },
    Token(Login),
}

impl Credential {
    /// Reads `username` and `password` with `login`, or `token`; `None` after the problem is noted.
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Option<Self> {
        let kind = keys.or("login", Kind::Session, problems);
        match keys.login("username", "password", "token", problems)? {
            config::Login::Named(username, password) => Some(Self::Password { kind, username, password }),
            config::Login::Token(token) => {
                let login = Login::parse(token.expose_secret()).ok();
                if login.is_none() {
                    keys.problem("token", "must be of the form USER_KEY;ACCESS_TOKEN", problems);
                }
                login.map(Self::Token)
            }
        }
    }
}

/// How the account itself logs in.
#[derive(Debug)]
pub(super) enum Authentication {
    /// With a username and a password, kept as long as smSend accepts it.
    Password(Session<Login>),
    /// With a token that cannot be renewed.
    Token(Arc<Login>),
}

impl Authentication {
    pub(super) fn new(credential: Credential, http: Http) -> Self {
        match credential {
            Credential::Token(login) => Self::Token(Arc::new(login)),
            Credential::Password { kind, username, password } => {
                let renewed = http.metrics().sessions_renewed.clone();
                Self::Password(Session::new(renewed, move || {
                    let (http, username, password) = (http.clone(), username.clone(), password.clone());
                    async move {
                        let refused = "smSend does not accept the configured username and password of this account";
                        let login = Login::make(&http, kind, &username, &password).await;
                        login.map_err(|refusal| refusal.blame(Reason::AccountCredentialRefused, refused))
                    }
                }))
            }
        }
    }

    /// The login to use.
    pub(super) async fn login(&self) -> Result<Arc<Login>, Error> {
        match self {
            Self::Password(session) => session.get().await.map_err(Error::before_the_request),
            Self::Token(login) => Ok(login.clone()),
        }
    }

    /// A new login, when `reply` says that `stale` is not accepted any more and there is a way to get one.
    pub(super) async fn renew(&self, stale: &Arc<Login>, reply: &Reply) -> Result<Option<Arc<Login>>, Error> {
        match self {
            Self::Password(session) if reply.status() == StatusCode::UNAUTHORIZED => {
                session.renew(stale).await.map(Some).map_err(Error::before_the_request)
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_comes_back_as_it_was_given() {
        for credential in ["session:UK;SK", "token:UK;AT"] {
            assert_eq!(Login::parse(credential).expect("good").credential(), credential);
        }
        assert_eq!(Login::parse("UK;AT").expect("smSend's own form").credential(), "token:UK;AT");
        for bad in ["", "UK", ";AT", "UK;", "session:UK"] {
            assert!(Login::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_debug_output_holds_a_key() {
        let login = Login::parse("session:UK;SK").expect("good");
        assert!(!format!("{login:?}").contains("SK") && !format!("{login:?}").contains("UK"));
    }
}
