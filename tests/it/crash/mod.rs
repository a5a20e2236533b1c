//! What becomes of sends when something crashes at a random moment: smsmux, the server of its store, or the power of its
//! machine. What the vendor's books have, what the log has, and what a repeated call gets must agree.
//!
//! `SMSMUX_CRASHES=10000 cargo test --test it crash:: -- --nocapture` makes so many crashes, and prints a table of them; with
//! `--features foreign-clients` those with PostgreSQL are among them.

#[cfg(target_os = "linux")]
pub(crate) mod clock;
mod kills;
mod parts;
#[cfg(feature = "foreign-clients")]
mod postgres;
#[cfg(target_os = "linux")]
mod power;
mod report;
#[cfg(target_os = "linux")]
mod resend;
pub(crate) mod rig;
#[cfg(feature = "foreign-clients")]
mod rolling;
mod route;
