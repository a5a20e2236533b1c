//! The client of smsmux, one gRPC API in front of many SMS vendors.
//!
//! ```no_run
//! use smsmux_client::{Client, Config, v1::SendMessageRequest};
//!
//! # async fn send() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Config::default())?;
//! let request = SendMessageRequest::new("accounts/smsend", &["+393471234567"], "Ciao!");
//! let sent = client.messages().send_message(request).await?;
//! # Ok(())
//! # }
//! ```
//!
//! [`Client`] says what it does by itself: key, TLS, deadline, idempotency key and repeats. The messages and the stubs are in [`v1`].

mod client;
mod error;
pub mod services;

pub use client::{Call, Client, Config, List, Watch};
pub use error::Error;

/// The messages, enums and stubs of the API.
pub mod v1 {
    #![allow(missing_docs, rustdoc::all, clippy::all)]
    tonic::include_proto!("smsmux.v1");
}

impl v1::SendMessageRequest {
    /// Returns the request of a text; further fields can be set on it.
    pub fn new(parent: &str, recipients: &[&str], text: &str) -> Self {
        let recipients = recipients.iter().map(ToString::to_string).collect();
        Self { parent: parent.into(), recipients, text: text.into(), ..Self::default() }
    }
}
