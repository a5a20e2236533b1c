//! The keys of `[senders]`: a country, and what it permits as a sender.

use super::{Keys, Problems};
use crate::text::senders::{Permitted, Senders};

/// Whether a text has the form of a code of ISO 3166-1.
pub(super) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// Reads what countries permit, in place of the compiled-in table.
pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Senders {
    let mut given = Vec::new();
    for country in keys.given() {
        if !is_country(&country) {
            keys.problem(&country, "invalid country; expected two letters of ISO 3166-1, such as US", problems);
        }
        given.extend(keys.optional::<Permitted>(&country, problems).map(|permitted| (country, permitted)));
    }
    Senders::new(given)
}
