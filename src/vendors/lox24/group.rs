//! GroupService at LOX24, where a group is a phone list. Its contacts belong to it alone: none can be added to a second
//! group.

use async_trait::async_trait;

use super::{Lox24, TotalUnknown, wire};
use crate::{
    api::{
        GroupService,
        pb::{
            CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest, DeleteGroupResponse, GetGroupRequest,
            GetGroupResponse, Group, ListGroupsRequest, ListGroupsResponse, Lox24Group, UpdateGroupRequest,
            UpdateGroupResponse, group::VendorOptions,
        },
    },
    call::Call,
    error::Error,
    request::{
        check::Check,
        page::{Listed, Page},
    },
    vendors::kit::{Request, contact},
};

const GROUP: &str = "accounts/*/groups/*";

/// The maximum number of characters of a group's name, and of a column's; of a description.
const NAME: usize = 50;
const DESCRIPTION: usize = 255;

#[async_trait]
impl GroupService for Lox24 {
    async fn create_group(&self, call: &Call, request: CreateGroupRequest) -> Result<CreateGroupResponse, Error> {
        let CreateGroupRequest { parent, group } = request;
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = group_body(&mut check, group);
        check.done()?;
        let request = Request::new("POST /groups").json(&body)?;
        let stored: wire::group::StoredGroup = self.exchange(call, request).await?.object()?;
        Ok(CreateGroupResponse { group: Some(stored.into_group(&self.name)) })
    }

    async fn get_group(&self, call: &Call, request: GetGroupRequest) -> Result<GetGroupResponse, Error> {
        let GetGroupRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, GROUP, "name");
        check.done()?;
        // Of medium confidence: no page of the vendor's is known that describes it, but PUT and DELETE have this
        // address, and GET /me refers to groups by it.
        let request = Request::new("GET /groups/{id}").id(&id);
        let stored: wire::group::StoredGroup = self.exchange(call, request).await?.object()?;
        Ok(GetGroupResponse { group: Some(stored.into_group(&self.name)) })
    }

    async fn update_group(&self, call: &Call, request: UpdateGroupRequest) -> Result<UpdateGroupResponse, Error> {
        let UpdateGroupRequest { group } = request;
        let group = group.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&group.name, GROUP, "group.name");
        let body = group_body(&mut check, group);
        check.done()?;
        let request = Request::new("PUT /groups/{id}").id(&id).json(&body)?;
        let stored: wire::group::StoredGroup = self.exchange(call, request).await?.object()?;
        Ok(UpdateGroupResponse { group: Some(stored.into_group(&self.name)) })
    }

    async fn delete_group(&self, call: &Call, request: DeleteGroupRequest) -> Result<DeleteGroupResponse, Error> {
        let DeleteGroupRequest { name, delete_contacts } = request;
        let mut check = Check::new();
        let id = check.id(&name, GROUP, "name");
        check.that(delete_contacts, "delete_contacts", "must be true: LOX24 deletes a group's contacts with it");
        check.done()?;
        self.exchange(call, Request::new("DELETE /groups/{id}").id(&id)).await?.acknowledged()?;
        Ok(DeleteGroupResponse {})
    }

    async fn list_groups(&self, call: &Call, request: ListGroupsRequest) -> Result<ListGroupsResponse, Error> {
        let ListGroupsRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListGroups", &parent));
        check.done()?;
        let listed = self
            .list::<wire::group::StoredGroup>(call, Request::new("GET /groups"), &page, TotalUnknown::IsOpen)
            .await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let groups = entries.into_iter().map(|entry| entry.into_group(&self.name)).collect();
        Ok(ListGroupsResponse { groups, next_page_token, total_size })
    }
}

/// Checks a group, the field `group` of a request, and returns LOX24's form of it.
fn group_body(check: &mut Check, group: Group) -> wire::group::GroupBody {
    contact::check_group(check, &group);
    let Group { name: _, display_name, description, contact_count: _, create_time: _, update_time: _, vendor_options } =
        group;
    check.required(&display_name, "group.display_name");
    check.at_most(&display_name, NAME, "group.display_name");
    check.at_most(&description, DESCRIPTION, "group.description");
    let options = match vendor_options {
        Some(VendorOptions::Lox24(options)) => options,
        _ => Lox24Group::default(),
    };
    let Lox24Group { name_a, name_b, name_c, name_d, name_e, delete_time } = options;
    for (column, field) in [
        (&name_a, "group.lox24.name_a"),
        (&name_b, "group.lox24.name_b"),
        (&name_c, "group.lox24.name_c"),
        (&name_d, "group.lox24.name_d"),
        (&name_e, "group.lox24.name_e"),
    ] {
        check.at_most(column.as_deref().unwrap_or_default(), NAME, field);
    }
    let time = delete_time.map(|time| jiff::Timestamp::from_second(time.seconds)).transpose();
    check.that(time.is_ok(), "group.lox24.delete_time", "must lie between the years 1 and 9999");
    let deleted_at = time.unwrap_or_default().map(|time| time.to_string());
    let description = Some(description).filter(|description| !description.is_empty());
    wire::group::GroupBody { name: display_name, description, name_a, name_b, name_c, name_d, name_e, deleted_at }
}
