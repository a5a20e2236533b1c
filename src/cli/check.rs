//! `smsmux check`.

use super::{ConfigArguments, Failure, load::Draft, print};

pub(super) fn run(arguments: &ConfigArguments) -> Result<(), Failure> {
    let setup = Draft::new(arguments).read()?;
    for warning in &setup.warnings {
        print::error(format_args!("smsmux: warning: {warning}\n"));
    }
    print::out(setup.config.effective())
}
