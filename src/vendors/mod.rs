//! The vendors, and their registry.

pub mod intelepeer;
pub mod ip1sms;
pub mod kit;
pub mod lox24;
pub mod smsend;
pub mod smspartner;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    api::{Vendor, VendorRpc},
    call::Call,
    config::{AccountConfig, Config, Problem, Problems},
    error::Violation,
    text::gsm,
    vendors::kit::{Client, Refusals},
};

/// The vendors of the accounts, by account id.
pub type Vendors = BTreeMap<String, Arc<dyn Vendor>>;

/// Reads an account's keys and makes its vendor; `None` after the problems are noted.
pub type Connect = fn(&mut AccountConfig, &mut Problems) -> Option<Arc<dyn Vendor>>;

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
type ReadAnswer = fn(&crate::vendors::kit::Reply);

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
pub(crate) const CALLER_INPUTS: &[fn(&str)] = &[smsend::fuzzing::bring, lox24::fuzzing::bring, ip1sms::fuzzing::bring];

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
fn client(
    account: &mut AccountConfig,
    default_url: &str,
    refusals: &'static Refusals,
    problems: &mut Problems,
) -> Option<Client> {
    let endpoint = account.endpoint(default_url, problems);
    Client::new(endpoint, refusals).map_err(|text| account.keys.problem("ca_file", text, problems)).ok()
}

/// Returns what a vendor would refuse of a request before anything left: the vendor is asked in a dry run.
pub async fn refusals(vendor: &dyn Vendor, call: &Call, request: impl VendorRpc) -> Vec<Violation> {
    match request.ask(vendor, &call.dry_run()).await {
        Err(error) => error.violations().to_vec(),
        Ok(_) => Vec::new(),
    }
}
