//! GroupService at IP1SMS, after the vendor's reference and its official client: the document does not cover groups.

use async_trait::async_trait;

use super::{Ip1Sms, number, wire::group as wire};
use crate::{
    api::{
        GroupService,
        pb::{
            AddGroupMemberRequest, AddGroupMemberResponse, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest,
            DeleteGroupResponse, GetGroupRequest, GetGroupResponse, Group, Ip1SmsGroup, ListGroupsRequest,
            ListGroupsResponse, RemoveGroupMemberRequest, RemoveGroupMemberResponse, UpdateGroupRequest,
            UpdateGroupResponse, group::VendorOptions,
        },
    },
    call::Call,
    error::{Error, Reason},
    request::{check::Check, page::Page},
    vendors::kit::{Request, contact},
};

const GROUP: &str = "accounts/*/groups/*";

#[async_trait]
impl GroupService for Ip1Sms {
    async fn create_group(&self, call: &Call, request: CreateGroupRequest) -> Result<CreateGroupResponse, Error> {
        let CreateGroupRequest { parent, group } = request;
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = new_group(&mut check, &group);
        check.done()?;
        let group = self.group(call, Request::new("POST /api/groups").json(&body)?).await?;
        Ok(CreateGroupResponse { group: Some(group) })
    }

    async fn get_group(&self, call: &Call, request: GetGroupRequest) -> Result<GetGroupResponse, Error> {
        let GetGroupRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, GROUP, "name");
        number(&mut check, &id, "name");
        check.done()?;
        let group = self.group(call, Request::new("GET /api/groups/{id}").id(&id)).await?;
        Ok(GetGroupResponse { group: Some(group) })
    }

    async fn update_group(&self, call: &Call, request: UpdateGroupRequest) -> Result<UpdateGroupResponse, Error> {
        let UpdateGroupRequest { group } = request;
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&group.name, GROUP, "group.name");
        number(&mut check, &id, "group.name");
        let body = new_group(&mut check, &group);
        check.done()?;
        let group = self.group(call, Request::new("PUT /api/groups/{id}").id(&id).json(&body)?).await?;
        Ok(UpdateGroupResponse { group: Some(group) })
    }

    async fn delete_group(&self, call: &Call, request: DeleteGroupRequest) -> Result<DeleteGroupResponse, Error> {
        let DeleteGroupRequest { name, delete_contacts } = request;
        let mut check = Check::new();
        let id = check.id(&name, GROUP, "name");
        number(&mut check, &id, "name");
        check.that(!delete_contacts, "delete_contacts", "is not supported by IP1SMS");
        check.done()?;
        self.change(call, Request::new("DELETE /api/groups/{id}").id(&id)).await?;
        Ok(DeleteGroupResponse {})
    }

    async fn list_groups(&self, call: &Call, request: ListGroupsRequest) -> Result<ListGroupsResponse, Error> {
        let ListGroupsRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListGroups", &parent));
        check.done()?;
        // The list has no pages: all entries are in one answer.
        let reply = self.exchange(call, Request::new("GET /api/groups")).await?;
        let groups = reply.list(|group: wire::Group| group.read(&self.name))?;
        let total_size = i32::try_from(groups.len()).ok();
        let (groups, next_page_token) = page.of(groups.into_iter());
        let groups = groups.into_iter().flatten().collect();
        Ok(ListGroupsResponse { groups, next_page_token, total_size })
    }

    async fn add_group_member(
        &self,
        call: &Call,
        request: AddGroupMemberRequest,
    ) -> Result<AddGroupMemberResponse, Error> {
        let AddGroupMemberRequest { name, contact } = request;
        let (group, contact) = self.member(&name, &contact)?;
        let request = Request::new("POST /api/memberships").json(&wire::NewMembership { group, contact })?;
        self.change(call, request).await?;
        Ok(AddGroupMemberResponse {})
    }

    async fn remove_group_member(
        &self,
        call: &Call,
        request: RemoveGroupMemberRequest,
    ) -> Result<RemoveGroupMemberResponse, Error> {
        let RemoveGroupMemberRequest { name, contact } = request;
        let (group, contact) = self.member(&name, &contact)?;
        // A membership has an id of its own, which only the vendor knows.
        let request = Request::new("GET /api/contacts/{id}/memberships").id(&contact.to_string());
        let reply = self.exchange(call, request).await?;
        // An unreadable membership could be the one to delete.
        let memberships = reply.list(Some::<wire::Membership>)?.into_iter().collect::<Option<Vec<_>>>();
        let mut memberships = memberships.ok_or_else(|| reply.unreadable("a membership is not an object"))?;
        memberships.retain(|membership| membership.is_of(group, contact));
        let ids = memberships.iter().map(wire::Membership::id).collect::<Option<Vec<_>>>();
        let ids = ids.ok_or_else(|| reply.unreadable("a membership has no id"))?;
        if ids.is_empty() {
            return Err(reply.refused(Reason::ResourceNotFound, "the contact is not in the group", ""));
        }
        // It is not documented that a contact has at most one membership in a group. While one is left the contact is
        // in the group, so the first failure is the answer; a membership that another client deleted meanwhile is not a
        // failure.
        for id in ids {
            let request = Request::new("DELETE /api/memberships/{id}").id(&id.to_string());
            match self.change(call, request).await {
                Ok(()) => {}
                Err(error) if error.reason() == Reason::ResourceNotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(RemoveGroupMemberResponse {})
    }
}

impl Ip1Sms {
    /// Makes a call whose answer is a group.
    async fn group(&self, call: &Call, request: Request) -> Result<Group, Error> {
        let reply = self.exchange(call, request).await?;
        reply.object::<wire::Group>()?.read(&self.name).ok_or_else(|| reply.unreadable("it has no id"))
    }

    /// Checks the names of a group and a contact, and returns their ids.
    fn member(&self, group: &str, contact: &str) -> Result<(u64, u64), Error> {
        let mut check = Check::new();
        let group = check.id(group, GROUP, "name");
        let group = number(&mut check, &group, "name");
        let contact = check.id_in(contact, &self.name, "contacts", "contact");
        let contact = number(&mut check, &contact, "contact");
        check.done()?;
        Ok((group, contact))
    }
}

/// Checks a group, the field `group` of a request, and returns IP1SMS's form of it.
fn new_group<'a>(check: &mut Check, group: &'a Group) -> wire::NewGroup<'a> {
    contact::check_group(check, group);
    let Group { name: _, display_name, description, contact_count: _, create_time: _, update_time: _, vendor_options } =
        group;
    check.required(display_name, "group.display_name");
    check.absent([(!description.is_empty(), "group.description")], "is not supported by IP1SMS");
    // Optional in the vendor's reference; its client, which is older, always sends one.
    let color = match vendor_options {
        Some(VendorOptions::Ip1sms(Ip1SmsGroup { color })) => color.as_deref(),
        _ => None,
    };
    check.that(color.is_none_or(is_color), "group.ip1sms.color", "must be of the form #rrggbb, such as #5e5e5e");
    wire::NewGroup { name: display_name, color }
}

/// Returns whether a text is `#` and six hexadecimal digits.
fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
