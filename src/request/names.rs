//! Resource names (AIP-122): `accounts/acme/messages/42`. Collections and ids alternate; a vendor's id with a slash or
//! a percent sign is percent-encoded.

use std::{
    borrow::Cow,
    sync::atomic::{AtomicBool, Ordering},
};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::error::{Error, Violation};

/// The most bytes of a name, as ids become part of vendors' URLs.
const LONGEST: usize = 2048;

const RESERVED: &AsciiSet = &CONTROLS.add(b'/').add(b'%').add(b' ');

/// Whether `id` can name an account: lower-case letters, digits and hyphens, beginning with a letter and not ending with a
/// hyphen, at most 63 (RFC 1034, AIP-122).
pub fn is_account_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.last() != Some(&b'-')
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

/// Returns the account's id in a resource name: `acme` of `accounts/acme/messages/42`.
///
/// # Errors
/// `field` in an INVALID_REQUEST when the name does not begin with an account.
pub fn account<'a>(name: &'a str, field: &str) -> Result<&'a str, Error> {
    name.starts_with("accounts/").then(|| account_id(name)).filter(|id| is_account_id(id)).ok_or_else(|| {
        let hint = if name.is_empty() { "is required and" } else { "is malformed: it" };
        Error::invalid_field(field, format!("{hint} must begin with accounts/{{account}}, such as accounts/acme"))
    })
}

/// Returns the account's id in a name of smsmux's own: `acme` of `accounts/acme/messages/42`. It is not checked.
pub fn account_id(name: &str) -> &str {
    let rest = name.strip_prefix("accounts/").unwrap_or(name);
    rest.split_once('/').map_or(rest, |(id, _)| id)
}

/// Returns the last id in a name of smsmux's own: `42` of `accounts/acme/messages/42`.
pub fn last_id(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, id)| id)
}

/// Parses a name by a pattern: `parse("accounts/a/messages/42", "accounts/*/messages/*")` returns `["a", "42"]`.
fn parse<'a, const N: usize>(name: &'a str, pattern: &str) -> Option<[Cow<'a, str>; N]> {
    if name.len() > LONGEST {
        return None;
    }
    let mut ids = [const { Cow::Borrowed("") }; N];
    let mut found = 0;
    let (mut given, mut wanted) = (name.split('/'), pattern.split('/'));
    loop {
        match (given.next(), wanted.next()) {
            (None, None) => return (found == N).then_some(ids),
            (Some(id), Some("*")) if !id.is_empty() => {
                let id = percent_decode_str(id).decode_utf8().ok()?;
                // In a vendor's path these would refer to another resource, even when encoded.
                if id == "." || id == ".." || id.contains(char::is_control) {
                    return None;
                }
                *ids.get_mut(found)? = id;
                found += 1;
            }
            (Some(collection), Some(expected)) if collection == expected => {}
            _ => return None,
        }
    }
}

/// Returns the ids in a name that matches `pattern`, the account's first: `["a", "42"]` for `accounts/*/messages/*`.
///
/// # Errors
/// The violation of `field` if the name does not match.
pub fn ids<'a, const N: usize>(name: &'a str, pattern: &str, field: &str) -> Result<[Cow<'a, str>; N], Violation> {
    parse(name, pattern).ok_or_else(|| Violation {
        field: field.to_owned(),
        description: match name.len() {
            ..=LONGEST => format!("must be of the form {}", pattern.replace('*', "{id}")),
            length => format!("has {length} bytes; at most {LONGEST} are allowed"),
        },
    })
}

/// Builds the name of a resource in a collection: `child("accounts/acme", "messages", "42")`.
pub fn child(parent: &str, collection: &str, id: &str) -> String {
    // Most ids need no encoding, and are borrowed.
    let id = Cow::from(utf8_percent_encode(id, RESERVED));
    [parent, "/", collection, "/", &*id].concat()
}

/// Splits the name of a message into that of its account and the message's id.
pub fn message(name: &str) -> Option<(&str, &str)> {
    let (messages, id) = name.rsplit_once('/')?;
    Some((messages.strip_suffix("/messages")?, id))
}

/// The collections whose ids are phone numbers.
const NUMBERS: &[&str] = &["numbers", "stopListEntries"];

/// The collections whose ids can be phone numbers: some vendors derive them from a person's number. Some vendors'
/// message ids are numbers too, but operators need them.
const PEOPLE: &[&str] = &["contacts", "groups"];

/// Whether logs may show phone numbers. Global, as the process has one log.
static NUMBERS_ARE_SHOWN: AtomicBool = AtomicBool::new(false);

/// Sets whether logs may show phone numbers.
pub fn show_numbers(show: bool) {
    NUMBERS_ARE_SHOWN.store(show, Ordering::Relaxed);
}

/// Returns a name for logs: with ids that are phone numbers masked, unless [`show_numbers`] permits them.
pub fn loggable(name: &str) -> Cow<'_, str> {
    if NUMBERS_ARE_SHOWN.load(Ordering::Relaxed) { Cow::Borrowed(name) } else { masked(name) }
}

fn masked(name: &str) -> Cow<'_, str> {
    let is_number = |id: &str| id.starts_with('+') || id.get(..3).is_some_and(|c| c.eq_ignore_ascii_case("%2b"));
    let is_private = |(id, collection): (&str, &str)| {
        is_number(id) || NUMBERS.contains(&collection) || PEOPLE.contains(&collection) && has_digits_of_number(id)
    };
    let segments = || name.split('/').zip(std::iter::once("").chain(name.split('/')));
    if !segments().any(is_private) {
        return Cow::Borrowed(name);
    }
    let shown = segments().map(|segment| if is_private(segment) { "***" } else { segment.0 });
    Cow::Owned(shown.collect::<Vec<_>>().join("/"))
}

/// Whether an id can be a phone number without its plus: 7 to 15 digits (E.164), also behind `00`.
fn has_digits_of_number(id: &str) -> bool {
    (7..=17).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_no_number() {
        for (name, shown) in [
            ("accounts/us/numbers/+17208675309", "accounts/us/numbers/***"),
            ("accounts/us/numbers/17208675309", "accounts/us/numbers/***"),
            ("accounts/fr/stopListEntries/33612345678", "accounts/fr/stopListEntries/***"),
            ("accounts/us/numbers/+17208675309/more", "accounts/us/numbers/***/more"),
            ("accounts/us/contacts/%2b17208675309", "accounts/us/contacts/***"),
            ("accounts/it/contacts/393471234567", "accounts/it/contacts/***"),
            ("accounts/it/groups/00393471234567", "accounts/it/groups/***"),
            ("accounts/it/groups/801", "accounts/it/groups/801"),
            ("accounts/it/contacts/AVvZEwZHHnl8wUZve6CT", "accounts/it/contacts/AVvZEwZHHnl8wUZve6CT"),
            ("accounts/se/messages/12345678", "accounts/se/messages/12345678"),
            ("+17208675309", "***"),
            ("accounts/acme/messages/4+2", "accounts/acme/messages/4+2"),
            ("", ""),
        ] {
            assert_eq!(masked(name), shown, "{name}");
        }
    }

    #[test]
    fn the_account_is_the_first_two_segments() {
        assert_eq!(account("accounts/acme", "parent").ok(), Some("acme"));
        assert_eq!(account("accounts/a-1/messages/x", "name").ok(), Some("a-1"));
        for bad in [
            "",
            "accounts",
            "accounts/",
            "acme",
            "accounts//x",
            "account/acme",
            "accounts/Acme",
            "accounts/-a",
            "accounts/a-",
        ] {
            let error = account(bad, "parent").expect_err(bad);
            assert!(error.to_string().contains("parent: "), "{error}");
        }
    }

    #[test]
    fn ids_survive_encoding() {
        for id in ["42", "a.b_c-d", "a/b", "50%", "a b", "perché", "%2F"] {
            let name = child("accounts/acme", "messages", id);
            let [account, back] = ids(&name, "accounts/*/messages/*", "name").expect("well formed");
            assert_eq!((&*account, &*back), ("acme", id), "{name}");
        }
    }

    #[test]
    fn a_name_of_another_form_is_refused() {
        for bad in [
            "accounts/acme",
            "accounts/acme/messages",
            "accounts/acme/messages/",
            "accounts/acme/groups/1",
            "accounts/acme/messages/1/x",
            "accounts/acme/messages/.",
            "accounts/acme/messages/..",
            "accounts/acme/messages/%2e%2E",
            "accounts/acme/messages/a%00b",
        ] {
            let violation = ids::<2>(bad, "accounts/*/messages/*", "name").expect_err(bad);
            assert_eq!(violation.description, "must be of the form accounts/{id}/messages/{id}");
        }
    }
}
