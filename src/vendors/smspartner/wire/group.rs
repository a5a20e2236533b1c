//! Groups.

use prost_types::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{OK, Verdict};
use crate::{
    lenient::{Lenient, null_is_default, optional_time, text},
    names, pb,
};

/// The body of `POST /group/add`, beside the key.
#[derive(Debug, Serialize)]
pub(crate) struct Add<'a> {
    pub(crate) name: &'a str,
}

/// The answer to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Added {
    #[serde(default)]
    pub(crate) name: Lenient<String>,
    #[serde(default)]
    pub(crate) group_id: Lenient<String>,
}

/// The verdict on a group to be made: the code of its success is 2.
pub(crate) fn verdict_of_addition(body: &[u8]) -> Option<Verdict> {
    let mut verdict = Verdict::read(body)?;
    if verdict.success == Some(true) && verdict.code == Some(2) {
        verdict.code = Some(OK);
    }
    Some(verdict)
}

/// The body of `POST /group/delete`, beside the key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delete<'a> {
    pub(crate) group_id: &'a str,
}

/// The answer to `GET /group/list`: all of them, for there are no pages.
#[derive(Debug, Deserialize)]
pub(crate) struct List {
    #[serde(deserialize_with = "null_is_default")]
    pub(crate) groups: Vec<Group>,
}

/// The verdict on a list. The one answer that the vendor prints has the groups and says `"success": false`, so who gives
/// the groups and no other code has said yes.
pub(crate) fn verdict_of_list(body: &[u8]) -> Option<Verdict> {
    let mut verdict = Verdict::read(body)?;
    let body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    if body.contains_key("groups") && matches!(verdict.code, None | Some(OK)) {
        verdict.success = Some(true);
    }
    Some(verdict)
}

/// A group of the list. What its `isSpecialFile` and `isLocationFile` mean is not written anywhere.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    #[serde(deserialize_with = "text")]
    id: String,
    #[serde(default)]
    name: Lenient<String>,
    #[serde(default, deserialize_with = "optional_time")]
    created_at: Option<Timestamp>,
}

impl Group {
    pub(crate) fn into_group(self, account: &str) -> pb::Group {
        pb::Group {
            name: names::child(account, "groups", &self.id),
            display_name: self.name.0.unwrap_or_default(),
            create_time: self.created_at,
            ..pb::Group::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(success: Option<bool>, code: Option<i64>) -> Option<Verdict> {
        Some(Verdict { success, code, message: None })
    }

    #[test]
    fn two_is_the_code_of_a_group_that_was_made_and_of_nothing_else() {
        for (body, expected) in [
            (r#"{"success": true, "code": 2, "name": "Nom du groupe", "groupId": "7"}"#, (Some(true), Some(200))),
            (r#"{"success": true, "code": 200}"#, (Some(true), Some(200))),
            (r#"{"success": false, "code": 2}"#, (Some(false), Some(2))),
            (r#"{"code": 2}"#, (None, Some(2))),
            (r#"{"success": true, "code": 10}"#, (Some(true), Some(10))),
        ] {
            assert_eq!(verdict_of_addition(body.as_bytes()), verdict(expected.0, expected.1), "{body}");
        }
    }

    #[test]
    fn a_list_is_a_yes_whatever_it_says_of_its_success() {
        for (body, expected) in [
            (r#"{"success": false, "groups": []}"#, (Some(true), None)),
            (r#"{"success": true, "code": 200, "groups": []}"#, (Some(true), Some(200))),
            (r#"{"success": false, "code": 10, "groups": []}"#, (Some(false), Some(10))),
            (r#"{"success": false}"#, (Some(false), None)),
        ] {
            assert_eq!(verdict_of_list(body.as_bytes()), verdict(expected.0, expected.1), "{body}");
        }
    }
}
