//! Profiles: named servers in a file of the user's.

use std::{
    collections::BTreeMap,
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use smsmux::config::Problem;

use super::Failure;

/// The variable that names another file than the one in the user's folder.
const FILE_VARIABLE: &str = "SMSMUX_PROFILES";

/// The profile that is used if nothing else says where the server is.
pub(super) const DEFAULT: &str = "default";

/// One server. Paths are relative to the folder of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) address: Option<String>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) ca: Option<PathBuf>,
}

/// Returns the profile of this name.
pub(super) fn named(name: &str) -> Result<Profile, Failure> {
    let file = file().ok_or_else(|| Failure::new("there is no folder for profiles: set SMSMUX_PROFILES to a file"))?;
    let mut profiles = read(&file)?;
    profiles.remove(name).ok_or_else(|| {
        let names: Vec<_> = profiles.into_keys().collect();
        let known = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        problem(&file, format!("has no profile {name:?}; {known}"))
    })
}

/// Returns the default profile, if there is one.
pub(super) fn default() -> Result<Option<Profile>, Failure> {
    match file() {
        Some(file) => Ok(read(&file)?.remove(DEFAULT)),
        None => Ok(None),
    }
}

/// Returns the file of the profiles, which may not exist.
fn file() -> Option<PathBuf> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = || {
        let own = if cfg!(windows) { variable("APPDATA") } else { variable("XDG_CONFIG_HOME") };
        own.or_else(|| Some(env::home_dir()?.join(".config")))
    };
    variable(FILE_VARIABLE).or_else(|| Some(folder()?.join("smsmux").join("profiles.toml")))
}

/// Reads all profiles; a file that does not exist has none.
fn read(file: &Path) -> Result<BTreeMap<String, Profile>, Failure> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(problem(file, format!("cannot be read: {e}"))),
    };
    let profiles: BTreeMap<String, Profile> =
        toml::from_str(&text).map_err(|e| problem(file, format!("is invalid: {}", e.message())))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let there = |path: Option<PathBuf>| path.map(|path| folder.join(path));
    let placed = |profile: Profile| Profile { key_file: there(profile.key_file), ca: there(profile.ca), ..profile };
    Ok(profiles.into_iter().map(|(name, profile)| (name, placed(profile))).collect())
}

fn problem(file: &Path, text: String) -> Failure {
    Failure::Configuration(vec![Problem { path: file.display().to_string(), text }])
}
