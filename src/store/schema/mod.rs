//! The versions of the schema: numbered files, applied in order and never changed. Each can be read by the version of
//! smsmux before it, so that replicas can be replaced one by one.

/// The schema of SQLite.
pub(super) const SQLITE: &[&str] = &[
    include_str!("sqlite/0001_writes.sql"),
    include_str!("sqlite/0002_events.sql"),
    include_str!("sqlite/0003_routes.sql"),
    include_str!("sqlite/0004_consent.sql"),
    include_str!("sqlite/0005_tags.sql"),
    include_str!("sqlite/0006_rekeyed.sql"),
];

/// The schema of PostgreSQL. The table `meta` is there before.
pub(super) const POSTGRES: &[&str] = &[
    include_str!("postgres/0001_writes.sql"),
    include_str!("postgres/0002_events.sql"),
    include_str!("postgres/0003_routes.sql"),
    include_str!("postgres/0004_consent.sql"),
    include_str!("postgres/0005_shares.sql"),
    include_str!("postgres/0006_tags.sql"),
    include_str!("postgres/0007_rekeyed.sql"),
];

/// Checks that a store has the schema of this version of smsmux.
///
/// # Errors
/// What it has, as a sentence about the store.
pub(super) fn is_current(files: &'static [&'static str], found: u32) -> Result<(), String> {
    match missing(files, found)?.last() {
        None => Ok(()),
        Some((known, _)) => {
            Err(format!("has the schema {found}, and this version needs {known}: start smsmux serve once"))
        }
    }
}

/// Returns the files that a store of the version `found` lacks, with the version that each leads to.
///
/// # Errors
/// The store is newer than this version of smsmux.
pub(super) fn missing(
    files: &'static [&'static str],
    found: u32,
) -> Result<impl Iterator<Item = (u32, &'static str)>, String> {
    let known = u32::try_from(files.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(format!(
            "was written by a newer smsmux: its schema is {found}, and this version knows up to {known}"
        ));
    }
    Ok((1..).zip(files.iter().copied()).skip_while(move |(version, _)| *version <= found))
}
