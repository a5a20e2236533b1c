//! IP1SMS, after its document `000_2563fb53bf55b594.txt`.

mod errors;
mod number;

pub use number::cases;

/// The one operation of the document.
const PUT: &str = "PUT /api/me/services/phone";
