//! Groups of contacts.

use serde::{Deserialize, Serialize};

use crate::{
    api::pb::Group,
    request::names,
    vendors::kit::lenient::{Lenient, required_id},
};

/// A group to be created or changed: `POST /group`, `PUT /group/{group_id}`.
#[derive(Debug, Serialize)]
pub(crate) struct GroupBody<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
}

/// An entry of `GET /groups`.
#[derive(Debug, Deserialize)]
pub(crate) struct GroupEntry {
    #[serde(deserialize_with = "required_id")]
    id_group: String,
    #[serde(default)]
    group_name: Lenient<String>,
    #[serde(default)]
    group_description: Lenient<String>,
}

impl GroupEntry {
    pub(crate) fn into_group(self, account: &str) -> Group {
        Group {
            name: names::child(account, "groups", &self.id_group),
            display_name: self.group_name.0.unwrap_or_default(),
            description: self.group_description.0.unwrap_or_default(),
            ..Group::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::List, *};

    #[test]
    fn groups_are_read_with_the_total_that_begins_with_a_capital() {
        let list: List<GroupEntry> = serde_json::from_str(
            r#"{"groups": [{"id_group": "AV", "group_name": "Group1", "group_description": "d"},
                           {"id_group": 7, "group_name": "Group2", "group_description": null}],
                "pageNumber": 1, "pageSize": 5, "Total": 2}"#,
        )
        .expect("groups");
        assert_eq!(list.total(), Some(2));
        let groups: Vec<_> = list
            .entries()
            .expect("a list")
            .0
            .into_iter()
            .flatten()
            .map(|entry| entry.into_group("accounts/a"))
            .collect();
        let group = |name: &str, display_name: &str, description: &str| Group {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            description: description.to_owned(),
            ..Group::default()
        };
        assert_eq!(groups, [group("accounts/a/groups/AV", "Group1", "d"), group("accounts/a/groups/7", "Group2", "")]);
    }
}
