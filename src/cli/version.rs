//! The text of `smsmux --version`.

use std::sync::LazyLock;

/// The version, the commit of a release build, and the features.
pub(super) static TEXT: LazyLock<String> = LazyLock::new(|| {
    let build =
        option_env!("SMSMUX_COMMIT").map_or("development build".to_owned(), |commit| format!("commit {commit}"));
    let features = [("otlp", cfg!(feature = "otlp"))].into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name);
    let features: Vec<_> = features.collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    format!("{} ({build}; features: {features})", env!("CARGO_PKG_VERSION"))
});
