//! `smsmux webhooks`.

use std::fmt::Write as _;

use clap::Args;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use smsmux::server::{Setup, WebhookGuide};

use super::{
    ConfigArguments, Failure,
    arguments::{Output, OutputArguments},
    json,
    load::Draft,
    print,
};

#[derive(Debug, Args)]
pub(super) struct WebhooksArguments {
    #[command(flatten)]
    config: ConfigArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) fn run(arguments: &WebhooksArguments) -> Result<(), Failure> {
    let setup = Draft::new(&arguments.config).read()?;
    match arguments.output.output {
        Output::Table => print::out(page(&setup)),
        Output::Json => json::print(&document(&setup)),
    }
}

/// Returns the address of each account with what has to be done with it.
fn page(setup: &Setup) -> String {
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

/// Returns the same for a script. An account without an address has a `url` of null.
fn document(setup: &Setup) -> Value {
    let webhooks = setup.webhooks().map(|WebhookGuide { account, vendor, webhook, instructions }| {
        json!({
            "account": format!("accounts/{account}"),
            "vendor": vendor,
            "url": webhook.url.as_ref().map(ExposeSecret::expose_secret),
            "register": webhook.register,
            "instructions": instructions.lines().collect::<Vec<_>>(),
        })
    });
    json!({ "webhooks": webhooks.collect::<Vec<_>>() })
}
