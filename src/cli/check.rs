//! `smsmux check`.

use super::{ConfigArguments, Failure, load::Draft};

pub(super) fn run(arguments: &ConfigArguments) -> Result<(), Failure> {
    let (config, _) = Draft::new(arguments)?.read()?;
    print!("{}", config.effective());
    Ok(())
}
