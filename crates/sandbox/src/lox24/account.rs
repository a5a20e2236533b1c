//! The account: `GET /me`. Built from third-hand facts.
//!
//! # Guesses
//!
//! - `services` are the names of the service codes, and no phone list is returned as a group.
//! - `balance_changed_at` is Unix seconds, as nearly every time of the vendor's is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::control::Command;
use super::Lox24;

/// The account of the callers.
pub(super) struct Account {
    pub(super) active: bool,
    /// In hundredths of a cent.
    pub(super) balance: i64,
    pub(super) changed: jiff::Timestamp,
}

impl Account {
    pub(super) fn new() -> Self {
        Self { active: true, balance: 1_201_000, changed: jiff::Timestamp::now() }
    }
}

/// Returns an amount in the vendor's form.
pub(super) fn amount(hundredths_of_cents: i64) -> Value {
    json!(hundredths_of_cents as f64 / 10_000.0)
}

pub(super) async fn me(State(lox24): State<Arc<Lox24>>) -> Json<Value> {
    let account = &lox24.state().account;
    Json(json!({
        "id": 1_234_567, "currency": "EUR", "balance_amount": amount(account.balance),
        "balance_changed_at": account.changed.as_second(), "is_text_deleted": false,
        "services": ["direct", "pro", "economy"], "groups": {},
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    active: Option<bool>,
    balance: Option<f64>,
}

/// Control: activates or deactivates the account, and sets its balance.
pub(super) async fn set(
    State(lox24): State<Arc<Lox24>>,
    Command(Change { active, balance }): Command<Change>,
) -> StatusCode {
    let account = &mut lox24.state().account;
    account.active = active.unwrap_or(account.active);
    if let Some(balance) = balance {
        (account.balance, account.changed) = ((balance * 10_000.0).round() as i64, jiff::Timestamp::now());
    }
    StatusCode::NO_CONTENT
}
