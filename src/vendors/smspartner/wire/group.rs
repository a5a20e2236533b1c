//! Groups.

use prost_types::Timestamp;
use serde::{Deserialize, Serialize};

use super::{OK, Verdict};
use crate::{
    api::pb,
    request::names,
    vendors::kit::{
        Reply,
        lenient::{Id, Lenient, List as Entries, required_id},
    },
};

/// The body of `POST /group/add`, beside the key.
#[derive(Debug, Serialize)]
pub(crate) struct Add<'a> {
    pub(crate) name: &'a str,
}

/// The answer to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Added {
    pub(crate) name: Lenient<String>,
    pub(crate) group_id: Id,
}

/// Returns the verdict on the creation of a group, whose code of success is 2.
pub(crate) fn verdict_of_addition(reply: &Reply) -> Option<Verdict> {
    let mut verdict = Verdict::read(reply)?;
    if verdict.success.0 != Some(false) && verdict.code.0 == Some(2) {
        verdict.code = Lenient(Some(OK));
    }
    Some(verdict)
}

/// The body of `POST /group/delete`, beside the key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delete<'a> {
    pub(crate) group_id: &'a str,
}

/// The answer to `GET /group/list`: all groups, as there are no pages.
#[derive(Debug, Deserialize)]
pub(crate) struct List {
    pub(crate) groups: Entries<Group>,
}

/// Returns the verdict on a list. The one answer that the vendor prints has the groups and `"success": false`, so
/// groups without an error code are an acceptance.
pub(crate) fn verdict_of_list(reply: &Reply) -> Option<Verdict> {
    let mut verdict = Verdict::read(reply)?;
    if reply.object::<List>().is_ok() && matches!(verdict.code.0, None | Some(OK)) {
        verdict.success = Lenient(Some(true));
    }
    Some(verdict)
}

/// A group of the list. `isSpecialFile` and `isLocationFile` are not documented.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    #[serde(deserialize_with = "required_id")]
    id: String,
    #[serde(default)]
    name: Lenient<String>,
    #[serde(default)]
    created_at: Lenient<Timestamp>,
}

impl Group {
    pub(crate) fn into_group(self, account: &str) -> pb::Group {
        pb::Group {
            name: names::child(account, "groups", &self.id),
            display_name: self.name.0.unwrap_or_default(),
            create_time: self.created_at.0,
            ..pb::Group::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, verdict: fn(&Reply) -> Option<Verdict>) -> (Option<bool>, Option<i64>) {
        let verdict = verdict(&Reply::of(body.as_bytes())).expect(body);
        (verdict.success.0, verdict.code.0)
    }

    #[test]
    fn two_is_the_code_only_of_a_created_group() {
        for (body, expected) in [
            (r#"{"success": true, "code": 2, "name": "Nom du groupe", "groupId": "7"}"#, (Some(true), Some(200))),
            (r#"{"success": true, "code": 200}"#, (Some(true), Some(200))),
            (r#"{"success": false, "code": 2}"#, (Some(false), Some(2))),
            (r#"{"code": 2}"#, (None, Some(200))),
            (r#"{"success": true, "code": 10}"#, (Some(true), Some(10))),
        ] {
            assert_eq!(read(body, verdict_of_addition), expected, "{body}");
        }
    }

    #[test]
    fn a_list_is_accepted_whatever_its_success_member() {
        for (body, expected) in [
            (r#"{"success": false, "groups": []}"#, (Some(true), None)),
            (r#"{"success": true, "code": 200, "groups": []}"#, (Some(true), Some(200))),
            (r#"{"success": false, "code": 10, "groups": []}"#, (Some(false), Some(10))),
            (r#"{"success": false}"#, (Some(false), None)),
        ] {
            assert_eq!(read(body, verdict_of_list), expected, "{body}");
        }
    }
}
