//! The command line of smsmux: wiring only.
// They panic if the reader has closed the stream.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let _log = smsmux::telemetry::log::WriteOut;
    let (arguments, output) = cli::Arguments::read();
    // This runtime supervises the server, which has threads of its own.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return cli::Failure::from(e).report(output),
    };
    let result = runtime.block_on(cli::run(arguments));
    // Work left after the drain must not delay the exit.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(output),
    }
}
