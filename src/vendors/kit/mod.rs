//! What every vendor is made with.
//!
//! | module | what it is |
//! |---|---|
//! | [`client`] | requests with time limits, retries that never send twice, a cap on answers |
//! | `pool` | the connections of an account, by thread |
//! | `request`, `reply`, `refusals`, `coding`, `redact` | a request, its answer, what its status means, and what no error repeats |
//! | `breaker`, `pace`, [`session`] | what keeps a failing, slow or logged-out vendor from harm |
//! | [`lenient`] | JSON that is not quite what the vendor documents |
//! | `batch` | a send of several submissions |
//! | `watch` | the stream of received messages |
//! | `contact`, `stop_list` | what several vendors have in common |

pub(super) mod batch;
mod breaker;
pub mod client;
mod coding;
pub(super) mod contact;
pub mod lenient;
mod pace;
mod pool;
mod redact;
mod refusals;
mod reply;
mod request;
pub mod session;
pub(super) mod stop_list;
pub mod thread;
pub(super) mod watch;

pub use self::{
    breaker::{Breaker, BreakerState},
    client::Client,
    pace::{Pace, Paces},
    refusals::{Meaning, Refusals},
    reply::Reply,
    request::{Effect, Request},
};
