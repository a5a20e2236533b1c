//! GroupService at smSend. What its document says of a 404 here is that the credential is unknown: an unknown group or
//! contact is a 400.

use tonic::{Request, Response, Status};

use super::{Listed, NotFound, SmSend, wire};
use crate::{
    check::Check,
    error::Error,
    http::Call,
    names,
    page::Page,
    pb::{
        AddGroupMemberRequest, AddGroupMemberResponse, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest,
        DeleteGroupResponse, Group, ListGroupsRequest, ListGroupsResponse, RemoveGroupMemberRequest,
        RemoveGroupMemberResponse, UpdateGroupRequest, UpdateGroupResponse, group::VendorOptions,
        group_service_server::GroupService,
    },
    vendors::address_book,
};

const GROUP: &str = "accounts/*/groups/*";

#[tonic::async_trait]
impl GroupService for SmSend {
    async fn create_group(
        &self,
        request: Request<CreateGroupRequest>,
    ) -> Result<Response<CreateGroupResponse>, Status> {
        let (_, extensions, CreateGroupRequest { parent, group }) = request.into_parts();
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = group_body(&mut check, &group);
        check.done()?;
        let call = Call::new("POST /group").json(&body)?;
        let reply = self.ask(&extensions, call, NotFound::Credential).await?;
        let name = names::child(&self.name, "groups", &reply.location_id()?);
        Ok(Response::new(CreateGroupResponse { group: Some(Group { name, ..group }) }))
    }

    async fn update_group(
        &self,
        request: Request<UpdateGroupRequest>,
    ) -> Result<Response<UpdateGroupResponse>, Status> {
        let (_, extensions, UpdateGroupRequest { group }) = request.into_parts();
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&group.name, GROUP, "group.name");
        let body = group_body(&mut check, &group);
        check.done()?;
        let call = Call::new("PUT /group/{group_id}").id(&id).json(&body)?;
        self.ask(&extensions, call, NotFound::Credential).await?;
        Ok(Response::new(UpdateGroupResponse { group: Some(group) }))
    }

    async fn delete_group(
        &self,
        request: Request<DeleteGroupRequest>,
    ) -> Result<Response<DeleteGroupResponse>, Status> {
        let (_, extensions, DeleteGroupRequest { name, delete_contacts }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, GROUP, "name");
        check.done()?;
        // The document's request line says GET, its samples and the vendor's newer manual DELETE.
        let call = Call::new("DELETE /group/{group_id}").id(&id).query("deletecontacts", delete_contacts.to_string());
        self.ask(&extensions, call, NotFound::Credential).await?;
        Ok(Response::new(DeleteGroupResponse {}))
    }

    async fn list_groups(&self, request: Request<ListGroupsRequest>) -> Result<Response<ListGroupsResponse>, Status> {
        let (_, extensions, ListGroupsRequest { parent, page_size, page_token }) = request.into_parts();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListGroups", &parent));
        check.done()?;
        let listed = self.list::<wire::group::GroupEntry>(&extensions, Call::new("GET /groups"), &page).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let groups = entries.into_iter().map(|entry| entry.into_group(&self.name)).collect();
        Ok(Response::new(ListGroupsResponse { groups, next_page_token, total_size }))
    }

    async fn add_group_member(
        &self,
        request: Request<AddGroupMemberRequest>,
    ) -> Result<Response<AddGroupMemberResponse>, Status> {
        let (_, extensions, AddGroupMemberRequest { name, contact }) = request.into_parts();
        let call = self.membership(Call::new("POST /group/{group_id}/contact/{contact_id}"), &name, &contact)?;
        self.ask(&extensions, call, NotFound::Credential).await?;
        Ok(Response::new(AddGroupMemberResponse {}))
    }

    async fn remove_group_member(
        &self,
        request: Request<RemoveGroupMemberRequest>,
    ) -> Result<Response<RemoveGroupMemberResponse>, Status> {
        let (_, extensions, RemoveGroupMemberRequest { name, contact }) = request.into_parts();
        let call = self.membership(Call::new("DELETE /group/{group_id}/contact/{contact_id}"), &name, &contact)?;
        self.ask(&extensions, call, NotFound::Credential).await?;
        Ok(Response::new(RemoveGroupMemberResponse {}))
    }
}

impl SmSend {
    /// Checks the names of a group and a contact, and fills their ids in.
    fn membership(&self, call: Call, group: &str, contact: &str) -> Result<Call, Error> {
        let mut check = Check::new();
        let group = check.id(group, GROUP, "name");
        let contact = check.id_in(contact, &self.name, "contacts", "contact");
        check.done()?;
        Ok(call.id(&group).id(&contact))
    }
}

/// Checks a group, the field `group` of a request, and gives what smSend takes.
fn group_body<'a>(check: &mut Check, group: &'a Group) -> wire::group::GroupBody<'a> {
    address_book::check_group(check, group);
    let Group { name: _, display_name, description, contact_count: _, create_time: _, update_time: _, vendor_options } =
        group;
    check.required(display_name, "group.display_name");
    check.required(description, "group.description");
    check.absent(
        [
            (matches!(vendor_options, Some(VendorOptions::Lox24(_))), "group.lox24"),
            (matches!(vendor_options, Some(VendorOptions::Ip1sms(_))), "group.ip1sms"),
        ],
        "is not supported by smSend",
    );
    wire::group::GroupBody { name: display_name, description }
}
