//! What is logged: levels, for all that is logged or for a part of it.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Words that others use for a level.
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
    /// Reads a level or a filter. Rejects an invalid level, though `EnvFilter` takes it for the name of a target: a typing error would
    /// silence everything else.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let directives: Vec<_> = text.split(',').map(str::trim).filter(|directive| !directive.is_empty()).collect();
        if directives.is_empty() {
            return Err(format!("names no level: {LEVELS}"));
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

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The filter. Where levels are named for targets alone, everything else is logged from `warn` on: that a part is looked at
    /// more closely is no reason to miss the errors of the rest.
    pub fn filter(&self) -> EnvFilter {
        let has_level = self.0.split(',').any(|directive| directive.parse::<LevelFilter>().is_ok());
        let filter = if has_level { self.0.clone() } else { format!("warn,{}", self.0) };
        // Its pieces were read one by one.
        EnvFilter::builder().parse(&filter).unwrap_or_default()
    }
}

const LEVELS: &str = "levels are off, error, warn, info, debug and trace";

fn invalid(directive: &str, word: &str, names_its_level: bool) -> String {
    let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(word));
    let right = alias.map(|(_, level)| directive[..directive.len() - word.len()].to_owned() + level);
    match right {
        Some(right) => format!("{directive:?} has an invalid level: did you mean {right:?}? {LEVELS}"),
        None if names_its_level => format!("{directive:?} is not valid: {LEVELS}, for one target as in hyper=debug"),
        None => format!("{directive:?} is an invalid level: {LEVELS}; a target needs one too, as in {directive}=debug"),
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
    fn a_word_that_is_no_level_is_refused_with_the_level_that_was_meant() {
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
