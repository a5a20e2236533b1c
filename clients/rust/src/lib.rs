//! The client of smsmux, one gRPC API in front of many SMS vendors.
//!
//! ```no_run
//! use smsmux_client::{Client, Config, Error, v1::SendMessageRequest};
//!
//! # async fn send() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Config::default())?;
//! let request = SendMessageRequest {
//!     parent: "accounts/smsend".into(),
//!     recipients: vec!["+393471234567".into()],
//!     text: "Ciao!".into(),
//!     ..Default::default()
//! };
//! let sent = client.messages().send_message(request).await.map_err(Error::from)?;
//! # Ok(())
//! # }
//! ```

mod calls;
mod client;
mod error;

pub use client::{Client, Config, ConfigError, List, Watch};
pub use error::Error;

/// The messages, enums and stubs of the API.
pub mod v1 {
    #![allow(missing_docs, rustdoc::all, clippy::all)]
    tonic::include_proto!("smsmux.v1");
}
