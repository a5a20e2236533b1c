//! Cursors: where pollers are at their vendors, and what else is kept by a name. [`Store::append`] writes them.

use super::{Op, Store, unavailable};
use crate::error::Error;

impl Store {
    /// Returns where a poller is at its vendor.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn cursor(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let of = name.to_owned();
        let value = self.0.readers.query(move |reader| reader.cursor(&of)).await.map_err(unavailable)?;
        value.map(|value| self.0.keys.open(name.as_bytes(), &value).map_err(unavailable)).transpose()
    }

    /// Returns the cursors whose names begin with this, by name.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn cursors(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Error> {
        self.ask((), Op::Settle).await?;
        let prefix = prefix.to_owned();
        let found = self.0.readers.query(move |reader| reader.cursors(&prefix)).await.map_err(unavailable)?;
        let open = |(name, value): (String, Vec<u8>)| {
            let value = self.0.keys.open(name.as_bytes(), &value).map_err(unavailable)?;
            Ok((name, value))
        };
        found.into_iter().map(open).collect()
    }
}
