//! Checks of a request before any HTTP: every fault is collected, none is hidden behind the first.

use crate::{
    error::{Error, Violation},
    names,
};

/// Collects the faults of one request.
#[derive(Debug, Default)]
pub struct Check {
    violations: Vec<Violation>,
}

impl Check {
    /// No faults yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault unless `right`.
    pub fn that(&mut self, right: bool, field: impl Into<String>, description: impl Into<String>) {
        if !right {
            self.fault(field, description);
        }
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation { field: field.into(), description: description.into() });
    }

    /// Takes the value, or notes the fault and takes the default, so that checking can go on.
    pub fn take<T: Default>(&mut self, result: Result<T, Violation>) -> T {
        result.unwrap_or_else(|violation| {
            self.violations.push(violation);
            T::default()
        })
    }

    /// The last id of a resource name of the form of `pattern`, such as `accounts/*/messages/*`.
    pub fn id(&mut self, name: &str, pattern: &str, field: &str) -> String {
        self.take(names::ids::<2>(name, pattern, field).map(|[_, id]| id.into_owned()))
    }

    /// The id of a resource that must be in a collection of this very account: `id_in(name, "accounts/acme", "groups", ..)`.
    pub fn id_in(&mut self, name: &str, account: &str, collection: &str, field: &str) -> String {
        let pattern = format!("{account}/{collection}/*");
        self.take(names::ids::<1>(name, &pattern, field).map(|[id]| id.into_owned()))
    }

    /// A text that must be there.
    pub fn required(&mut self, value: &str, field: &str) {
        self.that(!value.is_empty(), field, "is required");
    }

    /// A text of at most `limit` characters.
    pub fn at_most(&mut self, value: &str, limit: usize, field: &str) {
        // Counting characters costs a pass over the text; its bytes are never fewer.
        if value.len() > limit {
            let length = value.chars().count();
            self.that(length <= limit, field, format!("has {length} characters; at most {limit} are allowed"));
        }
    }

    /// A list of 1 to `limit` entries.
    pub fn one_to(&mut self, count: usize, limit: usize, field: &str) {
        self.that(count > 0, field, "at least one is required");
        self.that(count <= limit, field, format!("has {count} entries; at most {limit} are allowed"));
    }

    /// A phone number in E.164 form.
    pub fn phone_number(&mut self, value: &str, field: impl FnOnce() -> String) {
        if !is_e164(value) {
            self.fault(field(), "must be a phone number in E.164 form: + and 2 to 15 digits, such as +393471234567");
        }
    }

    /// An e-mail address.
    pub fn email(&mut self, value: &str, field: &str) {
        self.that(is_email(value), field, "must be an e-mail address such as me@example.com");
    }

    /// A sender: empty, alphanumeric of at most 11 characters, or numeric of at most 15 digits (3GPP TS 23.040, 9.1.2.5).
    pub fn sender(&mut self, value: &str, field: &str) {
        let digits = value.strip_prefix('+').unwrap_or(value);
        let numeric = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let right = match numeric {
            true => digits.len() <= 15,
            false => value.chars().count() <= 11 && value.chars().all(crate::gsm::contains),
        };
        self.that(right, field, "must be at most 11 characters of the GSM alphabet, or a number of at most 15 digits");
    }

    /// Ends the check.
    ///
    /// # Errors
    /// INVALID_REQUEST with every fault that was noted.
    pub fn done(self) -> Result<(), Error> {
        if self.violations.is_empty() { Ok(()) } else { Err(Error::invalid(self.violations)) }
    }
}

/// Whether a text has the shape of an E.164 number: `+`, then 2 to 15 digits of which the first is not 0. Whether the
/// number exists is not asked.
pub fn is_e164(value: &str) -> bool {
    let Some(digits) = value.as_bytes().strip_prefix(b"+") else {
        return false;
    };
    (2..=15).contains(&digits.len()) && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit)
}

/// Whether a text has the shape of an e-mail address: something, one `@`, and a domain with a dot. Enough to catch what was
/// meant for another field; the rest is the mail server's to judge.
pub fn is_email(value: &str) -> bool {
    value.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
            && !domain.contains('@')
            && !value.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_e_mail_address_has_one_at_and_a_domain_with_a_dot() {
        for good in ["a@b.it", "ema@il.com", "first.last+tag@mail.example.com", "è@perché.it"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "a@b", "@b.it", "a@b.", "a@.it", "a@b..it", "a b@c.it", "a@b@c.it", "a@b.it\n"] {
            assert!(!is_email(bad), "{bad}");
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
    fn a_sender_is_a_short_name_or_a_number() {
        for (sender, right) in [
            ("", true),
            ("MySender", true),
            ("Twelve chars", false),
            ("Eleven char", true),
            ("+393471234567", true),
            ("123456789012345", true),
            ("1234567890123456", false),
            ("Señor", true),
            ("Ñandú`", false),
            ("+", true),
        ] {
            let mut check = Check::new();
            check.sender(sender, "sender");
            assert_eq!(check.done().is_ok(), right, "{sender:?}");
        }
    }
}
