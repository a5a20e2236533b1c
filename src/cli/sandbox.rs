//! `smsmux sandbox`.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use clap::{Args, builder::PossibleValuesParser};
use serde_json::json;
use smsmux_sandbox::{Sandbox, VENDORS};

use super::{
    Failure, Signals,
    arguments::{Output, OutputArguments},
    json, print,
};

#[derive(Debug, Args)]
pub(super) struct SandboxArguments {
    /// The vendors to stand in for; all if none is named
    #[arg(value_parser = PossibleValuesParser::new(VENDORS))]
    vendors: Vec<String>,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
    /// The first vendor's port, the next one's is one higher; 0 takes free ones
    #[arg(long, default_value_t = 9001)]
    port: u16,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) async fn run(arguments: SandboxArguments) -> Result<(), Failure> {
    let SandboxArguments { mut vendors, address, port, output } = arguments;
    if vendors.is_empty() {
        vendors = VENDORS.iter().map(|&vendor| vendor.to_owned()).collect();
    }
    let mut signals = Signals::new()?;
    let mut running = Vec::new();
    for (i, vendor) in vendors.iter().enumerate() {
        let offset = if port == 0 { 0 } else { u16::try_from(i).unwrap_or(u16::MAX) };
        let listen = SocketAddr::new(address, port.saturating_add(offset));
        let sandbox = Sandbox::start(vendor, listen).await;
        running.push(sandbox.map_err(|e| {
            Failure::new(format!("cannot listen on {listen}: {e}; choose another port with --port, or 0 for free ones"))
        })?);
    }
    match output.output {
        Output::Table => {
            let accounts: Vec<_> = running.iter().map(account).collect();
            let accounts = accounts.join("\n");
            print::out(format_args!(
                "# The stand-ins are running. This configuration uses them:\n\n{accounts}\n# Ctrl-C stops them.\n"
            ))?;
        }
        Output::Json => json::print(&json!({ "standIns": running.iter().map(stand_in).collect::<Vec<_>>() }))?,
    }
    signals.next().await;
    Ok(())
}

/// Returns the section of an account at a stand-in.
fn account(sandbox: &Sandbox) -> String {
    let (vendor, base_url) = (sandbox.vendor(), sandbox.base_url());
    let mut section = format!("[accounts.{vendor}]\nvendor = \"{vendor}\"\nbase_url = \"{base_url}\"\n");
    section.extend(sandbox.credentials().iter().map(|(key, value)| format!("{key} = \"{value}\"\n")));
    section + &format!("# Faults, recorded requests and more: curl {}\n", sandbox.control_url())
}

/// Returns a stand-in for a script: where it is, and the keys of an account there.
fn stand_in(sandbox: &Sandbox) -> serde_json::Value {
    json!({
        "vendor": sandbox.vendor(),
        "baseUrl": sandbox.base_url(),
        "controlUrl": sandbox.control_url(),
        "credentials": sandbox.credentials().iter().copied().collect::<BTreeMap<_, _>>(),
    })
}
