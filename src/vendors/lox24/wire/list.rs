//! A list in its three forms: `hydra:member` with `hydra:totalItems`, the same names without `hydra:`, which newer
//! pages of the vendor's print, and a plain array.

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    error::Error,
    vendors::kit::{
        Reply,
        lenient::{self, Lenient, Object},
    },
};

/// One page of a list.
#[derive(Debug)]
pub(in super::super) struct List<T> {
    /// `None` for each that cannot be read.
    pub(in super::super) entries: Vec<Option<T>>,
    /// The number of entries on all pages, if the answer has it.
    pub(in super::super) total: Option<u64>,
    /// Whether the answer links to a next page.
    pub(in super::super) linked: bool,
}

#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Linked<T> {
    #[serde(rename = "hydra:member")]
    hydra_member: Option<lenient::List<T>>,
    member: Option<lenient::List<T>>,
    #[serde(default, rename = "hydra:totalItems")]
    hydra_total_items: Lenient<i64>,
    #[serde(default, rename = "totalItems")]
    total_items: Lenient<i64>,
    #[serde(default, rename = "hydra:view")]
    hydra_view: Object<View>,
    #[serde(default)]
    view: Object<View>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct View {
    #[serde(rename = "hydra:next")]
    hydra_next: Lenient<String>,
    next: Lenient<String>,
}

/// Reads one page.
///
/// # Errors
/// As [`Reply::unreadable`], when it has none of the forms.
pub(in super::super) fn read<T: DeserializeOwned>(reply: &Reply) -> Result<List<T>, Error> {
    if reply.text().starts_with('[') {
        return Ok(List { entries: reply.list(Some)?, total: None, linked: false });
    }
    let Linked { hydra_member, member, hydra_total_items, total_items, hydra_view, view } = reply.object()?;
    let member = hydra_member.or(member).ok_or_else(|| reply.unreadable("it has no list"))?;
    let view = hydra_view.0.or(view.0);
    let linked = view.is_some_and(|view| view.hydra_next.or(view.next).0.is_some_and(|next| !next.is_empty()));
    let total = hydra_total_items.or(total_items).0.and_then(|total| total.try_into().ok());
    Ok(List { entries: reply.entries(member)?, total, linked })
}
