//! `smsmux webhooks`.

use std::fmt::Write as _;

use secrecy::ExposeSecret;
use smsmux::server::{Setup, WebhookGuide};

use super::{ConfigArguments, Failure, load::Draft, print};

pub(super) fn run(arguments: &ConfigArguments) -> Result<(), Failure> {
    let setup = Draft::new(arguments).read()?;
    print::out(text(&setup))
}

/// Returns the address of each account with what has to be done with it.
fn text(setup: &Setup) -> String {
    let mut text = String::new();
    let has_url = setup.config.webhooks.public_url.is_some();
    for WebhookGuide { account, vendor, webhook, instructions } in setup.webhooks() {
        let _ = writeln!(text, "accounts/{account} ({vendor})");
        match &webhook.url {
            Some(url) => {
                let _ = writeln!(text, "  {}", url.expose_secret());
            }
            None if webhook.tokens.is_empty() => {
                let _ = writeln!(
                    text,
                    "  no webhook: set accounts.{account}.webhook_tokens; openssl rand -hex 32 makes one"
                );
            }
            None => {
                let _ = writeln!(text, "  no address: set webhooks.public_url");
            }
        }
        if has_url && !webhook.tokens.is_empty() {
            for line in instructions.lines() {
                let _ = writeln!(text, "  - {line}");
            }
            if webhook.register {
                let _ = writeln!(
                    text,
                    "  - webhook_register is set: smsmux registers the address where the vendor has an API for it"
                );
            }
        }
        text.push('\n');
    }
    text
}
