//! Opens the store that the configuration names.

use super::{
    Broken, Engine, Identity, Place, Reader, Store,
    keys::{self, Keys},
    postgres::Postgres,
    readers::Readers,
    sqlite::Sqlite,
};
use crate::config::{Durability, Problem, StoreConfig, StorePlace};

/// Opens a store and starts its threads.
pub(super) fn open(config: &StoreConfig) -> Result<Store, Problem> {
    let (key, place) = config.place.described();
    open_place(config).map_err(|text| Problem { path: key.to_owned(), text: format!("{place} {text}") })
}

/// Opens a store; an error is a sentence about its place.
fn open_place(config: &StoreConfig) -> Result<Store, String> {
    let given = config.hash_key.as_ref().map(|key| key.expose().to_owned());
    match &config.place {
        StorePlace::Memory => {
            let engine = Sqlite::in_memory()?;
            let hash_key = given.map_or_else(keys::random_key, Ok)?;
            let (identity, readers) = (engine.identity(), engine.readers());
            start(config, Box::new(engine), identity, readers, &hash_key)
        }
        StorePlace::File(path) => {
            let engine = Sqlite::open(path)?;
            // The engine has locked the store: one process makes the key.
            let hash_key = given.map_or_else(|| keys::key_file(path), Ok)?;
            let (identity, readers) = (engine.identity(), engine.readers());
            start(config, Box::new(engine), identity, readers, &hash_key)
        }
        StorePlace::Postgres(url) => {
            let hash_key = given.ok_or("needs a hash_key, which all replicas share")?;
            let engine = Postgres::open(url.expose())?;
            let (identity, readers) = (engine.identity(), engine.readers());
            start(config, Box::new(engine), identity, readers, &hash_key)
        }
    }
}

fn start(
    config: &StoreConfig,
    mut engine: Box<dyn Engine>,
    identity: Identity,
    open_reader: impl Fn() -> Result<Box<dyn Reader>, Broken> + Clone + Send + 'static,
    hash_key: &str,
) -> Result<Store, String> {
    let keys = Keys::of(config, hash_key);
    let unusable = |broken| format!("cannot be used: {broken}");
    let made_with = engine.check_key(keys.digest("check", &[])).map_err(unusable)?;
    keys.check(made_with, &mut *open_reader().map_err(unusable)?)?;
    keys.numbers.tags().try_for_each(|tag| engine.note_number_key(tag)).map_err(unusable)?;
    let place = match config.place {
        StorePlace::Memory => Place::Memory,
        StorePlace::File(_) => Place::File,
        StorePlace::Postgres(_) => Place::Postgres,
    };
    let flushes = config.durability == Durability::Disk && place != Place::Memory;
    let store =
        Readers::start(open_reader).and_then(|readers| Store::start(engine, readers, identity, keys, (place, flushes)));
    store.map_err(|e| format!("cannot be used: {e}"))
}
