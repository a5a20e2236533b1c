//! The vendors, and their registry.

pub mod intelepeer;
pub mod ip1sms;
pub mod kit;
pub mod lox24;
mod routes;
pub mod smsend;
pub mod smspartner;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    api::{Vendor, VendorRpc, methods},
    call::Call,
    config::{AccountConfig, Config, Problem, Problems, route::ROUTE},
    error::Violation,
    text::gsm,
    vendors::{
        kit::{Client, Refusals},
        smsend::brand,
    },
};

/// The vendors of the accounts, by account id.
pub type Vendors = BTreeMap<String, Arc<dyn Vendor>>;

/// Reads an account's keys and creates its vendor; `None` after the problems are recorded.
pub type Connect = fn(&mut AccountConfig, &mut Problems) -> Option<Arc<dyn Vendor>>;

/// A vendor: its name in the configuration, its constructor, and whether it sends a character in GSM 7-bit unchanged.
pub type Registered = (&'static str, Connect, fn(char) -> bool);

/// Every vendor.
pub const REGISTRY: &[Registered] = &[
    ("smsend", smsend::connect, gsm::contains),
    ("lox24", lox24::connect, gsm::contains),
    ("ip1sms", ip1sms::connect, gsm::contains),
    ("intelepeer", intelepeer::connect, gsm::contains),
    ("smspartner", smspartner::connect, smspartner::sends_unchanged),
];

/// The brands of a vendor's platform, which its code serves at another address: the name in the configuration, the vendor,
/// and the constructor.
pub const PRESETS: &[(&str, &str, Connect)] = &[
    ("skebby", "smsend", |account, problems| smsend::connect_to(&brand::SKEBBY, account, problems)),
    ("aruba", "smsend", |account, problems| smsend::connect_to(&brand::ARUBA, account, problems)),
    ("mobyt", "smsend", |account, problems| smsend::connect_to(&brand::MOBYT, account, problems)),
    ("trendoo", "smsend", |account, problems| smsend::connect_to(&brand::TRENDOO, account, problems)),
];

/// Returns the vendor whose code serves accounts of this one: itself, unless it is a preset.
#[must_use]
pub fn platform(vendor: &str) -> &str {
    PRESETS.iter().find(|(name, ..)| *name == vendor).map_or(vendor, |(_, platform, _)| platform)
}

/// A vendor's code for a recipient who is on its stop list.
#[derive(Debug, Clone, Copy)]
pub struct OptOutCode {
    /// The code.
    pub code: &'static str,
    /// Whether the vendor gives the code to the recipient, and not to all recipients of a submission.
    pub names_recipient: bool,
}

/// The codes for recipients who are on a stop list, of the vendors that have one.
pub const OPT_OUTS: &[(&str, &[OptOutCode])] = &[
    ("smsend", &[OptOutCode { code: "BLACKLISTED", names_recipient: true }]),
    ("smspartner", &[OptOutCode { code: "14", names_recipient: false }]),
];

/// A vendor's parsing of answers, as a fuzz target calls it, in all its forms.
#[cfg(feature = "fuzzing")]
type ReadAnswer = fn(&crate::vendors::kit::Reply);

/// The parsers of answers, one for each vendor.
#[cfg(feature = "fuzzing")]
pub(crate) const ANSWERS: &[(&str, ReadAnswer)] = &[
    ("smsend", smsend::fuzzing::read),
    ("lox24", lox24::fuzzing::read),
    ("ip1sms", ip1sms::fuzzing::read),
    ("intelepeer", intelepeer::fuzzing::read),
    ("smspartner", smspartner::fuzzing::read),
];

/// A vendor's parsing of pushes, as a fuzz target calls it.
#[cfg(feature = "fuzzing")]
type ReadPush = fn(&http::Request<bytes::Bytes>) -> Result<Vec<kit::pushed::Pushed>, crate::error::Error>;

/// The parsers of pushes, one for each vendor that pushes.
#[cfg(feature = "fuzzing")]
pub(crate) const PUSHES: &[(&str, ReadPush)] = &[
    ("smsend", smsend::fuzzing::parse_push),
    ("lox24", lox24::fuzzing::parse_push),
    ("ip1sms", ip1sms::fuzzing::parse_push),
    ("intelepeer", intelepeer::fuzzing::parse_push),
    ("smspartner", smspartner::fuzzing::parse_push),
];

/// The parsers of callers' input for the vendors that have one: credentials, and tokens of streams.
#[cfg(feature = "fuzzing")]
pub(crate) const CALLER_INPUTS: &[fn(&str)] =
    &[smsend::fuzzing::parse_caller_input, lox24::fuzzing::parse_caller_input, ip1sms::fuzzing::parse_caller_input];

/// Creates the vendor of every account, by account id. Valid only if no problem was recorded.
pub fn connect(config: &mut Config, problems: &mut Problems) -> Vendors {
    let mut vendors = Vendors::new();
    for (id, account) in &mut config.accounts {
        if account.route.is_some() {
            account.keys.finish(problems);
            continue;
        }
        let presets = PRESETS.iter().map(|(name, _, connect)| (*name, *connect));
        let known = REGISTRY.iter().map(|(name, connect, _)| (*name, *connect)).chain(presets);
        let Some((_, connect)) = known.clone().find(|(name, _)| *name == account.vendor) else {
            let known = known.map(|(name, _)| name).collect::<Vec<_>>().join(", ");
            let text = format!("invalid vendor {:?}; expected {known} or {ROUTE}", account.vendor);
            problems.push(Problem { path: format!("accounts.{id}.vendor"), text });
            continue;
        };
        if let Some(vendor) = connect(account, problems) {
            if account.low_balance.is_some() && !vendor.methods().contains(&methods::AccountService::GetAccountStatus) {
                account.keys.problem("low_balance", "the vendor cannot be asked for the balance", problems);
            }
            vendors.insert(id.clone(), vendor);
        }
        account.keys.finish(problems);
    }
    routes::check(config, &vendors, problems);
    vendors
}

/// Reads the keys of an account's HTTP calls and creates their client, which takes `refusals` for the vendor's
/// rejections; `None` after the problem is recorded.
fn client(
    account: &mut AccountConfig,
    default_url: &str,
    refusals: &'static Refusals,
    problems: &mut Problems,
) -> Option<Client> {
    let endpoint = account.endpoint(default_url, problems);
    Client::new(endpoint, refusals).map_err(|text| account.keys.problem("ca_file", text, problems)).ok()
}

/// Returns the violations for which a vendor's module would reject a request before sending anything: a dry run.
pub async fn refusals(vendor: &dyn Vendor, call: &Call, request: impl VendorRpc) -> Vec<Violation> {
    match request.ask(vendor, &call.dry_run()).await {
        Err(error) => error.violations().to_vec(),
        Ok(_) => Vec::new(),
    }
}
