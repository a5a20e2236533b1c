//! Entry points for the fuzz targets of `fuzz/` and the replay of their corpus. Not part of the API.

use bytes::Bytes;
use http::HeaderValue;
use toml::Table;

use crate::{
    config::{self, Config, Problems, api_key},
    request::{check::Check, names, page::Page, token},
    server::{self, Setup},
    vendors::{
        self,
        kit::{
            self, Reply,
            pushed::{Key, OptOut, Part, Pushed, Received},
        },
    },
};

/// A fuzz target: accepts any bytes, and panics if an invariant is violated.
pub type Target = fn(&[u8]);

/// All targets by name, which is also the name of their corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("smsend", |data| answer("smsend", data)),
    ("lox24", |data| answer("lox24", data)),
    ("ip1sms", |data| answer("ip1sms", data)),
    ("intelepeer", |data| answer("intelepeer", data)),
    ("smspartner", |data| answer("smspartner", data)),
    ("push-smsend", |data| push("smsend", data)),
    ("push-lox24", |data| push("lox24", data)),
    ("push-ip1sms", |data| push("ip1sms", data)),
    ("push-intelepeer", |data| push("intelepeer", data)),
    ("push-smspartner", |data| push("smspartner", data)),
    ("names", resource_name),
    ("config", configuration),
    ("metadata", metadata),
    ("http1", http1),
    ("road", road),
];

/// The separator between the configuration file and the environment, each line of which is a variable.
const ENVIRONMENT: &str = "\n# environment\n";

/// Parses a vendor's response in every way that the vendor module does.
pub fn answer(vendor: &str, data: &[u8]) {
    let reply = Reply::of(data);
    for (_, read) in vendors::ANSWERS.iter().filter(|(name, _)| *name == vendor) {
        read(&reply);
    }
}

/// Parses a push to a vendor's webhook: as a body, and as a query if it may be one.
pub fn push(vendor: &str, data: &[u8]) {
    let Some((_, parse)) = vendors::PUSHES.iter().find(|(name, _)| *name == vendor) else { return };
    let query = std::str::from_utf8(data).ok().map(|query| format!("/a/t?{query}"));
    let posted = http::Request::post("/a/t").body(Bytes::copy_from_slice(data));
    let got = query.and_then(|uri| http::Request::get(uri).body(Bytes::new()).ok());
    for request in posted.into_iter().chain(got) {
        let Ok(pushed) = parse(&request) else { continue };
        assert_eq!(parse(&request).ok().as_ref(), Some(&pushed), "a repeated push is the same");
        for one in pushed {
            let key = match one {
                Pushed::Report(report) => report.vendor_message_id,
                Pushed::Received(Received { message, key, part, .. }) => {
                    assert!(message.name.starts_with("accounts/a/receivedMessages/"), "an SMS has a name");
                    let is_part = |part: Part| (1..=part.total).contains(&part.number) && part.total <= 255;
                    assert!(part.is_none_or(is_part), "a part is one of the whole");
                    text(key)
                }
                Pushed::OptOut(OptOut { phone_number, key, .. }) => {
                    assert!(!phone_number.is_empty(), "an opt-out has a number");
                    text(key)
                }
                Pushed::Other(other) => text(other.key),
            };
            assert!(!key.is_empty(), "what is pushed can be told from another");
        }
    }
}

fn text(key: Key) -> String {
    match key {
        Key::Id(id) | Key::Content(id) => id,
    }
}

/// Reads a vendor's answer of HTTP/1.1, as hyper does.
pub fn http1(data: &[u8]) {
    kit::fuzzing::http1_answer(data);
}

/// Sends requests to a vendor that misbehaves, and compares what the calls were told with what it did.
pub fn road(data: &[u8]) {
    kit::fuzzing::road(data);
}

/// Parses a resource name, and builds one with any text as the id.
pub fn resource_name(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let account = names::account(text, "name");
    let _ = names::loggable(text);
    let _ = names::ids::<1>(text, "accounts/*", "name");
    let _ = names::ids::<3>(text, "accounts/*/subaccounts/*/purchases/*", "name");
    if let Ok([id, message]) = names::ids::<2>(text, "accounts/*/messages/*", "name") {
        assert!(!matches!(&*message, "" | "." | ".."), "an id leads nowhere else");
        assert!(account.is_err() || account.is_ok_and(|account| account == id), "one name has one account");
    }
    let name = names::child("accounts/a", "messages", text);
    if let Ok([_, back]) = names::ids::<2>(&name, "accounts/*/messages/*", "name") {
        assert_eq!(back, text, "an id comes back as it went in");
    }
}

/// Reads a configuration: a file overlaid with the environment.
pub fn configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Secrets may come from files, and some system files never end.
    if ["dev", "proc", "sys"].iter().any(|folder| text.contains(folder)) {
        return;
    }
    let (file, environment) = text.split_once(ENVIRONMENT).unwrap_or((text, ""));
    let Ok(mut table) = file.parse::<Table>() else { return };
    let variables = environment.lines().filter_map(|line| line.split_once('='));
    let mut problems = Problems::new();
    config::overlay(&mut table, variables.map(|(name, value)| (name.to_owned(), value.into())), &mut problems);
    let mut config = Config::new(table.clone(), &mut problems);
    for account in config.accounts.values_mut() {
        account.endpoint("https://api.example.com", &mut problems);
        account.keys.time_zone("UTC", &mut problems);
        account.keys.login("username", "password", "token", &mut problems);
    }
    if !problems.is_empty() {
        assert!(problems.iter().all(|problem| !problem.text.is_empty()), "a problem says what is wrong");
        return;
    }
    assert!(config.effective().parse::<Table>().is_ok(), "what is in effect reads as a configuration");
    let _ = Setup::new(table);
}

/// Reads the inputs of callers beside the message: deadline, key, credential, tokens of pages and streams.
pub fn metadata(data: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(data) {
        server::fuzzing::read(&value);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = (api_key::name(text), api_key::KeyHash::parse(text));
    // A client can compute the checksum, so both the token itself and a valid token with this content are opened.
    let purpose = "\"list\"".to_owned();
    let seal =
        |purpose: &String| serde_json::from_str::<serde_json::Value>(text).map(|v| token::seal(&v, purpose)).ok();
    for token in [Some(text.to_owned()), seal(&purpose)].into_iter().flatten() {
        for size in [1, 50] {
            let page = Page::new(&mut Check::new(), size, &token, "list");
            let _ = (page.number(), page.size(), page.own_number());
            let _ = (page.cut(vec![0; 3], None), page.cut_own(vec![0; 3], Some(7)), page.of(0..3));
        }
    }
    let stream = seal(&"stream".to_owned());
    for brought in [Some(text), stream.as_deref()].into_iter().flatten() {
        vendors::CALLER_INPUTS.iter().for_each(|bring| bring(brought));
    }
}
