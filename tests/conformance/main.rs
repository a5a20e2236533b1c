//! Conformance: every RPC on every vendor, over a real channel, against the vendor's stand-in.
//!
//! A vendor's cases say which RPCs it has and which operations of its document they serve. Each case fills every field
//! there is, looks at the answer, and holds the request that arrived against the document's own example. Every other RPC
//! must answer UNIMPLEMENTED with the reason UNSUPPORTED, and nothing else may.
//!
//! The support table in docs/vendors.md is made from the same cases: `SMSMUX_UPDATE=1 cargo test --test conformance` writes it.
//!
//! Each case is a trial, `vendor::Service::Method`, that can be run by itself:
//! `cargo test --test conformance -- lox24::MessageService::CancelMessage`. libtest would ignore `#[test]` here: a test is a
//! function that `tests!` lists.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

/// Makes trials of functions, named by their paths. A function that is not listed is dead code, about which rustc warns.
macro_rules! tests {
    ($($test:ident),* $(,)?) => { vec![$($crate::trial(concat!(module_path!(), "::", stringify!($test)), $test)),*] };
}

#[path = "../support/mod.rs"]
mod support;

mod behavior;
mod intelepeer;
mod ip1sms;
mod lox24;
mod name;
mod smsend;
mod smspartner;

use std::{collections::BTreeMap, fmt::Write as _, process::ExitCode, sync::atomic::Ordering};

use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use libtest_mimic::{Arguments, Trial};
use prost::Message;
use smsmux::{
    api::{
        METHODS, Method,
        pb::{self, GetAccountRequest, account_service_client::AccountServiceClient},
    },
    vendors::REGISTRY,
};
use support::{Rig, failed};
use tokio::runtime;
use tonic::{Code, Request, Status, client::Grpc};

/// One RPC on one vendor.
pub struct Case {
    /// The RPC, for example `MessageService/SendMessage`.
    pub rpc: &'static str,
    /// The operations of the vendor's document that it serves, as that document words them: `POST /sms`. Empty for an RPC
    /// that stands on what is publicly known beyond the document.
    pub operations: &'static [&'static str],
    /// Makes the calls and asserts what comes of them.
    pub run: fn(Rig) -> BoxFuture<'static, ()>,
}

/// A vendor's name, its cases, and its other tests.
type Vendor = (&'static str, fn() -> Vec<Case>, fn() -> Vec<Trial>);

/// One line per vendor.
const VENDORS: &[Vendor] = &[
    ("smsend", smsend::cases, smsend::tests),
    ("lox24", lox24::cases, lox24::tests),
    ("ip1sms", ip1sms::cases, ip1sms::tests),
    ("intelepeer", intelepeer::cases, intelepeer::tests),
    ("smspartner", smspartner::cases, smspartner::tests),
];

fn main() -> ExitCode {
    support::WITHOUT_STORE.store(true, Ordering::Relaxed);
    let mut trials = tests![
        an_rpc_that_a_vendor_lacks_answers_unimplemented_with_our_reason_and_no_other_does,
        every_vendor_of_the_registry_has_cases,
        the_support_table_of_the_documentation_is_true,
    ];
    trials.extend(behavior::tests());
    trials.extend(name::tests());
    for (vendor, cases, tests) in VENDORS {
        trials.extend(cases().into_iter().map(|Case { rpc, run, .. }| {
            let name = format!("{vendor}::{}", rpc.replace('/', "::"));
            trial(&name, async move || run(Rig::vendor(vendor).await).await)
        }));
        trials.extend(tests());
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Creates a trial that runs on a runtime of its own.
fn trial(name: &str, test: impl AsyncFnOnce() + Send + 'static) -> Trial {
    let name = name.strip_prefix("conformance::").unwrap_or(name);
    Trial::test(name, || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(test());
        Ok(())
    })
}

fn path(rpc: &str) -> String {
    format!("smsmux.v1.{rpc}")
}

async fn an_rpc_that_a_vendor_lacks_answers_unimplemented_with_our_reason_and_no_other_does() {
    for (vendor, cases, _) in VENDORS {
        let rig = Rig::vendor(vendor).await;
        let mut offered: Vec<_> = cases().iter().map(|case| path(case.rpc)).collect();
        offered.extend(METHODS.iter().filter(|m| m.served_here).map(|m| m.path.to_owned()));
        for method in METHODS {
            if offered.iter().any(|rpc| rpc == method.path) {
                continue;
            }
            let status = call_empty(&rig, vendor, method).await.expect_err(method.path);
            let metadata = failed(&status, Code::Unimplemented, "UNSUPPORTED");
            assert_eq!((metadata["vendor"].as_str(), metadata["method"].as_str()), (*vendor, method.path));
        }
        assert_eq!(rig.sandbox.requests().len(), 0, "{vendor}: nothing was asked");

        offered.sort_unstable();
        offered.dedup();
        let mut accounts = AccountServiceClient::new(rig.channel.clone());
        let account = accounts.get_account(GetAccountRequest { name: format!("accounts/{vendor}") }).await.unwrap();
        let mut listed = account.into_inner().account.unwrap().methods;
        listed.sort_unstable();
        assert_eq!(listed, offered, "{vendor}: GetAccount lists what has a case");
    }
}

/// Calls an RPC with nothing but the account in field 1, where every request has its resource.
async fn call_empty(rig: &Rig, vendor: &str, method: &Method) -> Result<(), Status> {
    let name = pb::GetAccountRequest { name: format!("accounts/{vendor}") };
    // A request whose field 1 is a resource to update has the name one level further down, in its field 1 as well.
    let verb = method.path.rsplit('/').next().unwrap();
    let nested = verb.starts_with("Update") && !verb.ends_with("Settings");
    let bytes = match nested {
        true => pb::GetAccountResponse { account: Some(pb::Account { name: name.name, ..pb::Account::default() }) }
            .encode_to_vec(),
        false => name.encode_to_vec(),
    };
    call(rig, method, bytes).await
}

/// Calls an RPC with a request of these bytes.
async fn call(rig: &Rig, method: &Method, bytes: Vec<u8>) -> Result<(), Status> {
    let mut client = Grpc::new(rig.channel.clone());
    client.ready().await.expect("a connection");
    let path = PathAndQuery::try_from(format!("/{}", method.path)).unwrap();
    let request = Request::new(tokio_stream::once(Raw(bytes)));
    client.streaming(request, path, tonic_prost::ProstCodec::<Raw, Raw>::default()).await.map(drop)
}

/// A message whose bytes are written as they are.
#[derive(Debug, Default)]
struct Raw(Vec<u8>);

impl Message for Raw {
    fn encode_raw(&self, buffer: &mut impl bytes::BufMut) {
        buffer.put_slice(&self.0);
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: prost::encoding::WireType,
        buffer: &mut impl bytes::Buf,
        context: prost::encoding::DecodeContext,
    ) -> Result<(), prost::DecodeError> {
        prost::encoding::skip_field(wire_type, tag, buffer, context)
    }
    fn encoded_len(&self) -> usize {
        self.0.len()
    }
    fn clear(&mut self) {
        self.0.clear();
    }
}

async fn every_vendor_of_the_registry_has_cases() {
    let registered: Vec<_> = REGISTRY.iter().map(|(name, ..)| *name).collect();
    let tested: Vec<_> = VENDORS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(tested, registered);
}

async fn the_support_table_of_the_documentation_is_true() {
    support::pages::hold_table("docs/vendors.md", "support table", "conformance", &support_table());
}

/// A row per RPC, a column per vendor; a cell names the vendor's operations.
fn support_table() -> String {
    let mut table = String::from("| RPC |");
    let mut operations = BTreeMap::new();
    let mut counted = 0;
    for (vendor, cases, _) in VENDORS {
        write!(table, " {vendor} |").unwrap();
        for case in cases() {
            counted += case.operations.len();
            let cell = case.operations.iter().map(|o| format!("`{o}`")).collect::<Vec<_>>().join("<br>");
            let cell = if cell.is_empty() { "yes".to_owned() } else { cell };
            assert!(
                operations.insert((path(case.rpc), *vendor), cell).is_none(),
                "{vendor} {} has two cases",
                case.rpc
            );
        }
    }
    writeln!(table, "\n|---|{}", "---|".repeat(VENDORS.len())).unwrap();
    for method in METHODS {
        write!(table, "| {} |", method.path.trim_start_matches("smsmux.v1.").replace('/', ".")).unwrap();
        for (vendor, ..) in VENDORS {
            let cell = if method.served_here { Some("smsmux itself") } else { None };
            let cell = cell.or_else(|| operations.get(&(method.path.to_owned(), *vendor)).map(String::as_str));
            write!(table, " {} |", cell.unwrap_or("")).unwrap();
        }
        table.push('\n');
    }
    assert_eq!(counted, 52, "operations that the vendors' documents have");
    writeln!(table, "\n{counted} documented operations are served.").unwrap();
    table
}
