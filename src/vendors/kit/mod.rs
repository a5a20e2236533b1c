//! What the vendors share: the HTTP client and the parsing of answers.
//!
//! | module | content |
//! |---|---|
//! | [`client`] | requests with timeouts, retries that never send twice, a limit on the size of answers |
//! | `pool` | the connections of an account, by thread: HTTP/1.1 and HTTP/2 |
//! | `request`, `reply`, `refusals`, `coding`, `redact` | a request, its answer, the meaning of its status, and the removal of secrets from errors |
//! | `breaker`, `pace`, [`session`], [`shared_login`] | circuit breaker, rate limit, and a login that calls and replicas share |
//! | [`lenient`] | JSON that deviates from the vendor's document |
//! | `batch`, `message` | a send in several submissions, and one message of its parts |
//! | `watch` | the stream of received messages |
//! | [`pushed`] | the requests by which vendors push |
//! | `contact`, `stop_list` | checks that several vendors have in common |

pub(super) mod batch;
mod breaker;
pub mod client;
mod coding;
pub(super) mod contact;
pub mod lenient;
pub(crate) mod message;
mod pace;
mod pool;
pub mod pushed;
mod redact;
mod refusals;
mod reply;
mod request;
pub mod session;
pub mod shared_login;
pub(super) mod stop_list;
pub mod thread;
pub(super) mod watch;

pub(crate) use self::pool::client_tls;
#[cfg(feature = "fuzzing")]
pub(crate) use self::pool::fuzzing;
pub use self::{
    breaker::{Breaker, BreakerState},
    client::Client,
    pace::Paces,
    refusals::{Meaning, Refusals},
    reply::Reply,
    request::{Effect, Request},
};
