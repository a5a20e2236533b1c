//! From files, environment and flags to a configuration with its vendors.

use std::path::Path;

use smsmux::{
    config::{self, Problem, Problems},
    sandbox::Sandbox,
    server::Setup,
};
use toml::{Table, Value};

use super::{ConfigArguments, Failure};

/// Read when it is there and no other file is named.
const DEFAULT_FILE: &str = "smsmux.toml";

/// The configuration before it is read.
pub(super) struct Draft {
    table: Table,
    environment: Vec<(String, String)>,
    flags: Vec<(Vec<String>, Value)>,
}

impl Draft {
    /// The file and the environment.
    pub(super) fn new(arguments: &ConfigArguments) -> Result<Self, Failure> {
        let file = arguments.config.as_deref().or_else(|| Some(Path::new(DEFAULT_FILE)).filter(|file| file.exists()));
        let table = file.map_or_else(|| Ok(Table::new()), config::read);
        let table = table.map_err(|problem| Failure::Configuration(vec![problem]))?;
        // What is no Unicode cannot be meant for us.
        let environment = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Ok(Self { table, environment: environment.collect(), flags: Vec::new() })
    }

    /// Neither file nor environment: for the demo.
    pub(super) fn empty() -> Self {
        Self { table: Table::new(), environment: Vec::new(), flags: Vec::new() }
    }

    /// Sets what a flag says, if it was given.
    pub(super) fn flag(&mut self, path: &[&str], value: Option<impl ToString>) {
        if let Some(value) = value {
            self.flags.push((path.iter().map(|&p| p.to_owned()).collect(), Value::String(value.to_string())));
        }
    }

    /// Adds an account at a stand-in, named like its vendor, in the place of one of that name.
    pub(super) fn sandbox(&mut self, sandbox: &Sandbox) {
        let mut account = Table::new();
        account.insert("vendor".to_owned(), sandbox.vendor().into());
        account.insert("base_url".to_owned(), sandbox.base_url().into());
        account.insert("allow_caller_credential".to_owned(), true.into());
        account.extend(sandbox.credentials().iter().map(|&(key, value)| (key.to_owned(), value.into())));
        // Over the environment too: a stand-in is never another address.
        self.flags.push((vec!["accounts".to_owned(), sandbox.vendor().to_owned()], account.into()));
    }

    /// Reads it all, and finds every problem.
    pub(super) fn read(self) -> Result<Setup, Failure> {
        let Self { mut table, environment, flags } = self;
        let mut problems = Problems::new();
        config::overlay(&mut table, environment.into_iter(), &mut problems);
        for (path, value) in flags {
            config::set(&mut table, &path.iter().map(String::as_str).collect::<Vec<_>>(), value);
        }
        let setup = Setup::read(table, &mut problems);
        if setup.config.accounts.is_empty() && problems.is_empty() {
            let text =
                "there are none: name a file with --config, set SMSMUX_ACCOUNTS_*, or try smsmux serve --sandbox";
            problems.push(Problem { path: "accounts".to_owned(), text: text.to_owned() });
        }
        if problems.is_empty() { Ok(setup) } else { Err(Failure::Configuration(problems)) }
    }
}
