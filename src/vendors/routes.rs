//! Checks that the accounts of routes offer what the rules need of them.

use std::sync::Arc;

use super::Vendors;
use crate::{
    api::{Vendor, methods},
    config::{
        AccountConfig, Config, Problem, Problems,
        route::{Action, Need, Rule},
    },
};

/// How deep routes are looked into: one that is deeper in others has a problem already.
const DEPTH: usize = 3;

/// Checks the rules of all routes.
pub(super) fn check(config: &Config, vendors: &Vendors, problems: &mut Problems) {
    for (id, account) in &config.accounts {
        for rule in account.route.iter().flat_map(|route| &route.rules) {
            for fault in faults(config, vendors, rule) {
                let text = format!("rule {}: {fault}", rule.number);
                problems.push(Problem { path: format!("accounts.{id}.rules"), text });
            }
        }
    }
}

/// Returns what the accounts of a rule lack.
fn faults(config: &Config, vendors: &Vendors, rule: &Rule) -> Vec<String> {
    let mut faults = Vec::new();
    for name in rule.accounts() {
        let offered = |name| Some((vendors.get(name)?, config.accounts.get(name)?));
        // The rules of a route are judged by themselves.
        if let Some((vendor, account)) = offered(name)
            && !vendor.methods().contains(&methods::MessageService::SendMessage)
        {
            faults.push(format!("{name:?} cannot send: {} has no SendMessage", account.vendor));
            continue;
        }
        let Action::Send(send) = &rule.then else { continue };
        let mut leaves = Vec::new();
        leaves_of(config, name, DEPTH, &mut leaves);
        let resends = send.resend.is_on() && !send.needs.contains(&Need::Reports);
        for need in send.needs.iter().chain(resends.then_some(&Need::Reports)) {
            let lacking = leaves.iter().filter_map(|leaf| {
                let (vendor, account) = offered(leaf)?;
                let lack = lack(*need, vendor, account)?;
                let by_way = if *leaf == name { String::new() } else { format!(" by way of {name:?}") };
                Some(format!("needs {}: {leaf:?}{by_way} has none: {lack}", need.name()))
            });
            faults.extend(lacking);
        }
    }
    faults
}

/// Returns the accounts of vendors that an account sends through: itself, unless it is a route.
fn leaves_of<'a>(config: &'a Config, name: &'a str, depth: usize, leaves: &mut Vec<&'a str>) {
    let route = config.accounts.get(name).and_then(|account| account.route.as_ref());
    match route {
        None if !leaves.contains(&name) => leaves.push(name),
        Some(route) if depth > 0 => {
            route.accounts().into_iter().for_each(|name| leaves_of(config, name, depth - 1, leaves));
        }
        _ => {}
    }
}

/// Returns what an account lacks of a need.
fn lack(need: Need, vendor: &Arc<dyn Vendor>, account: &AccountConfig) -> Option<String> {
    let has = |method| vendor.methods().contains(&method);
    let is_pushed = vendor.webhook().is_some() && !account.webhook.tokens.is_empty();
    match need {
        Need::Schedule if !vendor.schedules() => Some(format!("{} sends at once only", account.vendor)),
        Need::Cancel if !has(methods::MessageService::CancelMessage) => {
            Some(format!("{} has no CancelMessage", account.vendor))
        }
        Need::Reports if !has(methods::MessageService::GetMessage) && !is_pushed => {
            Some(format!("{} cannot be asked for a message, and nothing is pushed", account.vendor))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use async_trait::async_trait;
    use tokio::time::Instant;

    use super::*;
    use crate::{
        api::{
            MessageService, offers,
            pb::{SendMessageRequest, SendMessageResponse},
        },
        call::Call,
        epoch,
        error::Error,
        vendors::{REGISTRY, refusals},
    };

    /// A vendor that can do nothing but send.
    struct Mute;

    offers!(Mute { MessageService { SendMessage } });

    #[async_trait]
    impl MessageService for Mute {
        async fn send_message(&self, _: &Call, _: SendMessageRequest) -> Result<SendMessageResponse, Error> {
            Err(Error::internal("nothing is sent"))
        }
    }

    fn config(toml: &str) -> (Config, Problems) {
        let mut problems = Problems::new();
        (Config::new(toml.parse().expect("TOML"), &mut problems), problems)
    }

    #[test]
    fn an_account_that_lacks_what_a_rule_needs_is_a_fault_of_the_rule_also_by_way_of_a_route() {
        let (config, problems) = config(
            "[accounts.a]\nvendor = 'mute'\n[accounts.inner]\nvendor = 'route'\nrules = [{ use = ['a'] }]\n\
             [accounts.main]\nvendor = 'route'\nrules = [{ to = 'FR', use = ['a'], needs = ['cancel', 'reports'] },\
             { use = ['inner'], needs = 'schedule' }]\n[store]\npath = ':memory:'\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let mut found = Problems::new();
        check(&config, &Vendors::from([("a".to_owned(), Arc::new(Mute) as Arc<dyn Vendor>)]), &mut found);
        let expected = [
            "rule 1: needs cancel: \"a\" has none: mute has no CancelMessage",
            "rule 1: needs reports: \"a\" has none: mute cannot be asked for a message, and nothing is pushed",
            "rule 2: needs schedule: \"a\" by way of \"inner\" has none: mute sends at once only",
        ];
        assert_eq!(found.iter().map(|problem| problem.text.as_str()).collect::<Vec<_>>(), expected);
        assert!(found.iter().all(|problem| problem.path == "accounts.main.rules"));
    }

    #[tokio::test]
    async fn what_a_vendor_declares_of_scheduled_messages_is_true() {
        // Of whole hours, as not every vendor takes any minute.
        let later = SystemTime::now() + Duration::from_secs(7200);
        let seconds = i64::try_from(epoch::since(later).as_secs() / 3600 * 3600).expect("a time");
        let schedule_time = Some(prost_types::Timestamp { seconds, nanos: 0 });
        let request = SendMessageRequest { schedule_time, ..SendMessageRequest::default() };
        let mut scheduling = Vec::new();
        for (name, connect, _) in REGISTRY {
            let credential = match *name {
                "smsend" => "username = 'me'\npassword = 'secret'",
                "smspartner" => "api_key = 'secret'",
                _ => "token = 'secret'",
            };
            let (mut config, mut problems) = config(&format!("[accounts.a]\nvendor = '{name}'\n{credential}\n"));
            let account = config.accounts.get_mut("a").expect("the account");
            let vendor = connect(account, &mut problems).expect("a vendor");
            let refused = refusals(&*vendor, &Call::until(Instant::now()), request.clone()).await;
            let takes_it = refused.iter().all(|violation| violation.field != "schedule_time");
            assert!(!refused.is_empty(), "{name}: nobody is sent to");
            assert_eq!(takes_it, vendor.schedules(), "{name}: {refused:?}");
            scheduling.extend(takes_it.then_some(*name));
        }
        assert_eq!(scheduling, ["smsend", "lox24", "smspartner"]);
    }
}
