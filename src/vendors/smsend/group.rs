//! GroupService at smSend. According to the document a 404 here means an unknown credential: an unknown group or
//! contact is a 400.

use async_trait::async_trait;

use super::{Listed, NotFound, SmSend, wire};
use crate::{
    api::{
        GroupService,
        pb::{
            AddGroupMemberRequest, AddGroupMemberResponse, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest,
            DeleteGroupResponse, Group, ListGroupsRequest, ListGroupsResponse, RemoveGroupMemberRequest,
            RemoveGroupMemberResponse, UpdateGroupRequest, UpdateGroupResponse,
        },
    },
    call::Call,
    error::Error,
    request::{check::Check, names, page::Page},
    vendors::kit::{Request, contact},
};

const GROUP: &str = "accounts/*/groups/*";

#[async_trait]
impl GroupService for SmSend {
    async fn create_group(&self, call: &Call, request: CreateGroupRequest) -> Result<CreateGroupResponse, Error> {
        let CreateGroupRequest { parent, group } = request;
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = group_body(&mut check, &group);
        check.done()?;
        let request = Request::new("POST /group").json(&body)?;
        let reply = self.ask(call, request, NotFound::Credential).await?;
        let name = names::child(&self.name, "groups", &reply.location_id()?);
        Ok(CreateGroupResponse { group: Some(Group { name, ..group }) })
    }

    async fn update_group(&self, call: &Call, request: UpdateGroupRequest) -> Result<UpdateGroupResponse, Error> {
        let UpdateGroupRequest { group } = request;
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&group.name, GROUP, "group.name");
        let body = group_body(&mut check, &group);
        check.done()?;
        let request = Request::new("PUT /group/{group_id}").id(&id).json(&body)?;
        self.ask(call, request, NotFound::Credential).await?;
        Ok(UpdateGroupResponse { group: Some(group) })
    }

    async fn delete_group(&self, call: &Call, request: DeleteGroupRequest) -> Result<DeleteGroupResponse, Error> {
        let DeleteGroupRequest { name, delete_contacts } = request;
        let mut check = Check::new();
        let id = check.id(&name, GROUP, "name");
        check.done()?;
        // The document's request line has GET, its samples and the vendor's newer manual DELETE.
        let request =
            Request::new("DELETE /group/{group_id}").id(&id).query("deletecontacts", delete_contacts.to_string());
        self.ask(call, request, NotFound::Credential).await?;
        Ok(DeleteGroupResponse {})
    }

    async fn list_groups(&self, call: &Call, request: ListGroupsRequest) -> Result<ListGroupsResponse, Error> {
        let ListGroupsRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListGroups", &parent));
        check.done()?;
        let listed = self.list::<wire::group::GroupEntry>(call, Request::new("GET /groups"), &page).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let groups = entries.into_iter().map(|entry| entry.into_group(&self.name)).collect();
        Ok(ListGroupsResponse { groups, next_page_token, total_size })
    }

    async fn add_group_member(
        &self,
        call: &Call,
        request: AddGroupMemberRequest,
    ) -> Result<AddGroupMemberResponse, Error> {
        let AddGroupMemberRequest { name, contact } = request;
        let request = self.membership(Request::new("POST /group/{group_id}/contact/{contact_id}"), &name, &contact)?;
        self.ask(call, request, NotFound::Credential).await?;
        Ok(AddGroupMemberResponse {})
    }

    async fn remove_group_member(
        &self,
        call: &Call,
        request: RemoveGroupMemberRequest,
    ) -> Result<RemoveGroupMemberResponse, Error> {
        let RemoveGroupMemberRequest { name, contact } = request;
        let request =
            self.membership(Request::new("DELETE /group/{group_id}/contact/{contact_id}"), &name, &contact)?;
        self.ask(call, request, NotFound::Credential).await?;
        Ok(RemoveGroupMemberResponse {})
    }
}

impl SmSend {
    /// Checks the names of a group and a contact, and fills in their ids.
    fn membership(&self, request: Request, group: &str, contact: &str) -> Result<Request, Error> {
        let mut check = Check::new();
        let group = check.id(group, GROUP, "name");
        let contact = check.id_in(contact, &self.name, "contacts", "contact");
        check.done()?;
        Ok(request.id(&group).id(&contact))
    }
}

/// Checks a group, the field `group` of a request, and returns smSend's form of it.
fn group_body<'a>(check: &mut Check, group: &'a Group) -> wire::group::GroupBody<'a> {
    contact::check_group(check, group);
    let Group {
        name: _,
        display_name,
        description,
        contact_count: _,
        create_time: _,
        update_time: _,
        vendor_options: _,
    } = group;
    check.required(display_name, "group.display_name");
    check.required(description, "group.description");
    check.absent([], "is not supported by smSend");
    wire::group::GroupBody { name: display_name, description }
}
