//! GroupService at SMSPartner. A single group cannot be looked up or changed there, and a contact stays in the group
//! that it was added to.
//!
//! That a group is deleted by POST is of medium confidence: the heads of the vendor's pages have DELETE, their samples
//! POST. The samples are followed, as for the stop list, and a DELETE should not have a body (RFC 9110, section 9.3.5).
//! The French page has `/groupe/delete`; `/group/delete` of the English one matches the other operations.

use async_trait::async_trait;

use super::{SmsPartner, get, post, wire};
use crate::{
    api::{
        GroupService,
        pb::{
            CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest, DeleteGroupResponse, Group, ListGroupsRequest,
            ListGroupsResponse,
        },
    },
    call::{Call, Credential},
    error::{Error, Reason},
    request::{check::Check, names, page::Page},
    vendors::kit,
};

const UNSUPPORTED: &str = "is not supported by SMSPartner";

#[async_trait]
impl GroupService for SmsPartner {
    async fn create_group(&self, call: &Call, request: CreateGroupRequest) -> Result<CreateGroupResponse, Error> {
        let CreateGroupRequest { parent, group } = request;
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        kit::contact::check_group(&mut check, &group);
        let Group {
            name: _,
            display_name,
            description,
            contact_count: _,
            create_time: _,
            update_time: _,
            vendor_options: _,
        } = group;
        check.required(&display_name, "group.display_name");
        check.absent([(!description.is_empty(), "group.description")], UNSUPPORTED);
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = post("POST /group/add", credential, wire::group::Add { name: &display_name })?;
        let reply = self.ask_and_read(call, &request, credential, adding, wire::group::verdict_of_addition).await?;
        let wire::group::Added { name, group_id } = reply.object()?;
        let Some(id) = group_id.0 else {
            return Err(reply.unreadable("it has no groupId"));
        };
        let name_there = name.0.filter(|name| !name.is_empty());
        let group = Group {
            name: names::child(&self.name, "groups", &id),
            display_name: name_there.unwrap_or(display_name),
            ..Group::default()
        };
        Ok(CreateGroupResponse { group: Some(group) })
    }

    async fn delete_group(&self, call: &Call, request: DeleteGroupRequest) -> Result<DeleteGroupResponse, Error> {
        let DeleteGroupRequest { name, delete_contacts } = request;
        let mut check = Check::new();
        let id = check.id(&name, "accounts/*/groups/*", "name");
        check.absent([(delete_contacts, "delete_contacts")], UNSUPPORTED);
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = post("POST /group/delete", credential, wire::group::Delete { group_id: &id })?;
        self.ask(call, &request, credential, deleting).await?;
        Ok(DeleteGroupResponse {})
    }

    async fn list_groups(&self, call: &Call, request: ListGroupsRequest) -> Result<ListGroupsResponse, Error> {
        let ListGroupsRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListGroups", &parent));
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = get("GET /group/list", credential);
        let reply = self.ask_and_read(call, &request, credential, |_| None, wire::group::verdict_of_list).await?;
        let wire::group::List { groups } = reply.object()?;
        let groups = reply.entries(groups)?;
        let total_size = groups.len().try_into().ok();
        let (groups, next_page_token) = page.of(groups.into_iter());
        let groups = groups.into_iter().flatten().map(|group| group.into_group(&self.name)).collect();
        Ok(ListGroupsResponse { groups, next_page_token, total_size })
    }
}

fn adding(code: i64) -> Option<(Reason, &'static str)> {
    (code == 1).then_some((Reason::VendorRefused, "SMSPartner misses the name of the group"))
}

fn deleting(code: i64) -> Option<(Reason, &'static str)> {
    match code {
        1 => Some((Reason::VendorRefused, "SMSPartner misses the id of the group")),
        404 => Some((Reason::ResourceNotFound, "SMSPartner does not know the group")),
        _ => None,
    }
}
