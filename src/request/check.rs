//! Validates requests before any HTTP. All violations are collected, not only the first.

mod send;

use std::time::SystemTime;

use jiff::civil::Date;
use prost_types::Timestamp;

pub use self::send::{MAX_SEGMENTS, Places, is_message_id};
use crate::{
    error::{Error, Violation},
    request::names,
    text::numbers,
};

/// The violation of a field that only the vendor sets.
pub const SET_BY_VENDOR: &str = "is set by the vendor: leave it unset";

/// The most entries of a list that are checked, whatever its limit: a request can have millions.
pub const MAX_LOOKED_AT: usize = 10_000;

/// Collects the violations of one request.
#[derive(Debug, Default)]
pub struct Check {
    violations: Vec<Violation>,
}

impl Check {
    /// Starts without violations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a violation unless `right`.
    pub fn that(&mut self, right: bool, field: impl Into<String>, description: impl Into<String>) {
        if !right {
            self.fault(field, description);
        }
    }

    /// Notes a violation.
    pub fn fault(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation { field: field.into(), description: description.into() });
    }

    /// Notes the fields that are set and must not be.
    pub fn absent<const N: usize>(&mut self, given: [(bool, &str); N], description: &str) {
        for (given, field) in given {
            self.that(!given, field, description);
        }
    }

    /// Returns the value, or notes the violation and returns the default, so that checking can go on.
    pub fn take<T: Default>(&mut self, result: Result<T, Violation>) -> T {
        result.unwrap_or_else(|violation| {
            self.violations.push(violation);
            T::default()
        })
    }

    /// Checks the name of an account.
    pub fn account(&mut self, name: &str, field: &str) {
        self.take(names::ids::<1>(name, "accounts/*", field).map(drop));
    }

    /// Returns the last id of a resource name that matches `pattern`, such as `accounts/*/messages/*`.
    pub fn id(&mut self, name: &str, pattern: &str, field: &str) -> String {
        self.take(names::ids::<2>(name, pattern, field).map(|[_, id]| id.into_owned()))
    }

    /// Returns the id of a resource that must be in a collection of this account: `id_in(name, "accounts/acme",
    /// "groups", ..)`.
    pub fn id_in(&mut self, name: &str, account: &str, collection: &str, field: &str) -> String {
        let pattern = format!("{account}/{collection}/*");
        self.take(names::ids::<1>(name, &pattern, field).map(|[id]| id.into_owned()))
    }

    /// Checks that a text is not empty.
    pub fn required(&mut self, value: &str, field: &str) {
        self.that(!value.is_empty(), field, "is required");
    }

    /// Checks that a text has at most `limit` characters, and returns whether it does.
    pub fn at_most(&mut self, value: &str, limit: usize, field: &str) -> bool {
        // Counting characters needs a pass over the text; there are never fewer bytes.
        let length = if value.len() > limit { value.chars().count() } else { 0 };
        if length > limit {
            self.fault(field, format!("has {length} characters; at most {limit} are allowed"));
        }
        length <= limit
    }

    /// Checks the form of an e-mail address, or that it is empty; not whether the address exists.
    pub fn email(&mut self, value: &str, field: &str) {
        let right = value.is_empty() || is_email(value);
        self.that(right, field, "must be an e-mail address such as name@example.com");
    }

    /// Parses an existing day as `YYYY-MM-DD`; returns `None` after noting the violation.
    pub fn date(&mut self, value: &str, field: &str) -> Option<Date> {
        // Formatting it again excludes other forms that parse too, such as 2017-5-1.
        let date = Date::strptime("%Y-%m-%d", value).ok().filter(|date| date.to_string() == value);
        self.that(date.is_some(), field, "must be a day of the form YYYY-MM-DD");
        date
    }

    /// Reads a time, if there is one; returns `None` after noting the violation.
    pub fn time(&mut self, time: Option<Timestamp>, field: &str) -> Option<SystemTime> {
        let time = time.map(SystemTime::try_from)?;
        self.that(time.is_ok(), field, "must lie between the years 1 and 9999");
        time.ok()
    }

    /// Checks that a list has 1 to `limit` entries.
    pub fn one_to(&mut self, count: usize, limit: usize, field: &str) {
        self.that(count > 0, field, "at least one is required");
        self.at_most_entries(count, limit, field);
    }

    fn at_most_entries(&mut self, count: usize, limit: usize, field: &str) {
        if count > limit {
            self.fault(field, format!("has {count} entries; at most {limit} are allowed"));
        }
    }

    /// Checks the account's numbers in the field `numbers`: at most `limit`; an empty list means all.
    pub fn numbers(&mut self, numbers: &[String], limit: usize) {
        self.at_most_entries(numbers.len(), limit, "numbers");
        for (i, number) in numbers.iter().take(MAX_LOOKED_AT).enumerate() {
            self.phone_number(number, || format!("numbers[{i}]"));
        }
    }

    /// Checks a phone number in E.164 form. Other forms are not converted: a letter may be a misread digit, and an
    /// invisible character may stand for more.
    pub fn phone_number(&mut self, value: &str, field: impl FnOnce() -> String) {
        if is_e164(value) {
            return;
        }
        let wrong = "must be a phone number in E.164 form: + and 2 to 15 digits, such as +393471234567";
        let other = value.strip_prefix('+').unwrap_or(value).chars().find(|c| !c.is_ascii_digit());
        match other {
            Some(c) => {
                self.fault(field(), format!("{wrong}; it has {}, which is not one of 0 to 9", send::code_point(c)))
            }
            None => self.fault(field(), wrong),
        }
    }

    /// Checks a web address.
    pub fn http_url(&mut self, value: &str, field: &str) {
        self.that(is_http_url(value), field, "must be an address such as https://example.com/sms");
    }

    /// Returns the violations.
    pub fn violations(self) -> Vec<Violation> {
        self.violations
    }

    /// Ends the check.
    ///
    /// # Errors
    /// INVALID_REQUEST with all violations.
    pub fn done(self) -> Result<(), Error> {
        if self.violations.is_empty() { Ok(()) } else { Err(Error::invalid(self.violations)) }
    }
}

/// Whether a text has the form of an E.164 number: `+`, then 2 to 15 digits of which the first is not 0. The number
/// need not exist.
pub fn is_e164(value: &str) -> bool {
    let Some(digits) = value.as_bytes().strip_prefix(b"+") else {
        return false;
    };
    (2..=15).contains(&digits.len()) && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit)
}

/// Converts a vendor's number to E.164 form: `+39…`, `0039…` and `39…` are the same, with whatever groups the digits, and
/// with the space that a form has in place of a `+` that its sender did not encode. Anything else, such as a short code or
/// a name, is returned unchanged.
pub fn to_e164(number: String) -> String {
    let is_dialed = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+');
    let written = if is_dialed { None } else { numbers::dialed(&number) };
    international(written.as_deref().unwrap_or(&number)).unwrap_or(number)
}

fn international(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+').or_else(|| number.strip_prefix("00")).unwrap_or(number);
    let international = format!("+{digits}");
    // Shorter numbers are short codes.
    (digits.len() >= 8 && is_e164(&international)).then_some(international)
}

/// Whether a text has the form of an e-mail address: a local part, `@`, a domain with a dot. The address need not
/// exist.
pub fn is_email(value: &str) -> bool {
    let is_domain = |domain: &str| domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    !value.contains(|c: char| c.is_whitespace() || c.is_control())
        && value.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && is_domain(domain) && (local.starts_with('"') || !local.contains('@'))
        })
}

/// Whether a text is an `http://` or `https://` address with a host.
pub fn is_http_url(value: &str) -> bool {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    // The parser accepts extra slashes and white space, which vendors may not.
    rest.is_some_and(|rest| !rest.starts_with('/'))
        && !value.contains(|c: char| c.is_whitespace() || c.is_control())
        && url::Url::parse(value).is_ok_and(|url| url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_and_web_addresses_have_their_shapes() {
        for good in ["me@example.com", "a.b+c@d.e.it", "ü@bücher.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["", "me", "me@", "@example.com", "me@example", "me@.com", "me@a..b", "m e@a.b", "a@b@c.d", "a@b.c\n"]
        {
            assert!(!is_email(bad), "{bad}");
        }
        for good in ["https://www.myserver.com/myapp", "http://user:key@10.0.0.1:8080/a?b=c", "http://[::1]"] {
            assert!(is_http_url(good), "{good}");
        }
        for bad in
            ["", "example.com", "ftp://example.com", "https://", "https:///a", "http:a", " http://a", "http://a b"]
        {
            assert!(!is_http_url(bad), "{bad}");
        }
    }

    #[test]
    fn a_resource_of_another_account_or_collection_is_refused() {
        let mut check = Check::new();
        assert_eq!(check.id_in("accounts/acme/groups/a%2Fb", "accounts/acme", "groups", "group"), "a/b");
        for bad in ["", "accounts/other/groups/7", "accounts/acme/contacts/7", "accounts/acme/groups/", "7"] {
            check.id_in(bad, "accounts/acme", "groups", bad);
        }
        let error = check.done().expect_err("five faults").to_string();
        assert!(error.contains("must be of the form accounts/acme/groups/{id}") && error.contains("2 more"), "{error}");
    }

    #[test]
    fn e164_is_plus_and_2_to_15_digits() {
        for good in ["+393471234567", "+12", "+123456789012345"] {
            assert!(is_e164(good), "{good}");
        }
        for bad in [
            "",
            "+",
            "+1",
            "393471234567",
            "+0393471234",
            "+1234567890123456",
            "+39 347",
            "+39347a",
            "+३९३४७",
            "00393471234567",
        ] {
            assert!(!is_e164(bad), "{bad}");
        }
    }

    #[test]
    fn a_number_has_one_form_however_the_vendor_writes_it() {
        for number in ["+393471234567", "00393471234567", "393471234567"] {
            assert_eq!(to_e164(number.to_owned()), "+393471234567");
        }
        // The first is what a form makes of an unencoded `+`.
        for number in [" 393471234567", "+39 347 123 4567", "+39 (347) 123-4567", "\u{202a}+39\u{a0}3471234567\u{202c}"]
        {
            assert_eq!(to_e164(number.to_owned()), "+393471234567", "{number}");
        }
        assert_eq!(to_e164("+44 (0)20 7946 0958".to_owned()), "+442079460958");
        for other in
            ["", "+", "12345", "0347123456", "MySender", "+39347a", "1234567890123456", " ", "12 345", "347 O12345"]
        {
            assert_eq!(to_e164(other.to_owned()), other);
        }
    }

    #[test]
    fn every_fault_is_listed() {
        let mut check = Check::new();
        check.required("", "text");
        check.phone_number("12", || "recipients[0]".into());
        check.at_most("èè", 1, "sender");
        check.one_to(0, 5, "recipients");
        let error = check.done().expect_err("four faults");
        for field in ["text", "recipients[0]", "sender: has 2 characters; at most 1", "and 1 more"] {
            assert!(error.to_string().contains(field), "{error}");
        }
    }

    #[test]
    fn an_invalid_character_in_a_number_is_named() {
        for (number, code_point) in [
            ("+3934712345O7", "U+004F"),
            ("+39 3471234567", "U+0020"),
            ("\u{202a}+393471234567", "U+202A"),
            ("＋393471234567", "U+FF0B"),
            ("+३९३४७", "U+0969"),
            ("0039347\n", "U+000A"),
        ] {
            let mut check = Check::new();
            check.phone_number(number, || "to".to_owned());
            let error = check.done().expect_err("not in E.164 form").to_string();
            assert!(error.ends_with(&format!("; it has {code_point}, which is not one of 0 to 9")), "{error}");
        }
    }

    #[test]
    fn an_email_has_one_at_and_a_domain_with_a_point() {
        for (value, right) in [
            ("", true),
            ("em@a.il", true),
            ("alessandro.magno+1@mail.macedonia.com", true),
            ("em", false),
            ("em@a", false),
            ("@a.il", false),
            ("em@.il", false),
            ("em@a.", false),
            ("e m@a.il", false),
            ("e@m@a.il", false),
        ] {
            let mut check = Check::new();
            check.email(value, "email");
            assert_eq!(check.done().is_ok(), right, "{value:?}");
        }
    }

    #[test]
    fn a_date_has_one_form_and_exists() {
        let mut check = Check::new();
        assert_eq!(check.date("2016-02-29", "day"), Some(jiff::civil::date(2016, 2, 29)));
        assert!(check.done().is_ok());
        for bad in ["", "2017-02-29", "2017-5-1", "20170511", "2017-05-11T10:00", " 2017-05-11", "-002017-05-11"] {
            let mut check = Check::new();
            assert_eq!((check.date(bad, "day"), check.done().is_err()), (None, true), "{bad:?}");
        }
    }
}
