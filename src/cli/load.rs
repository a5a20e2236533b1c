//! Loads a configuration and its vendors from files, environment and flags.

use std::{ffi::OsString, path::PathBuf};

use smsmux::{
    config::{self, Config, Fingerprint, Problem, Problems, StoreConfig},
    server::Setup,
    telemetry::otlp,
};
use smsmux_sandbox::Sandbox;
use toml::{Table, Value};

use super::{ConfigArguments, Failure, store::no_store};

/// The file that is read if it exists and no other is named.
const DEFAULT_FILE: &str = "smsmux.toml";

/// The environment variable that names another file, if no flag does.
const FILE_VARIABLE: &str = "SMSMUX_CONFIG";

/// The sources of a configuration, which can be read repeatedly.
pub(super) struct Draft {
    file: Option<PathBuf>,
    environment: Vec<(String, OsString)>,
    flags: Vec<(Vec<String>, Value)>,
    /// What is set where no source says otherwise and there is a store.
    fallbacks: Vec<([&'static str; 2], Value)>,
}

impl Draft {
    /// Uses the file and the environment.
    pub(super) fn new(arguments: &ConfigArguments) -> Self {
        let named = || std::env::var_os(FILE_VARIABLE).filter(|file| !file.is_empty()).map(PathBuf::from);
        let there = || Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.exists());
        let file = arguments.config.clone().or_else(named).or_else(there);
        let environment = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self { file, environment: environment.collect(), flags: Vec::new(), fallbacks: Vec::new() }
    }

    /// Uses neither file nor environment, for the demo.
    pub(super) fn empty() -> Self {
        Self { file: None, environment: Vec::new(), flags: Vec::new(), fallbacks: Vec::new() }
    }

    /// Sets the value of a flag, if it was given.
    pub(super) fn flag(&mut self, path: &[&str], value: Option<impl ToString>) {
        if let Some(value) = value {
            self.flags.push((path.iter().map(|&p| p.to_owned()).collect(), Value::String(value.to_string())));
        }
    }

    /// Sets a value that holds where no source sets another and there is a store.
    pub(super) fn fallback(&mut self, path: [&'static str; 2], value: &str) {
        self.fallbacks.push((path, value.into()));
    }

    /// Adds an account at a stand-in, named like its vendor, replacing one of that name.
    pub(super) fn sandbox(&mut self, sandbox: &Sandbox, webhook_token: &str) {
        let mut account = Table::new();
        account.insert("vendor".to_owned(), sandbox.vendor().into());
        account.insert("base_url".to_owned(), sandbox.base_url().into());
        account.insert("allow_caller_credential".to_owned(), true.into());
        account.insert("webhook_tokens".to_owned(), vec![webhook_token].into());
        account.extend(sandbox.credentials().iter().map(|&(key, value)| (key.to_owned(), value.into())));
        // Overrides the environment too, so that the account never uses another address.
        self.flags.push((vec!["accounts".to_owned(), sandbox.vendor().to_owned()], account.into()));
    }

    /// Reads the configuration, and finds every problem.
    pub(super) fn read(&self) -> Result<Setup, Failure> {
        let mut problems = Problems::new();
        let setup = Setup::read(self.table(&mut problems)?, &mut problems);
        let given = |name: &str| self.environment.iter().find(|(given, _)| given == name);
        let variable = |name: &str| given(name)?.1.clone().into_string().ok();
        otlp::check(setup.config.tracing.otlp_endpoint.as_deref(), variable, &mut problems);
        if setup.config.accounts.is_empty() && problems.is_empty() {
            let text =
                "none are configured: name a file with --config, set SMSMUX_ACCOUNTS_*, or try smsmux serve --sandbox";
            problems.push(Problem { path: "accounts".to_owned(), text: text.to_owned() });
        }
        if problems.is_empty() { Ok(setup) } else { Err(Failure::Configuration(problems)) }
    }

    /// Reads the settings of the store alone: nothing else needs to be right.
    pub(super) fn store(&self) -> Result<StoreConfig, Failure> {
        let mut problems = Problems::new();
        let config = Config::new(self.table(&mut problems)?, &mut problems);
        problems.retain(|problem| problem.path.split('.').next() == Some("store"));
        match problems.is_empty() {
            true if config.store.enabled => Ok(config.store),
            true => Err(no_store()),
            false => Err(Failure::Configuration(problems)),
        }
    }

    /// Returns the fingerprint, without checking the configuration.
    pub(super) fn fingerprint(&self) -> Result<Fingerprint, Failure> {
        Ok(Fingerprint::of(&self.table(&mut Problems::new())?))
    }

    /// Reads the file, overlaid with the environment and the flags.
    fn table(&self, problems: &mut Problems) -> Result<Table, Failure> {
        let table = self.file.as_deref().map_or_else(|| Ok(Table::new()), config::read);
        let mut table = table.map_err(|problem| Failure::Configuration(vec![problem]))?;
        config::overlay(&mut table, self.environment.iter().cloned(), problems);
        for (path, value) in &self.flags {
            config::set(&mut table, &path.iter().map(String::as_str).collect::<Vec<_>>(), value.clone());
        }
        // Pushes need the store.
        let enabled = table.get("store").and_then(|store| store.get("enabled"));
        let has_store = enabled.is_none_or(|enabled| enabled.to_string().trim_matches('"') != "false");
        for ([section, key], value) in self.fallbacks.iter().filter(|_| has_store) {
            if table.get(*section).is_none_or(|section| section.get(*key).is_none()) {
                config::set(&mut table, &[*section, *key], value.clone());
            }
        }
        Ok(table)
    }
}
