//! The vendors: the trait that they implement, which is all generated service traits at once, and their registry.

mod address_book;
pub mod intelepeer;
pub mod ip1sms;
pub mod lox24;
pub mod smsend;
pub mod smspartner;
mod stop_list;
mod submissions;
mod watch;

use std::{collections::BTreeMap, sync::Arc};

use tokio::time::Instant;
use tonic::{Response, Status};

use crate::{
    config::{Account, Config, Problem, Problems},
    context,
    error::{Error, Violation, is_bare_unimplemented},
    gsm,
    http::{Http, Refusals},
    pb::SendMessageRequest,
};

// The trait `Vendor` and the tables `SERVICES` and `METHODS`.
include!(concat!(env!("OUT_DIR"), "/vendor.rs"));

/// The vendors of the accounts, by account id.
pub type Vendors = BTreeMap<String, Arc<dyn Vendor>>;

/// Reads an account's keys and makes its vendor; `None` after the problems are noted.
pub type Connect = fn(&mut Account, &mut Problems) -> Option<Arc<dyn Vendor>>;

/// A vendor: the name that the configuration calls it, how it is connected to, and whether it sends a character in GSM
/// 7-bit as it is.
pub type Registered = (&'static str, Connect, fn(char) -> bool);

/// Every vendor.
pub const REGISTRY: &[Registered] = &[
    ("smsend", smsend::connect, gsm::contains),
    ("lox24", lox24::connect, gsm::contains),
    ("ip1sms", ip1sms::connect, gsm::contains),
    ("intelepeer", intelepeer::connect, gsm::contains),
    ("smspartner", smspartner::connect, smspartner::arrives),
];

/// What a fuzz target feeds: a vendor's reading of answers, in all ways that it has.
#[cfg(feature = "fuzzing")]
type ReadAnswer = fn(&crate::http::Reply);

/// One for each vendor.
#[cfg(feature = "fuzzing")]
pub(crate) const ANSWERS: &[(&str, ReadAnswer)] = &[
    ("smsend", smsend::fuzzing::read),
    ("lox24", lox24::fuzzing::read),
    ("ip1sms", ip1sms::fuzzing::read),
    ("intelepeer", intelepeer::fuzzing::read),
    ("smspartner", smspartner::fuzzing::read),
];

/// The same for what callers bring to the vendors that take it apart: credentials, and tokens of streams.
#[cfg(feature = "fuzzing")]
pub(crate) const BROUGHT: &[fn(&str)] = &[smsend::fuzzing::bring, lox24::fuzzing::bring, ip1sms::fuzzing::bring];

/// One RPC.
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    /// Its place in [`METHODS`].
    pub index: usize,
    /// Its full name, for example `smsmux.v1.MessageService/SendMessage`.
    pub path: &'static str,
    /// Whether it may change something at the vendor.
    pub write: bool,
    /// Whether it hands out or replaces a credential of the vendor account.
    pub secret: bool,
    /// Whether smsmux answers it without a vendor.
    pub served_here: bool,
    /// Whether it answers with a stream.
    pub streams: bool,
}

/// Makes the vendor of every account, by account id. Good only when no problem was noted.
pub fn connect(config: &mut Config, problems: &mut Problems) -> Vendors {
    let mut vendors = Vendors::new();
    for (id, account) in &mut config.accounts {
        let Some((_, connect, _)) = REGISTRY.iter().find(|(name, ..)| *name == account.vendor) else {
            let known = REGISTRY.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
            let text = format!("{:?} is no vendor; there are {known}", account.vendor);
            problems.push(Problem { path: format!("accounts.{id}.vendor"), text });
            continue;
        };
        if let Some(vendor) = connect(account, problems) {
            vendors.insert(id.clone(), vendor);
        }
        account.keys.finish(problems);
    }
    vendors
}

/// Reads the keys of an account's HTTP calls and makes their client, which takes `refusals` for the vendor's "no"; `None` after the problem is noted.
fn http(
    account: &mut Account,
    default_url: &str,
    refusals: &'static Refusals,
    problems: &mut Problems,
) -> Option<Http> {
    let endpoint = account.endpoint(default_url, problems);
    Http::new(endpoint, refusals).map_err(|text| account.keys.problem("ca_file", text, problems)).ok()
}

/// The RPCs that a vendor has, found out by asking: each is called with an empty request and no time to do anything, so
/// that no HTTP leaves, and the ones that answer as the generated stub does are the ones it lacks.
pub async fn supported(vendor: &dyn Vendor) -> Vec<&'static Method> {
    context::Call::new(Instant::now()).run(probe_all(vendor)).await
}

/// What a vendor would refuse of a send before anything left: it is asked to send, and has no time for it.
pub async fn refusals(vendor: &dyn Vendor, request: SendMessageRequest) -> Vec<Violation> {
    let call = context::Call::new(Instant::now());
    call.close();
    match call.run(vendor.send_message(tonic::Request::new(request))).await {
        Err(status) => Error::inside(&status).map(|error| error.violations().to_vec()).unwrap_or_default(),
        Ok(_) => Vec::new(),
    }
}

/// Notes `method` as found unless its answer is the generated stub's.
async fn probe<T>(
    found: &mut Vec<&'static Method>,
    method: &'static Method,
    answer: impl Future<Output = Result<Response<T>, Status>>,
) {
    if !answer.await.is_err_and(|status| is_bare_unimplemented(&status)) {
        found.push(method);
    }
}
