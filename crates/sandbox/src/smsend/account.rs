//! Authentication, and the account itself: login, token, checksession, pwdreset, dashboard, status.
//!
//! # Guesses
//!
//! - The document has 401 and 404 for an unknown user key; the sandbox answers 401.
//! - A session expires 5 minutes after its last call (as on the vendor's newer pages); an access token never does.
//!   Several sessions and tokens can coexist, and outlive a change of the password; a control request makes each
//!   login end the earlier sessions.
//! - `/pwdreset` answers `false` for a password that is not 8 to 16 characters long, the document's rule
//!   for a subaccount's.
//! - `/login` and `/token` reject in plain text, the form of their success.
//! - The status accepts `typeAliases`, a parameter of the vendor's newer pages, and then has `N`, `L` and `LL`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::Smsend;
use super::credits::{Credits, TYPES};
use super::wire::{Answer, Params, Refusal, ensure, ok_json};
use crate::read::only;

/// The user name of the sandbox's account.
pub(super) const USERNAME: &str = "sandbox";
/// Its password, until `/pwdreset` changes it.
pub(super) const PASSWORD: &str = "sandbox-password";
/// The part of a login's answer before the semicolon.
const USER_KEY: &str = "SANDBOX-USER";
/// The idle timeout of a session.
const SESSION_IDLE: Duration = Duration::from_secs(5 * 60);
/// The initial credits of each message type: plenty, so that a load test does not run dry.
const CREDITS: u64 = 100_000_000;
/// The account and its logins.
#[derive(Debug)]
pub(super) struct Account {
    password: String,
    /// Session keys, each with the time of its last call.
    sessions: HashMap<String, Instant>,
    /// Whether a login ends the earlier sessions.
    pub(super) one_session: bool,
    tokens: Vec<String>,
    pub(super) credits: Credits,
    issued: u64,
}

impl Account {
    pub(super) fn new() -> Self {
        Self {
            password: PASSWORD.to_owned(),
            sessions: HashMap::new(),
            one_session: false,
            tokens: Vec::new(),
            credits: Credits::of_each(CREDITS),
            issued: 0,
        }
    }

    pub(super) fn expire_sessions(&mut self) {
        self.sessions.clear();
    }

    fn key(&mut self, kind: &str) -> String {
        self.issued += 1;
        format!("SANDBOX-{kind}-{}", self.issued)
    }

    /// Returns whether these headers are authenticated; `renew` counts it as a call.
    fn knows(&mut self, headers: &HeaderMap, now: Instant, renew: bool) -> bool {
        if let Some(key) = only(headers, "session_key") {
            let Some(last_call) = self.sessions.get_mut(key) else {
                return false;
            };
            if now.duration_since(*last_call) >= SESSION_IDLE {
                self.sessions.remove(key);
                return false;
            }
            if renew {
                *last_call = now;
            }
            true
        } else {
            only(headers, "access_token").is_some_and(|token| self.tokens.iter().any(|known| known == token))
        }
    }
}

fn unauthorized() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "user_key, Session_key or Access_token are invalid or not provided")
}

fn has_user_key(headers: &HeaderMap) -> bool {
    only(headers, "user_key") == Some(USER_KEY)
}

/// Rejects unauthenticated requests.
pub(super) async fn require_login(State(smsend): State<Arc<Smsend>>, request: Request, next: Next) -> Answer {
    let headers = request.headers();
    let known = has_user_key(headers) && smsend.state().account.knows(headers, Instant::now(), true);
    if known { Ok(next.run(request).await) } else { Err(unauthorized()) }
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    username: String,
    password: String,
}

impl Credentials {
    fn check(&self, account: &Account) -> Result<(), Refusal> {
        if self.username == USERNAME && self.password == account.password {
            Ok(())
        } else {
            Err(Refusal::not_found("credentials are incorrect"))
        }
    }
}

pub(super) async fn login(
    State(smsend): State<Arc<Smsend>>,
    credentials: Result<Params<Credentials>, Refusal>,
) -> Response {
    sign_in(&smsend, credentials, "SESSION", |account, key| {
        if account.one_session {
            account.expire_sessions();
        }
        account.sessions.insert(key, Instant::now());
    })
}

pub(super) async fn token(
    State(smsend): State<Arc<Smsend>>,
    credentials: Result<Params<Credentials>, Refusal>,
) -> Response {
    sign_in(&smsend, credentials, "TOKEN", |account, key| account.tokens.push(key))
}

fn sign_in(
    smsend: &Smsend,
    credentials: Result<Params<Credentials>, Refusal>,
    kind: &str,
    keep: impl FnOnce(&mut Account, String),
) -> Response {
    let account = &mut smsend.state().account;
    let checked = credentials.and_then(|Params(credentials)| credentials.check(account));
    if let Err(refusal) = checked {
        return refusal.into_text();
    }
    let key = account.key(kind);
    keep(account, key.clone());
    format!("{USER_KEY};{key}").into_response()
}

/// Answers `true` to an authenticated caller and `false` to one whose session expired, without counting as a call.
pub(super) async fn check_session(State(smsend): State<Arc<Smsend>>, headers: HeaderMap) -> Answer {
    let has_key = only(&headers, "session_key").or_else(|| only(&headers, "access_token")).is_some();
    if !has_user_key(&headers) || !has_key {
        return Err(unauthorized());
    }
    let known = smsend.state().account.knows(&headers, Instant::now(), false);
    Ok(known.to_string().into_response())
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    password: String,
}

pub(super) async fn reset_password(
    State(smsend): State<Arc<Smsend>>,
    Params(NewPassword { password }): Params<NewPassword>,
) -> Answer {
    ensure(!password.is_empty(), || "password is required".to_owned())?;
    let good = is_password(&password);
    if good {
        smsend.state().account.password = password;
    }
    Ok(good.to_string().into_response())
}

/// Returns whether a text satisfies the document's rule for a subaccount's password.
pub(super) fn is_password(text: &str) -> bool {
    (8..=16).contains(&text.chars().count())
}

/// Returns an address that logs its bearer in, with the doubled slash of the document's sample. It has no server.
pub(super) async fn dashboard() -> Response {
    "http://sandbox.invalid/API/v1.0/REST//s/user/external-auth?k=07366A25DF&action=FC07AD201A&action-params=7010AB"
        .into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusParams {
    #[serde(default)]
    get_money: bool,
    #[serde(default)]
    type_aliases: bool,
}

pub(super) async fn status(State(smsend): State<Arc<Smsend>>, Params(params): Params<StatusParams>) -> Answer {
    let account = &smsend.state().account;
    let sms: Vec<_> = TYPES
        .iter()
        .map(|(name, other)| {
            let shown = if params.type_aliases { other.unwrap_or(name) } else { name };
            json!({"type": shown, "quantity": account.credits.left(name)})
        })
        .collect();
    ok_json(
        StatusCode::OK,
        json!({
            "money": params.get_money.then_some(12.5),
            "sms": sms,
            "email": {
                "bandwidth": 2000.0,
                "purchased": "2015-01-16",
                "billing": "EMAILPERHOUR",
                "expiry": "2016-01-17",
            },
            "landing": null,
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::Client;
    use super::*;

    #[tokio::test]
    async fn a_login_answers_text_and_opens_the_other_operations() {
        let client = Client::signed_out().await;
        assert_eq!(client.get("/status").await.0, 401);
        let (status, text) = client.get("/login?username=sandbox&password=sandbox-password").await;
        assert_eq!(status, 200);
        let (user, session) = text.split_once(';').unwrap();
        let client = client.with_headers(&[("USER_KEY", user), ("Session_key", session)]);
        assert_eq!(client.get("/status").await.0, 200);
        // A rewritten name is another header.
        let client = client.with_headers(&[("User-Key", user), ("Session-Key", session)]);
        assert_eq!(client.get("/status").await.0, 401);
    }

    #[tokio::test]
    async fn wrong_credentials_are_404_and_missing_ones_400() {
        let client = Client::signed_out().await;
        for path in ["/login", "/token"] {
            for (query, expected) in [
                ("username=sandbox&password=wrong", 404),
                ("username=nobody&password=sandbox-password", 404),
                ("username=sandbox", 400),
                ("", 400),
            ] {
                assert_eq!(client.get(&format!("{path}?{query}")).await.0, expected, "{path}?{query}");
            }
        }
    }

    #[tokio::test]
    async fn an_access_token_outlives_the_sessions() {
        let session = Client::new().await;
        let (_, text) = session.get("/token?username=sandbox&password=sandbox-password").await;
        let (user, token) = text.split_once(';').unwrap();
        let with_token = session.with_headers(&[("user_key", user), ("Access_token", token)]);
        assert_eq!(session.get("/checksession").await, (200, "true".to_owned()));
        session.sandbox().expire_sessions();
        assert_eq!(session.get("/checksession").await, (200, "false".to_owned()));
        assert_eq!(session.get("/status").await.0, 401);
        assert_eq!(with_token.get("/checksession").await, (200, "true".to_owned()));
        assert_eq!(with_token.get("/status").await.0, 200);
        assert_eq!(session.with_headers(&[("user_key", user)]).get("/checksession").await.0, 401);
        assert_eq!(session.with_headers(&[]).get("/checksession").await.0, 401);
    }

    #[test]
    fn a_session_ends_after_five_idle_minutes_and_a_check_does_not_renew_it() {
        let mut account = Account::new();
        let start = Instant::now();
        account.sessions.insert("s".to_owned(), start);
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static("session_key"), "s".parse().unwrap())]);
        let minute = |minutes: u64| start + Duration::from_secs(minutes * 60);
        assert!(account.knows(&headers, minute(4), true));
        assert!(account.knows(&headers, minute(8), false));
        assert!(!account.knows(&headers, minute(9), true));
        assert!(!account.knows(&headers, minute(9), true));
    }

    #[tokio::test]
    async fn a_new_password_replaces_the_old_one() {
        let client = Client::new().await;
        assert_eq!(client.post_empty("/pwdreset?password=short").await, (200, "false".to_owned()));
        assert_eq!(client.post_empty("/pwdreset").await.0, 400);
        assert_eq!(client.get("/login?username=sandbox&password=sandbox-password").await.0, 200);
        assert_eq!(client.post_empty("/pwdreset?password=new-pass%2B1").await, (200, "true".to_owned()));
        assert_eq!(client.get("/login?username=sandbox&password=sandbox-password").await.0, 404);
        assert_eq!(client.get("/login?username=sandbox&password=new-pass%2B1").await.0, 200);
    }

    #[tokio::test]
    async fn the_status_shows_credits_and_money_when_asked() {
        let client = Client::new().await;
        let status = client.get_json("/status").await;
        assert_eq!(status["money"], json!(null));
        assert_eq!(status["sms"][2], json!({"type": "GP", "quantity": CREDITS}));
        assert_eq!(client.get_json("/status?getMoney=true").await["money"], json!(12.5));
        assert_eq!(client.get_json("/status?typeAliases=true").await["sms"][2]["type"], "N");
        // PHP writes 1 for true and nothing for false.
        assert_eq!(client.get_json("/status?getMoney=1&typeAliases=").await["money"], json!(12.5));
        assert!(client.get("/dashboard").await.1.starts_with("http://"));
    }
}
