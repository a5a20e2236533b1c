//! Routes: rules, failover, and what becomes of a message that another account took.

mod config;
mod explain;
mod failover;
#[cfg(target_os = "linux")]
mod health;
mod messages;
mod resend;
mod rules;
mod share;

use smsmux::api::pb::{Attempt, AttemptOutcome, Message, SendMessageRequest};
use smsmux_sandbox::{Recorded, Sandbox};
use tonic::Status;

use crate::support::{Rig, loopback, message};

/// A gateway with two accounts, and a route over them.
struct Stand {
    /// The first account is named like its vendor.
    rig: Rig,
    /// The vendor of the account `other`.
    other: Sandbox,
}

const TO: &str = "+4915123456789";

impl Stand {
    /// Two accounts at LOX24, and a route over them in this order.
    async fn in_order(keys: &str) -> Self {
        Self::new("lox24", "rules = [{ use = ['lox24', 'other'] }]", keys).await
    }

    /// An account at `vendor` with these keys, another one at LOX24, and a route.
    async fn new(vendor: &str, route: &str, keys: &str) -> Self {
        Self::with(vendor, route, keys, "", "").await
    }

    async fn with(vendor: &str, route: &str, keys: &str, others_keys: &str, sections: &str) -> Self {
        let other = Sandbox::start("lox24", loopback()).await.expect("a sandbox");
        let rig = Rig::of(vendor, &Self::sections(&other, route, others_keys, sections), keys).await;
        Self { rig, other }
    }

    /// Another server with the same accounts and the same route.
    #[cfg(all(unix, feature = "foreign-clients"))]
    async fn beside(&self, route: &str, sections: &str) -> Rig {
        let first = &self.rig.sandbox;
        let keys = format!("base_url = '{}'\n", first.base_url());
        Rig::of(first.vendor(), &Self::sections(&self.other, route, "", sections), &keys).await
    }

    fn sections(other: &Sandbox, route: &str, others_keys: &str, sections: &str) -> String {
        let mut account = format!("[accounts.other]\nvendor = 'lox24'\nbase_url = '{}'\n", other.base_url());
        account.extend(other.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")));
        format!(
            "{sections}\n{account}poll = false\nbreaker_failures = 0\n{others_keys}\n[accounts.main]\nvendor = 'route'\n{route}\n"
        )
    }

    fn request(recipients: &[&str]) -> SendMessageRequest {
        SendMessageRequest {
            parent: "accounts/main".to_owned(),
            recipients: recipients.iter().map(|&to| to.to_owned()).collect(),
            sender: "smsmux".to_owned(),
            ..message()
        }
    }

    async fn send(&self, request: SendMessageRequest) -> Result<Message, Status> {
        Ok(self.rig.messages().send_message(request).await?.into_inner().message.expect("a message"))
    }

    /// How many sends arrived at the first account, and at the other.
    fn sends(&self) -> (usize, usize) {
        let count = |requests: Vec<Recorded>| {
            requests.iter().filter(|r| r.method == "POST" && (r.path == "/sms" || r.path == "/send")).count()
        };
        (count(self.rig.sandbox.requests()), count(self.other.requests()))
    }
}

/// The accounts that were asked, and what came of it.
fn attempts(message: &Message) -> Vec<(&str, AttemptOutcome, &str)> {
    let of = |attempt: &'_ Attempt| attempt.outcome();
    message.attempts.iter().map(|one| (one.account.as_str(), of(one), one.reason.as_str())).collect()
}
