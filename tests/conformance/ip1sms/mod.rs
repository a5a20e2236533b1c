//! IP1SMS, after its document `000_2563fb53bf55b594.txt`.

mod errors;
mod message;
mod number;
mod stop_list;

use crate::Case;

pub fn cases() -> Vec<Case> {
    [number::cases(), message::cases(), stop_list::cases()].into_iter().flatten().collect()
}

/// The one operation of the document.
const PUT: &str = "PUT /api/me/services/phone";
