//! GroupService at IP1SMS, after the vendor's reference and its official client: the document has no group.

use tonic::{Extensions, Request, Response, Status};

use super::{Ip1Sms, number, wire::group as wire};
use crate::{
    check::Check,
    error::{Error, Reason},
    http::Call,
    page::Page,
    pb::{
        AddGroupMemberRequest, AddGroupMemberResponse, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest,
        DeleteGroupResponse, GetGroupRequest, GetGroupResponse, Group, Ip1SmsGroup, ListGroupsRequest,
        ListGroupsResponse, RemoveGroupMemberRequest, RemoveGroupMemberResponse, UpdateGroupRequest,
        UpdateGroupResponse, group::VendorOptions, group_service_server::GroupService,
    },
    vendors::address_book,
};

const GROUP: &str = "accounts/*/groups/*";

#[tonic::async_trait]
impl GroupService for Ip1Sms {
    async fn create_group(
        &self,
        request: Request<CreateGroupRequest>,
    ) -> Result<Response<CreateGroupResponse>, Status> {
        let (_, extensions, CreateGroupRequest { parent, group }) = request.into_parts();
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = new_group(&mut check, &group);
        check.done()?;
        let group = self.group(&extensions, Call::new("POST /api/groups").json(&body)?).await?;
        Ok(Response::new(CreateGroupResponse { group: Some(group) }))
    }

    async fn get_group(&self, request: Request<GetGroupRequest>) -> Result<Response<GetGroupResponse>, Status> {
        let (_, extensions, GetGroupRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, GROUP, "name");
        number(&mut check, &id, "name");
        check.done()?;
        let group = self.group(&extensions, Call::new("GET /api/groups/{id}").id(&id)).await?;
        Ok(Response::new(GetGroupResponse { group: Some(group) }))
    }

    async fn update_group(
        &self,
        request: Request<UpdateGroupRequest>,
    ) -> Result<Response<UpdateGroupResponse>, Status> {
        let (_, extensions, UpdateGroupRequest { group }) = request.into_parts();
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&group.name, GROUP, "group.name");
        number(&mut check, &id, "group.name");
        let body = new_group(&mut check, &group);
        check.done()?;
        let group = self.group(&extensions, Call::new("PUT /api/groups/{id}").id(&id).json(&body)?).await?;
        Ok(Response::new(UpdateGroupResponse { group: Some(group) }))
    }

    async fn delete_group(
        &self,
        request: Request<DeleteGroupRequest>,
    ) -> Result<Response<DeleteGroupResponse>, Status> {
        let (_, extensions, DeleteGroupRequest { name, delete_contacts }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, GROUP, "name");
        number(&mut check, &id, "name");
        check.that(!delete_contacts, "delete_contacts", "is not supported by IP1SMS");
        check.done()?;
        self.change(&extensions, Call::new("DELETE /api/groups/{id}").id(&id)).await?;
        Ok(Response::new(DeleteGroupResponse {}))
    }

    async fn list_groups(&self, request: Request<ListGroupsRequest>) -> Result<Response<ListGroupsResponse>, Status> {
        let (_, extensions, ListGroupsRequest { parent, page_size, page_token }) = request.into_parts();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListGroups", &parent));
        check.done()?;
        // It has no pages: all of it comes at once.
        let reply = self.call(&extensions, Call::new("GET /api/groups")).await?;
        let groups = reply.list(|group: wire::Group| group.read(&self.name))?;
        let total_size = i32::try_from(groups.len()).ok();
        let (groups, next_page_token) = page.of(groups.into_iter());
        let groups = groups.into_iter().flatten().collect();
        Ok(Response::new(ListGroupsResponse { groups, next_page_token, total_size }))
    }

    async fn add_group_member(
        &self,
        request: Request<AddGroupMemberRequest>,
    ) -> Result<Response<AddGroupMemberResponse>, Status> {
        let (_, extensions, AddGroupMemberRequest { name, contact }) = request.into_parts();
        let (group, contact) = self.member(&name, &contact)?;
        let call = Call::new("POST /api/memberships").json(&wire::NewMembership { group, contact })?;
        self.change(&extensions, call).await?;
        Ok(Response::new(AddGroupMemberResponse {}))
    }

    async fn remove_group_member(
        &self,
        request: Request<RemoveGroupMemberRequest>,
    ) -> Result<Response<RemoveGroupMemberResponse>, Status> {
        let (_, extensions, RemoveGroupMemberRequest { name, contact }) = request.into_parts();
        let (group, contact) = self.member(&name, &contact)?;
        // A membership goes by an id of its own, which nobody but the vendor knows.
        let call = Call::new("GET /api/contacts/{id}/memberships").id(&contact.to_string());
        let reply = self.call(&extensions, call).await?;
        // Of one that cannot be read nobody knows whether it is the one to delete.
        let memberships = reply.list(Some::<wire::Membership>)?.into_iter().collect::<Option<Vec<_>>>();
        let mut memberships = memberships.ok_or_else(|| reply.unreadable("a membership is not an object"))?;
        memberships.retain(|membership| membership.is_of(group, contact));
        let ids = memberships.iter().map(wire::Membership::id).collect::<Option<Vec<_>>>();
        let ids = ids.ok_or_else(|| reply.unreadable("a membership has no id"))?;
        if ids.is_empty() {
            return Err(reply.refused(Reason::ResourceNotFound, "the contact is not in the group", "").into());
        }
        // Nobody says that a contact is in a group once at most. While one of its memberships is left it is in the group, so
        // the first that fails is the answer; one that somebody else has deleted meanwhile has not failed.
        for id in ids {
            let call = Call::new("DELETE /api/memberships/{id}").id(&id.to_string());
            match self.change(&extensions, call).await {
                Ok(()) => {}
                Err(error) if error.reason() == Reason::ResourceNotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Response::new(RemoveGroupMemberResponse {}))
    }
}

impl Ip1Sms {
    /// Makes a call whose answer is a group.
    async fn group(&self, extensions: &Extensions, call: Call) -> Result<Group, Error> {
        let reply = self.call(extensions, call).await?;
        reply.object::<wire::Group>()?.read(&self.name).ok_or_else(|| reply.unreadable("it has no id"))
    }

    /// Checks the names of a group and a contact, and gives their ids.
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

/// Checks a group, the field `group` of a request, and gives what IP1SMS takes of it.
fn new_group<'a>(check: &mut Check, group: &'a Group) -> wire::NewGroup<'a> {
    address_book::check_group(check, group);
    let Group { name: _, display_name, description, contact_count: _, create_time: _, update_time: _, vendor_options } =
        group;
    check.required(display_name, "group.display_name");
    check.absent(
        [
            (!description.is_empty(), "group.description"),
            (matches!(vendor_options, Some(VendorOptions::Lox24(_))), "group.lox24"),
        ],
        "is not supported by IP1SMS",
    );
    // The vendor's reference has it as optional; its client, which is older, always sends one.
    let color = match vendor_options {
        Some(VendorOptions::Ip1sms(Ip1SmsGroup { color })) => color.as_deref(),
        Some(VendorOptions::Lox24(_)) | None => None,
    };
    check.that(color.is_none_or(is_color), "group.ip1sms.color", "must be of the form #rrggbb, such as #5e5e5e");
    wire::NewGroup { name: display_name, color }
}

/// Whether a text is `#` and six hexadecimal digits.
fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
