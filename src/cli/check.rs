//! `smsmux check`.

use super::{ConfigArguments, Failure, load::Draft};

pub(super) fn run(arguments: &ConfigArguments) -> Result<(), Failure> {
    print!("{}", Draft::new(arguments).read()?.config.effective());
    Ok(())
}
