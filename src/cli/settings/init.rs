//! A configuration to start from.

use std::fmt::Write as _;

use smsmux::vendors::platform;

use super::{
    LOGINS,
    page::{Documented, keys},
};

/// The keys that a new configuration has, commented out: what is changed first.
const FIRST: &[&str] = &[
    "server.listen",
    "server.tls_certificate",
    "server.tls_key",
    "log.level",
    "metrics.listen",
    "store.path",
    "store.log_retention",
    "webhooks.listen",
    "webhooks.public_url",
    "guard.mode",
    "guard.countries",
    "accounts.*.webhook_tokens",
    "accounts.*.requests_per_second",
    "accounts.*.low_balance",
];

/// The longest line of a comment.
const WIDTH: usize = 100;

/// Returns a configuration with an account at each of the vendors. Every key but those of a login is commented out.
pub(super) fn configuration(vendors: &[String], all: bool) -> String {
    let keys = keys();
    let is_shown = |key: &&Documented| all || FIRST.contains(&&*format!("{}.{}", key.section, key.key));
    let mut text = String::from(
        "# The configuration of smsmux. Every key has a default but those of a login: remove the # before a key to set it.\n\
         # smsmux check prints what it comes to, smsmux check --online logs in at the vendors, smsmux serve serves it.\n\
         # A secret is plain text, { env = \"NAME\" } or { file = \"/path\" }.\n",
    );
    let mut sections: Vec<_> = keys.iter().map(|key| key.section).filter(|section| !is_collection(section)).collect();
    sections.dedup();
    for section in sections {
        let shown: Vec<_> = keys.iter().filter(|key| key.section == section).filter(is_shown).collect();
        if !shown.is_empty() {
            let _ = writeln!(text, "\n[{section}]");
            shown.into_iter().for_each(|key| text += &commented(key));
        }
    }
    text += "\n# Who may call. Without callers, every call from this machine is permitted, and none from others.\n\
             # smsmux key new NAME makes a key, and prints these lines.\n\
             #[callers.NAME]\n#key = \"hmac-sha256:...\"\n#scopes = [\"*\"]\n#accounts = [\"*\"]\n";
    for vendor in vendors {
        text += &account(vendor, &keys, all);
    }
    text
}

/// Whether a section is one of many, or the keys of one vendor.
fn is_collection(section: &str) -> bool {
    section.contains('*') || super::vendors().any(|vendor| vendor == section)
}

fn account(vendor: &str, keys: &[Documented], all: bool) -> String {
    let platform = platform(vendor);
    let login = LOGINS.iter().find(|(name, _)| *name == platform).map_or(&[][..], |(_, login)| login);
    let mut text = format!(
        "\n# The resource name is accounts/{vendor}; any other name will do.\n[accounts.{vendor}]\nvendor = \"{vendor}\"\n"
    );
    for (key, value) in login {
        let _ = writeln!(text, "{key} = \"{value}\"");
    }
    let is_login = |key: &&Documented| login.iter().any(|(name, _)| *name == key.key);
    let own = keys
        .iter()
        .filter(|key| key.section == platform && !is_login(key))
        .filter(|key| key.key != "base_url" || all && platform == vendor);
    own.for_each(|key| text += &commented(key));
    let is_own = |key: &&Documented| keys.iter().any(|own| own.section == platform && own.key == key.key);
    let common = keys.iter().filter(|key| key.section == "accounts.*" && key.key != "vendor" && !is_own(key));
    let common = common.filter(|key| all || FIRST.contains(&&*format!("accounts.*.{}", key.key)));
    common.for_each(|key| text += &commented(key));
    text
}

/// Returns a key that is commented out, below what it is for.
fn commented(key: &Documented) -> String {
    let mut text = String::new();
    let mut line = String::from("#");
    for word in key.meaning.split_whitespace() {
        if line.len() + word.len() >= WIDTH {
            text += &line;
            text.push('\n');
            line.replace_range(.., "#");
        }
        line.push(' ');
        line += word;
    }
    let value = match key.default {
        None => String::new(),
        Some(default) if is_bare(default) => default.to_owned(),
        Some(default) => format!("\"{default}\""),
    };
    format!("{text}{line}\n#{} ={}{value}\n", key.key, if value.is_empty() { "" } else { " " })
}

/// Whether a value has no quotes in TOML.
fn is_bare(default: &str) -> bool {
    default == "[]" || default.parse::<bool>().is_ok() || default.parse::<u64>().is_ok()
}
