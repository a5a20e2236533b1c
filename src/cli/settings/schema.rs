//! A JSON schema of the configuration, by the code that reads it, with the words of the documentation.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use smsmux::{
    api::SERVICES,
    config::{Config, Kind, choices, route::ROUTE},
    text::senders,
    vendors::{connect, platform},
};
use toml::Table;

use super::{
    LOGINS,
    page::{Documented, keys},
};

/// The keys of a section, each with its schema.
type Section = BTreeMap<String, Value>;

/// Returns the schema.
pub(super) fn schema() -> Value {
    let documented = keys();
    let mut sections = BTreeMap::<String, Section>::new();
    let mut of_vendors = BTreeMap::<String, Section>::new();
    for vendor in super::vendors() {
        for (_, login) in LOGINS.iter().filter(|(name, _)| *name == platform(vendor)) {
            read(vendor, login, &documented, &mut sections, &mut of_vendors);
        }
    }
    read(ROUTE, &[], &documented, &mut sections, &mut of_vendors);
    let mut callers = sections.remove("callers.c").unwrap_or_default();
    if let Some(scopes) = callers.get_mut("scopes") {
        scopes["items"] = suggested(&scopes_of_services());
    }
    let mut properties: Map<_, _> = sections.into_iter().map(|(name, keys)| (name, object(keys))).collect();
    let permitted = json!({ "anyOf": [{ "enum": choices::<senders::Kind>() }, texts()] });
    let senders =
        json!({ "type": "object", "propertyNames": { "pattern": "^[A-Z]{2}$" }, "additionalProperties": permitted });
    properties.insert("senders".to_owned(), senders);
    properties.insert("callers".to_owned(), json!({ "type": "object", "additionalProperties": object(callers) }));
    properties.insert("accounts".to_owned(), json!({ "type": "object", "additionalProperties": account(of_vendors) }));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "smsmux",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

/// Adds the keys of a configuration with an account at `vendor`.
fn read(
    vendor: &str,
    login: &[(&str, &str)],
    documented: &[Documented],
    sections: &mut BTreeMap<String, Section>,
    of_vendors: &mut BTreeMap<String, Section>,
) {
    let account: Table = [("vendor", vendor)]
        .into_iter()
        .chain(login.iter().copied())
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    let given: Table = [("callers", ("c", Table::new())), ("accounts", ("a", account))]
        .into_iter()
        .map(|(name, (id, table))| {
            (name.to_owned(), Table::from_iter([(id.to_owned(), toml::Value::Table(table))]).into())
        })
        .collect();
    // Missing keys are not reported here.
    let mut problems = Vec::new();
    let mut config = Config::new(given, &mut problems);
    connect(&mut config, &mut problems);
    for keys in config.keys() {
        let (section, page) = match keys.path() {
            "accounts.a" => (of_vendors.entry(vendor.to_owned()).or_default(), "accounts.*"),
            "callers.c" => (sections.entry("callers.c".to_owned()).or_default(), "callers.*"),
            path => (sections.entry(path.to_owned()).or_default(), path),
        };
        for (key, kind, value) in keys.known() {
            let is_given = page == "accounts.*" && (key == "vendor" || login.iter().any(|(name, _)| *name == key));
            let default = value.filter(|_| !is_given);
            section.insert(key.to_owned(), property(kind, default, meaning(documented, vendor, page, key)));
        }
    }
}

/// Returns what the documentation says of a key: for the vendor, or for all.
fn meaning<'a>(documented: &'a [Documented], vendor: &str, page: &str, key: &str) -> Option<&'a str> {
    let of = |section: &str| documented.iter().find(|known| known.section == section && known.key == key);
    let own = (page == "accounts.*").then(|| of(platform(vendor))).flatten();
    own.or_else(|| of(page)).map(|known| known.meaning.as_str())
}

fn property(kind: Kind, default: Option<&toml::Value>, meaning: Option<&str>) -> Value {
    let mut property = match (kind, default) {
        (Kind::Boolean, _) => json!({ "type": "boolean" }),
        (Kind::Integer, _) => json!({ "type": "integer", "minimum": 0 }),
        (Kind::Number, _) => json!({ "type": "number" }),
        (Kind::Text, _) | (Kind::Other, Some(toml::Value::String(_))) => json!({ "type": "string" }),
        (Kind::Choice(values), _) => json!({ "enum": values }),
        (Kind::Suggested(values), _) => suggested(values),
        (Kind::Secret, _) => secret(),
        (Kind::Texts, _) | (Kind::Other, Some(toml::Value::Array(_))) => texts(),
        (Kind::Other, _) => json!({}),
    };
    let default = default.filter(|_| kind != Kind::Secret).and_then(|value| serde_json::to_value(value).ok());
    for (name, value) in [("default", default), ("description", meaning.map(Value::from))] {
        if let (Some(value), Some(property)) = (value, property.as_object_mut()) {
            property.insert(name.to_owned(), value);
        }
    }
    property
}

fn secret() -> Value {
    let source = |name: &str| {
        let properties = json!({ name: { "type": "string" } });
        json!({ "type": "object", "properties": properties, "required": [name], "additionalProperties": false })
    };
    json!({ "anyOf": [{ "type": "string" }, source("env"), source("file")] })
}

/// Returns the schema of a text that is one of these, or another: editors offer these.
fn suggested(values: &[&str]) -> Value {
    json!({ "anyOf": [{ "enum": values }, { "type": "string" }] })
}

/// Returns the scopes of whole services.
fn scopes_of_services() -> Vec<&'static str> {
    std::iter::once("*").chain(SERVICES.iter().map(|name| name.rsplit('.').next().unwrap_or(name))).collect()
}

fn texts() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

fn object(properties: Section) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// Returns the schema of an account, whose keys depend on its vendor.
fn account(of_vendors: BTreeMap<String, Section>) -> Value {
    let names: Vec<_> = of_vendors.keys().cloned().collect();
    let by_vendor = of_vendors.into_iter().map(|(vendor, mut keys)| {
        keys.insert("vendor".to_owned(), json!({ "const": vendor }));
        json!({ "if": { "properties": { "vendor": { "const": vendor } } }, "then": object(keys) })
    });
    let by_vendor: Vec<_> = by_vendor.collect();
    json!({ "type": "object", "required": ["vendor"], "properties": { "vendor": { "enum": names } }, "allOf": by_vendor })
}
