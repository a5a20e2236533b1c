//! Paging by AIP-158 over vendors that count pages: opaque tokens that hold an offset.
//!
//! A token survives a change of `page_size` between two calls: the offset is turned into the page that contains it, and
//! what lies before it there is dropped. So nothing is missed and nothing is seen twice.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::check::Check;

/// The page size when the caller says none, and the most that it may ask for.
const DEFAULT: u64 = 50;
const MAX: u64 = 1000;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    offset: u64,
    size: u64,
    /// A time that all pages of one listing share, in Unix seconds: the moment that "until now" meant on the first.
    pub until: Option<i64>,
    fingerprint: u64,
}

impl Page {
    /// Reads `page_size` and `page_token`. `filter` is everything else in the request: a token is good only with the
    /// filter it was made for.
    pub fn new(check: &mut Check, page_size: i32, page_token: &str, filter: impl Hash) -> Self {
        let size = match u64::try_from(page_size) {
            Ok(0) => DEFAULT,
            Ok(size) => size.min(MAX),
            Err(_) => {
                check.fault("page_size", "must not be negative; 0 means 50");
                DEFAULT
            }
        };
        let mut hasher = DefaultHasher::new();
        filter.hash(&mut hasher);
        let mut page = Self { offset: 0, size, until: None, fingerprint: hasher.finish() };
        if !page_token.is_empty() {
            match decode(page_token).filter(|(.., fingerprint)| *fingerprint == page.fingerprint) {
                Some((offset, until, _)) => (page.offset, page.until) = (offset, until),
                None => check.fault("page_token", "is not a token that this request's last page gave"),
            }
        }
        page
    }

    /// The vendor's page to ask for, counted from 1.
    pub fn number(&self) -> u64 {
        self.offset / self.size + 1
    }

    /// How many entries to ask the vendor for.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Cuts the vendor's page down to what the caller has not seen, and makes the next token: empty when `total` is
    /// reached, or, when the vendor gives no total, when the page was not full.
    pub fn cut<T>(&self, mut entries: Vec<T>, total: Option<u64>) -> (Vec<T>, String) {
        let full = entries.len() as u64 >= self.size;
        let end = self.number() * self.size;
        let seen = (self.offset % self.size).min(entries.len() as u64);
        entries.drain(..usize::try_from(seen).unwrap_or(0));
        let more = !entries.is_empty() && total.map_or(full, |total| end < total);
        (entries, if more { self.encode(end) } else { String::new() })
    }

    /// The page of a list that is all here.
    pub fn of<T>(&self, entries: impl ExactSizeIterator<Item = T>) -> (Vec<T>, String) {
        let total = entries.len() as u64;
        let start = (self.number() - 1) * self.size;
        let page = entries.skip(usize::try_from(start).unwrap_or(usize::MAX)).take(self.size as usize).collect();
        self.cut(page, Some(total))
    }

    fn encode(&self, offset: u64) -> String {
        let until = self.until.map(|t| t.to_string()).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("{offset}.{until}.{:x}", self.fingerprint))
    }
}

fn decode(token: &str) -> Option<(u64, Option<i64>, u64)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let mut parts = text.split('.');
    let offset = parts.next()?.parse().ok()?;
    let until = match parts.next()? {
        "" => None,
        until => Some(until.parse().ok()?),
    };
    let fingerprint = u64::from_str_radix(parts.next()?, 16).ok()?;
    parts.next().is_none().then_some((offset, until, fingerprint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(size: i32, token: &str) -> Page {
        let mut check = Check::new();
        let page = Page::new(&mut check, size, token, "filter");
        check.done().expect("a good page");
        page
    }

    /// A vendor that counts pages from 1.
    fn vendor(page: &Page, total: u64) -> Vec<u64> {
        let start = (page.number() - 1) * page.size();
        (start..total.min(start + page.size())).collect()
    }

    proptest! {
        #[test]
        fn any_sequence_of_page_sizes_sees_everything_once(
            total in 0..200u64, sizes in proptest::collection::vec(1..40i32, 1..8), knows_total: bool,
        ) {
            let (mut seen, mut token) = (Vec::new(), String::new());
            for size in sizes.iter().cycle() {
                let page = page(*size, &token);
                let (entries, next) = page.cut(vendor(&page, total), knows_total.then_some(total));
                prop_assert!(entries.len() <= usize::try_from(*size).unwrap_or(0));
                seen.extend(entries);
                token = next;
                if token.is_empty() { break }
            }
            prop_assert_eq!(seen, (0..total).collect::<Vec<_>>());
        }
    }

    #[test]
    fn sizes_are_defaulted_and_capped_and_negative_ones_refused() {
        assert_eq!((page(0, "").size(), page(5000, "").size()), (50, 1000));
        let mut check = Check::new();
        Page::new(&mut check, -1, "%%%", "filter");
        let error = check.done().expect_err("two faults").to_string();
        assert!(error.contains("page_size") && error.contains("page_token"), "{error}");
    }

    #[test]
    fn a_token_is_good_for_its_own_filter_alone_and_keeps_the_time() {
        let first = Page { until: Some(-5), ..page(2, "") };
        let (_, token) = first.cut(vec![0, 1], Some(9));
        assert_eq!((page(2, &token).number(), page(2, &token).until), (2, Some(-5)));
        let mut check = Check::new();
        Page::new(&mut check, 2, &token, "another filter");
        assert!(check.done().is_err());
    }
}
