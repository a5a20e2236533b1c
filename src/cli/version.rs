//! The text of `smsmux --version`.

use std::sync::LazyLock;

use smsmux::telemetry::metrics::{COMMIT, VERSION};

/// The version, the commit of a release build, and the features.
pub(super) static TEXT: LazyLock<String> = LazyLock::new(|| {
    let features = [("otlp", cfg!(feature = "otlp"))].into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name);
    let features: Vec<_> = features.collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    format!("{VERSION} ({}; features: {features})", build(COMMIT))
});

/// Returns what a program was built from, of the commit that it states.
pub(super) fn build(commit: &str) -> String {
    match commit {
        "unknown" => "development build".to_owned(),
        commit => format!("commit {commit}"),
    }
}
