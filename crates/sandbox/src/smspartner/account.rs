//! The account.

use axum::Json;
use serde_json::{Value, json};

use super::{Parameters, Refusal, granted, signed};

/// `GET /me`
pub(super) async fn me(parameters: Parameters) -> Result<Json<Value>, Refusal> {
    signed(parameters)?;
    Ok(granted(json!({
        "user": {"username": "sandbox@example.com", "firstname": "Sand", "lastname": "Box"},
        "credits": {
            "creditSms": 20, "creditSmsECO": 37, "creditHlr": 180, "toSend": 0,
            "balance": "0.900", "currency": "EUR", "solde": "0.900",
        },
    })))
}
