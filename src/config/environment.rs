//! Overlays a configuration with environment variables.

use std::ffi::OsString;

use toml::{Table, Value};

use super::{Problem, Problems, account::ACCOUNT_KEYS, caller::CALLER_KEYS, set};

/// The prefix of environment variables.
const PREFIX: &str = "SMSMUX_";

/// The sections with fixed keys.
const SECTIONS: &[&str] = &["server", "log", "metrics", "tracing", "store", "webhooks", "events", "guard"];

/// The sections of sections: the word for one of them, and its keys.
const COLLECTIONS: &[(&str, &str, &[&str])] =
    &[("accounts", "an account", ACCOUNT_KEYS), ("callers", "a caller", CALLER_KEYS)];

/// Overlays a table with the environment. An empty variable counts as not set.
pub fn overlay(table: &mut Table, environment: impl Iterator<Item = (String, OsString)>, problems: &mut Problems) {
    for (name, value) in environment.filter(|(_, value)| !value.is_empty()) {
        if let Some(path) = name.strip_prefix(PREFIX) {
            overlay_variable(table, &name, &path.to_ascii_lowercase(), value, problems);
        }
    }
}

/// Overlays the table with one environment variable. Those of the command line itself, such as `SMSMUX_CONFIG`, name no
/// section and are ignored.
fn overlay_variable(table: &mut Table, name: &str, path: &str, value: OsString, problems: &mut Problems) {
    let Some((section, rest)) = path.split_once('_') else { return };
    let collection = COLLECTIONS.iter().find(|(name, ..)| *name == section);
    // Ids contain no underscore, but keys do: takes the longest known key that ends the name.
    let key = collection.and_then(|(_, _, keys)| {
        keys.iter().filter(|key| rest.ends_with(&format!("_{key}"))).max_by_key(|key| key.len())
    });
    if collection.is_none() && !SECTIONS.contains(&section) || key.is_none() && is_service_link(path, &value) {
        return;
    }
    let value = match value.into_string() {
        Ok(value) => Value::String(value),
        Err(_) => {
            problems.push(Problem { path: name.to_owned(), text: "is not UTF-8 text".to_owned() });
            return;
        }
    };
    match (collection, key) {
        (None, _) => set(table, &[section, rest], value),
        (Some(_), Some(key)) => {
            let id = rest[..rest.len() - key.len() - 1].replace('_', "-");
            set(table, &[section, &id, key], value);
        }
        (Some((_, one, keys)), None) => {
            let text = format!("does not end in a key of {one}: {}", keys.join(", "));
            problems.push(Problem { path: name.to_owned(), text });
        }
    }
}

/// Whether Kubernetes or Docker added the variable for another service, such as `smsmux-metrics`. No key of a section
/// with fixed keys has such a name.
fn is_service_link(path: &str, value: &OsString) -> bool {
    let is_number = |word: &str| word.parse::<u16>().is_ok();
    let is_protocol = |word: &str| matches!(word, "tcp" | "udp" | "sctp");
    let is_address = || value.to_str().and_then(|value| value.split_once("://")).is_some_and(|(p, _)| is_protocol(p));
    match &path.split('_').collect::<Vec<_>>()[..] {
        [.., "service", "host" | "port"] => true,
        [.., "port", number, protocol, "addr" | "port" | "proto"] if is_number(number) && is_protocol(protocol) => true,
        [.., "port", number, protocol] if is_number(number) && is_protocol(protocol) => true,
        [.., "port"] => is_address(),
        // The rest is the name of a port.
        _ => path.contains("_service_port_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(environment: &[(&str, &str)]) -> (String, Problems) {
        let (mut table, mut problems) = (Table::new(), Problems::new());
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
        overlay(&mut table, environment, &mut problems);
        (table.to_string(), problems)
    }

    #[test]
    fn links_of_services_beside_this_one_are_not_configuration() {
        for service in ["METRICS", "SERVER", "LOG", "TRACING", "STORE", "ACCOUNTS", "ACCOUNTS_ACME", "CALLERS", "OTHER"]
        {
            for (suffix, value) in [
                ("SERVICE_HOST", "10.0.0.1"),
                ("SERVICE_PORT", "9464"),
                ("SERVICE_PORT_GRPC", "9464"),
                ("SERVICE_PORT_HTTP_METRICS", "9464"),
                ("PORT", "tcp://10.0.0.1:9464"),
                ("PORT", "udp://[fd00::1]:53"),
                ("PORT_9464_TCP", "tcp://10.0.0.1:9464"),
                ("PORT_9464_TCP_PROTO", "tcp"),
                ("PORT_9464_TCP_PORT", "9464"),
                ("PORT_9464_TCP_ADDR", "10.0.0.1"),
                ("PORT_53_UDP", "udp://10.0.0.1:53"),
                ("PORT_53_UDP_PROTO", "udp"),
                ("PORT_36412_SCTP_ADDR", "10.0.0.1"),
            ] {
                let name = format!("SMSMUX_{service}_{suffix}");
                assert_eq!(laid(&[(&name, value)]), (String::new(), Problems::new()), "{name}={value}");
            }
        }
    }

    #[test]
    fn keys_that_look_a_little_like_links_are_configuration() {
        for (name, path) in [
            // Accounts that are called `service`, `port` and so on.
            ("SMSMUX_ACCOUNTS_SERVICE_TOKEN", "[accounts.service]\ntoken"),
            ("SMSMUX_ACCOUNTS_PORT_TOKEN", "[accounts.port]\ntoken"),
            ("SMSMUX_ACCOUNTS_SERVICE_PORT_TOKEN", "[accounts.service-port]\ntoken"),
            ("SMSMUX_ACCOUNTS_PORT_80_TCP_TOKEN", "[accounts.port-80-tcp]\ntoken"),
            ("SMSMUX_CALLERS_SERVICE_HOST_KEY", "[callers.service-host]\nkey"),
            // A mistyped key is a problem.
            ("SMSMUX_SERVER_PORT", "[server]\nport"),
            ("SMSMUX_SERVER_PORT_80", "[server]\nport_80"),
            ("SMSMUX_METRICS_HOST", "[metrics]\nhost"),
        ] {
            let (table, problems) = laid(&[(name, "50051")]);
            assert_eq!((table.trim_end(), problems), (&*format!("{path} = \"50051\""), Problems::new()), "{name}");
        }
        let (_, problems) = laid(&[("SMSMUX_ACCOUNTS_ACME_PORT", "50051")]);
        assert!(problems[0].text.starts_with("does not end in a key of an account"), "{problems:?}");
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        for name in ["SMSMUX_SERVER_LISTEN", "SMSMUX_ACCOUNTS_ACME_TOKEN", "SMSMUX_ACCOUNTS_ACME_COLOUR"] {
            assert_eq!(laid(&[(name, "")]), (String::new(), Problems::new()), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_text_is_a_problem_where_it_is_ours() {
        use std::os::unix::ffi::OsStringExt;
        for (name, count) in [("SMSMUX_ACCOUNTS_ACME_PASSWORD", 1), ("SMSMUX_CONFIG", 0), ("OTHER_SERVER_LISTEN", 0)] {
            let mut problems = Problems::new();
            let variable = (name.to_owned(), OsString::from_vec(vec![0xE9]));
            overlay(&mut Table::new(), [variable].into_iter(), &mut problems);
            assert_eq!(problems.len(), count, "{name}: {problems:?}");
        }
    }
}
