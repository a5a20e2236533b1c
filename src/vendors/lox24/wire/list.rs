//! A list in its three forms: `hydra:member` with `hydra:totalItems`, the same names without `hydra:`, which newer pages of
//! the vendor's print, and an array alone.

use serde::{Deserialize, de::DeserializeOwned};

use crate::{error::Error, http::Reply, lenient::Lenient};

/// One page of a list.
#[derive(Debug)]
pub(in super::super) struct List<T> {
    pub(in super::super) entries: Vec<T>,
    /// How many there are on all pages, where the answer says so.
    pub(in super::super) total: Option<u64>,
    /// Whether the answer links to a next page.
    pub(in super::super) linked: bool,
}

#[derive(Debug, Deserialize)]
struct Linked<T> {
    #[serde(rename = "hydra:member", alias = "member")]
    member: Vec<T>,
    #[serde(default, rename = "hydra:totalItems", alias = "totalItems")]
    total_items: Lenient<i64>,
    #[serde(default, rename = "hydra:view", alias = "view")]
    view: Option<View>,
}

#[derive(Debug, Deserialize)]
struct View {
    #[serde(default, rename = "hydra:next", alias = "next")]
    next: Lenient<String>,
}

/// Reads one page.
///
/// # Errors
/// As [`Reply::unreadable`], when it has none of the forms.
pub(in super::super) fn read<T: DeserializeOwned>(reply: &Reply) -> Result<List<T>, Error> {
    // serde would take an array for the members of the object, one after the other.
    if reply.body().trim_ascii_start().starts_with(b"[") {
        return Ok(List { entries: reply.json()?, total: None, linked: false });
    }
    let Linked { member, total_items, view } = reply.json()?;
    let linked = view.is_some_and(|view| view.next.0.is_some_and(|next| !next.is_empty()));
    Ok(List { entries: member, total: total_items.0.and_then(|total| total.try_into().ok()), linked })
}
