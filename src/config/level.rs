//! Log levels, for all events or by target.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Other common names of levels.
const ALIASES: &[(&str, &str)] = &[
    ("all", "trace"),
    ("critical", "error"),
    ("err", "error"),
    ("fatal", "error"),
    ("information", "info"),
    ("none", "off"),
    ("notice", "info"),
    ("panic", "error"),
    ("quiet", "off"),
    ("silent", "off"),
    ("verbose", "debug"),
    ("warning", "warn"),
];

/// A level such as `info`, or levels by target such as `warn,smsmux=debug`.
#[derive(Debug, Clone)]
pub struct LogLevel(String);

impl LogLevel {
    /// The levels.
    pub const NAMES: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

    /// Parses a level or a filter. Rejects an invalid level, which `EnvFilter` would take for a target: a typo would
    /// silence everything else.
    ///
    /// # Errors
    /// The text states the problem and the expected form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let directives: Vec<_> = text.split(',').map(str::trim).filter(|directive| !directive.is_empty()).collect();
        if directives.is_empty() {
            return Err(format!("contains no level: {}", levels()));
        }
        for directive in &directives {
            let level = directive.rsplit_once('=').map_or(*directive, |(_, level)| level);
            let names_its_level = directive.contains(['=', '[']);
            let is_level = level.parse::<LevelFilter>().is_ok();
            let is_filter = EnvFilter::builder().parse(directive).is_ok();
            if !is_filter || !names_its_level && !is_level {
                return Err(invalid(directive, level, names_its_level));
            }
        }
        Ok(Self(directives.join(",")))
    }

    /// Returns the filter as configured.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the filter. If it has levels for targets only, everything else is logged from `warn` on, so that errors
    /// of the rest are not lost.
    pub fn filter(&self) -> EnvFilter {
        let has_level = self.0.split(',').any(|directive| directive.parse::<LevelFilter>().is_ok());
        let filter = if has_level { self.0.clone() } else { format!("warn,{}", self.0) };
        // `parse` has checked each directive.
        EnvFilter::builder().parse(&filter).unwrap_or_default()
    }
}

fn levels() -> String {
    format!("levels are {}", LogLevel::NAMES.join(", "))
}

fn invalid(directive: &str, word: &str, names_its_level: bool) -> String {
    let levels = levels();
    let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(word));
    let right = alias.map(|(_, level)| directive[..directive.len() - word.len()].to_owned() + level);
    match right {
        Some(right) => format!("{directive:?} has an invalid level: did you mean {right:?}? {levels}"),
        None if names_its_level => format!("{directive:?} is not valid: {levels}, for one target as in hyper=debug"),
        None => format!("{directive:?} is an invalid level: {levels}; a target needs one too, as in {directive}=debug"),
    }
}

impl Default for LogLevel {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl<'de> Deserialize<'de> for LogLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for LogLevel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_filters_are_read() {
        for (text, filter) in [
            ("warn", "warn"),
            ("WARN", "warn"),
            (" Info ", "info"),
            ("off", "off"),
            ("trace", "trace"),
            ("3", "info"),
            ("smsmux=debug, warn", "smsmux=debug,warn"),
            ("info,", "info"),
            ("hyper=debug", "hyper=debug,warn"),
            ("smsmux::vendors=TRACE,off", "smsmux::vendors=trace,off"),
            ("error,[a_span]=debug", "error,[a_span]=debug"),
        ] {
            let read = LogLevel::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(read.filter().to_string(), filter, "{text}");
        }
    }

    #[test]
    fn every_level_that_is_named_is_read() {
        for name in LogLevel::NAMES {
            let level = name.parse::<LevelFilter>().unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(level.to_string(), *name);
        }
    }

    #[test]
    fn an_invalid_level_is_rejected_with_a_suggestion() {
        for (text, right) in [
            ("warning", "\"warn\""),
            ("Warning", "\"warn\""),
            ("smsmux=warning", "\"smsmux=warn\""),
            ("info,fatal", "\"error\""),
            ("verbose", "\"debug\""),
            ("hyper", "hyper=debug"),
            ("smsmux::vendors", "smsmux::vendors=debug"),
            ("wran", "levels are"),
            ("smsmux=loud", "hyper=debug"),
            ("6", "levels are"),
            ("", "levels are"),
            (",", "levels are"),
            ("!info", "levels are"),
        ] {
            let problem = LogLevel::parse(text).expect_err(text);
            assert!(problem.contains(right), "{text}: {problem}");
        }
    }
}
