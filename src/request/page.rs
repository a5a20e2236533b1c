//! Paging by AIP-158 over vendors that count pages: opaque tokens that hold an offset.
//!
//! A token survives a change of `page_size` between two calls: the offset is converted to the page that contains it,
//! and earlier entries of that page are dropped. The token also records the vendor's limit if it returned fewer entries
//! than requested. So no entry is missed or returned twice.
//!
//! A vendor may also have pages of a fixed, undocumented size ([`Page::own_number`] and [`Page::cut_own`]). Its first
//! page shows that size, and the token keeps it: a caller that requests fewer entries gets the vendor's page in slices,
//! one that requests more gets the vendor's page, as AIP-158 permits.

use serde::Serialize;

use crate::request::{check::Check, token};

/// The default page size.
const DEFAULT: u32 = 50;
/// The largest page size that a caller may request.
const MAX: u32 = 1000;

/// Reads `page_size`.
pub fn size(check: &mut Check, page_size: i32) -> u32 {
    match u32::try_from(page_size) {
        Ok(0) => DEFAULT,
        Ok(size) => size.min(MAX),
        Err(_) => {
            check.fault("page_size", format!("must not be negative; 0 means {DEFAULT}"));
            DEFAULT
        }
    }
}

/// Returns how many entries of these lengths fit into a page: it ends with the one by which it has enough bytes.
pub fn fits(lengths: impl Iterator<Item = usize>, enough: usize) -> usize {
    let before = lengths.scan(0, |sum, length| Some(std::mem::replace(sum, *sum + length)));
    before.take_while(|bytes| *bytes < enough).count()
}

/// The requested page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    offset: u64,
    size: u64,
    /// A time that all pages of one listing share, in Unix seconds: the time of the first request.
    pub until: Option<i64>,
    /// The vendor's page limit, if an earlier page showed it.
    cap: Option<u64>,
    /// The list that a token is valid for.
    purpose: String,
}

/// A page of the response.
#[derive(Debug)]
pub struct Listed<T> {
    /// The entries that the caller has not received yet.
    pub entries: Vec<T>,
    /// Empty on the last page.
    pub next_page_token: String,
    /// The number of all entries, if the vendor returns it.
    pub total_size: Option<i32>,
}

/// The content of a token: all but the size, which the caller may change.
type Held = (u64, Option<i64>, Option<u64>);

impl Page {
    /// Reads `page_size` and `page_token`. `list` is the RPC and everything else in the request: a token is valid only
    /// for the list that it was created for.
    pub fn new(check: &mut Check, page_size: i32, page_token: &str, list: impl Serialize) -> Self {
        let size = size(check, page_size).into();
        // Serializing texts and numbers cannot fail.
        let purpose = serde_json::to_string(&list).unwrap_or_default();
        let mut page = Self { offset: 0, size, until: None, cap: None, purpose };
        if !page_token.is_empty() {
            // Tokens are not signed: rejects offsets that could overflow.
            let held = token::open::<Held>(page_token, &page.purpose).filter(|(offset, ..)| *offset <= u64::MAX / 2);
            match held {
                Some((offset, until, cap)) => {
                    let cap = cap.filter(|cap| *cap > 0);
                    let size = cap.map_or(size, |cap| size.min(cap));
                    page = Self { offset, until, cap, size, ..page };
                }
                None => check.fault("page_token", "invalid token; expected next_page_token of the same list"),
            }
        }
        page
    }

    /// Returns the number of the vendor's page, from 1.
    pub fn number(&self) -> u64 {
        self.offset / self.size + 1
    }

    /// Returns the page size to request from the vendor.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Drops the entries that the caller has received, and creates the next token: empty when `total` is reached, or,
    /// if the vendor returns no total, when the page was not full.
    pub fn cut<T>(&self, mut entries: Vec<T>, total: Option<u64>) -> (Vec<T>, String) {
        let count = entries.len() as u64;
        let end = ((self.number() - 1) * self.size).saturating_add(count);
        // A total that the vendor never reaches must not cause an endless loop.
        let more = end > self.offset && total.map_or(count >= self.size, |total| end < total);
        // A first page shorter than requested that is not the last shows the vendor's limit, by which it then counts
        // pages too.
        let cap = if more && count < self.size && self.number() == 1 { Some(count) } else { self.cap };
        let seen = usize::try_from(self.offset % self.size).unwrap_or(usize::MAX).min(entries.len());
        entries.drain(..seen);
        let held: Held = (end, self.until, cap);
        (entries, if more { token::seal(&held, &self.purpose) } else { String::new() })
    }

    /// Returns the number of the vendor's page, from 1, that contains the offset, for vendors with a fixed page size.
    pub fn own_number(&self) -> u64 {
        // Until that size is known, the offset is 0.
        self.cap.map_or(0, |own| self.offset / own) + 1
    }

    /// Does the same as [`Page::cut`] for the page of [`Page::own_number`]. Without a total the last page is known only
    /// by not being full; the first, which shows the size, is never the last unless it is empty.
    pub fn cut_own<T>(&self, entries: Vec<T>, total: Option<u64>) -> (Vec<T>, String) {
        let count = entries.len() as u64;
        let own = self.cap.unwrap_or(count).max(1);
        let seen = self.offset % own;
        let (left, full) = (count.saturating_sub(seen), count >= own);
        let taken = left.min(self.size);
        let end = self.offset.saturating_add(taken);
        let more = taken > 0 && (taken < left || total.map_or(full, |total| end < total));
        let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let entries = entries.into_iter().skip(at(seen)).take(at(taken)).collect();
        let held: Held = (end, self.until, Some(own));
        (entries, if more { token::seal(&held, &self.purpose) } else { String::new() })
    }

    /// Returns the page of a complete list.
    pub fn of<T>(&self, entries: impl ExactSizeIterator<Item = T>) -> (Vec<T>, String) {
        let total = entries.len() as u64;
        let start = (self.number() - 1) * self.size;
        let page = entries.skip(usize::try_from(start).unwrap_or(usize::MAX)).take(self.size as usize).collect();
        self.cut(page, Some(total))
    }
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

    /// Returns the page of a vendor that counts from 1.
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

    proptest! {
        #[test]
        fn any_sequence_of_page_sizes_sees_everything_once_in_pages_of_the_vendor_s_own_size(
            total in 0..200u64, own in 1..40u64, sizes in proptest::collection::vec(1..60i32, 1..8), knows_total: bool,
        ) {
            let (mut seen, mut token) = (Vec::new(), String::new());
            for size in sizes.iter().cycle() {
                let page = page(*size, &token);
                let start = (page.own_number() - 1) * own;
                let given = (start.min(total)..total.min(start + own)).collect();
                let (entries, next) = page.cut_own(given, knows_total.then_some(total));
                prop_assert!(entries.len() <= usize::try_from(*size).unwrap_or(0));
                prop_assert!(next.is_empty() || !entries.is_empty());
                seen.extend(entries);
                token = next;
                if token.is_empty() { break }
            }
            prop_assert_eq!(seen, (0..total).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_vendor_s_own_pages_end_where_they_are_empty_whatever_the_total_says() {
        let (_, token) = page(50, "").cut_own(vec![0; 30], Some(99));
        let second = page(50, &token);
        assert_eq!((second.own_number(), second.cut_own(Vec::<u64>::new(), Some(99)).1), (2, String::new()));
        assert_eq!(page(50, "").cut_own(Vec::<u64>::new(), None).1, "");
    }

    #[test]
    fn a_vendor_that_gives_fewer_than_asked_for_loses_nothing() {
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let page = page(50, &token);
            let size = page.size().min(20);
            let start = (page.number() - 1) * size;
            let (entries, next) = page.cut((start..75.min(start + size)).collect(), Some(75));
            seen.extend(entries);
            token = next;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, (0..75).collect::<Vec<u64>>());
    }

    #[test]
    fn a_total_that_is_never_reached_comes_to_an_end() {
        let mut token = String::new();
        for _ in 0..3 {
            let page = page(10, &token);
            let start = (page.number() - 1) * page.size();
            token = page.cut((start..15.min(start + 10)).collect::<Vec<u64>>(), Some(99)).1;
        }
        assert_eq!(token, "");
    }

    #[test]
    fn a_forged_token_is_rejected() {
        for (offset, right) in [(u64::MAX, false), (u64::MAX / 2 + 1, false), (u64::MAX / 2, true)] {
            let mut check = Check::new();
            let held: Held = (offset, None, Some(1));
            let page = Page::new(&mut check, 1, &token::seal(&held, &page(1, "").purpose), "filter");
            assert_eq!(check.done().is_ok(), right, "{offset}");
            assert!(page.number() > 0 && page.own_number() > 0);
            page.cut(vec![1], None);
            page.cut_own(vec![1], None);
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
