//! The keys of the configuration, with their defaults.

use std::collections::{BTreeMap, BTreeSet};

use smsmux::{
    config::Config,
    vendors::{self, REGISTRY},
};
use toml::{Table, Value};

use super::code;
use crate::support::pages::rows;

/// Logins that together read every key of every vendor.
const LOGINS: &[(&str, &str)] = &[
    ("smsend", "username = 'u'\npassword = 'p'"),
    ("smsend", "token = 'USER;TOKEN'"),
    ("lox24", "token = '1:k'"),
    ("ip1sms", "username = 'u'\napi_key = 'k'"),
    ("ip1sms", "token = 't'"),
    ("intelepeer", "token = 't'"),
    ("smspartner", "api_key = 'k'"),
];

/// A key that there is nowhere.
const UNKNOWN: &str = "no_such_key";

/// A default, where a key has one.
type Default = Option<String>;

#[test]
fn every_configuration_key_is_documented_with_its_default() {
    let mut expected: BTreeMap<String, Default> = BTreeMap::new();
    let mut of_vendors: BTreeMap<&str, BTreeMap<String, Default>> = BTreeMap::new();
    for (vendor, login) in LOGINS {
        for (path, default) in known(vendor, login) {
            match path.strip_prefix("accounts.a.") {
                Some(key) => drop(of_vendors.entry(vendor).or_default().insert(key.to_owned(), default)),
                None => drop(expected.insert(path.replace("callers.c.", "callers.*."), default)),
            }
        }
    }
    let registered: BTreeSet<_> = REGISTRY.iter().map(|(name, ..)| *name).collect();
    assert_eq!(of_vendors.keys().copied().collect::<BTreeSet<_>>(), registered, "LOGINS has every vendor");
    let all: BTreeSet<_> = of_vendors.values().flat_map(BTreeMap::keys).collect();
    for key in all {
        let defaults: Vec<_> = of_vendors.iter().filter_map(|(vendor, keys)| Some((vendor, keys.get(key)?))).collect();
        let is_common = defaults.len() == of_vendors.len();
        let is_same = defaults.iter().all(|(_, default)| *default == defaults[0].1);
        if is_common {
            expected.insert(format!("accounts.*.{key}"), defaults[0].1.clone().filter(|_| is_same));
        }
        if !is_common || !is_same {
            expected.extend(defaults.into_iter().map(|(vendor, default)| (format!("{vendor}.{key}"), default.clone())));
        }
    }

    let keys =
        rows("docs/configuration.md", "key").into_iter().map(|row| (code(&row[0]).expect("a key"), code(&row[1])));
    let of_vendors = rows("docs/configuration.md", "vendor").into_iter();
    let of_vendors =
        of_vendors.map(|row| (format!("{}.{}", code(&row[0]).unwrap(), code(&row[1]).unwrap()), code(&row[2])));
    let documented: BTreeMap<_, _> = keys.chain(of_vendors).collect();
    let all: BTreeSet<_> = documented.keys().chain(expected.keys()).collect();
    let wrong = all.into_iter().filter(|key| documented.get(*key) != expected.get(*key));
    let wrong: Vec<_> = wrong
        .map(|key| format!("{key}: the page has {:?}, the code {:?}", documented.get(key), expected.get(key)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The keys of a configuration with an account at `vendor`, by their paths, with the defaults of those that are not given.
fn known(vendor: &str, login: &str) -> BTreeMap<String, Default> {
    let (_, hash) = smsmux::config::api_key::generate("c").unwrap();
    let sections =
        ["server", "log", "metrics", "tracing", "store", "webhooks", "events", "consent", "guard", "quiet_hours"]
            .map(|name| format!("[{name}]\n{UNKNOWN} = 1\n"))
            .concat();
    let caller = format!("[callers.c]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n{UNKNOWN} = 1\n");
    let account = format!("[accounts.a]\nvendor = '{vendor}'\n{login}\n{UNKNOWN} = 1\n");
    let given: Table = format!("{sections}{caller}{account}").parse().unwrap();
    let mut problems = Vec::new();
    let mut config = Config::new(given.clone(), &mut problems);
    vendors::connect(&mut config, &mut problems);
    let effective: Table = config.effective().parse().unwrap();
    let at = |table: &Table, path: &str| {
        path.split('.').try_fold(Value::Table(table.clone()), |at, key| at.get(key).cloned())
    };

    let mut known = BTreeMap::new();
    for problem in problems {
        let section = problem.path.strip_suffix(UNKNOWN).unwrap_or_else(|| panic!("{problem}"));
        let (_, keys) = problem.text.split_once("expected one of ").expect("the known keys");
        for path in keys.split(", ").map(|key| format!("{section}{key}")) {
            let default = at(&effective, &path).filter(|_| at(&given, &path).is_none());
            let default = default.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            known.insert(path, default);
        }
    }
    known
}
