//! The command line of smsmux: wiring only.
// Where nobody reads, they panic.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod cli;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let _log = smsmux::telemetry::log::WriteOut;
    let arguments = cli::Arguments::parse();
    // It looks after the server, whose own threads serve.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return cli::Failure::from(e).report(),
    };
    let result = runtime.block_on(cli::run(arguments));
    // What a drain limit left behind must not hold the process up.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
