//! Sends a message and waits until it is delivered.
//!
//! ```sh
//! cargo run --example send                                      # at `smsmux serve --sandbox`
//! SMSMUX_ADDRESS=... SMSMUX_KEY=... cargo run --example send    # elsewhere
//! ```

use std::{error::Error, time::Duration};

use smsmux_client::{
    Client, Config,
    v1::{DeliveryState, GetMessageRequest, SendMessageRequest},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::new(Config::default())?;
    let request = SendMessageRequest::new("accounts/smsend", &["+393471234567"], "Ciao!");
    let sent = client.messages().send_message(request).await?;
    let name = sent.into_inner().message.unwrap_or_default().name;
    println!("sent {name}");
    for _ in 0..10 {
        let request = GetMessageRequest { name: name.clone() };
        let message = client.messages().get_message(request).await?;
        for recipient in message.into_inner().message.unwrap_or_default().recipients {
            println!("{} {}", recipient.to, recipient.state().as_str_name());
            if recipient.state() == DeliveryState::Delivered {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err("it was not delivered in time".into())
}
