//! AliasService at smSend, which calls a registered sender a TPOA alias.

use async_trait::async_trait;

use super::{Listed, NotFound, SmSend, wire};
use crate::{
    api::{
        AliasService,
        pb::{
            Alias, CreateAliasRequest, CreateAliasResponse, DeleteAliasRequest, DeleteAliasResponse, GetAliasRequest,
            GetAliasResponse, ListAliasesRequest, ListAliasesResponse,
        },
    },
    call::Call,
    error::Error,
    request::{
        check::{Check, SET_BY_VENDOR},
        names,
        page::Page,
    },
    vendors::kit::Request,
};

const ALIAS: &str = "accounts/*/aliases/*";

#[async_trait]
impl AliasService for SmSend {
    async fn create_alias(&self, call: &Call, request: CreateAliasRequest) -> Result<CreateAliasResponse, Error> {
        let CreateAliasRequest { parent, alias, return_alias } = request;
        let mut alias = alias.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = new_alias(&mut check, &alias);
        check.done()?;
        let mut request = Request::new("POST /alias").json(&body)?;
        if return_alias {
            request = request.query("getAlias", "true");
        }
        let reply = wire::accepted_by_result(self.exchange(call, request, NotFound::Credential).await?)?;
        alias.name = names::child(&self.name, "aliases", &reply.location_id()?);
        // The sender is registered already: an answer that does not repeat it is still a success.
        let repeated = reply.object::<wire::alias::Repeated>().ok().and_then(|answer| answer.string.0);
        if let Some(sender) = repeated {
            alias.sender = sender;
        }
        Ok(CreateAliasResponse { alias: Some(alias) })
    }

    async fn list_aliases(&self, call: &Call, request: ListAliasesRequest) -> Result<ListAliasesResponse, Error> {
        let ListAliasesRequest { parent, page_size, page_token, hide_unapproved } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListAliases", &parent, hide_unapproved));
        check.done()?;
        let request = Request::new("GET /alias").query("hide-not-approved", hide_unapproved.to_string());
        let listed = self.list::<wire::alias::Alias>(call, request, &page).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let aliases = entries.into_iter().map(|entry| entry.into_alias(&self.name, &self.time_zone)).collect();
        Ok(ListAliasesResponse { aliases, next_page_token, total_size })
    }

    async fn get_alias(&self, call: &Call, request: GetAliasRequest) -> Result<GetAliasResponse, Error> {
        let GetAliasRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, ALIAS, "name");
        check.done()?;
        let request = Request::new("GET /alias/{alias_id}").id(&id);
        let reply = self.ask(call, request, NotFound::Resource).await?;
        let alias = reply.object::<wire::alias::Found>()?.alias.0.ok_or_else(|| reply.unreadable("it has no alias"))?;
        let alias = alias.into_alias(&self.name, &self.time_zone);
        Ok(GetAliasResponse { alias: Some(Alias { name, ..alias }) })
    }

    async fn delete_alias(&self, call: &Call, request: DeleteAliasRequest) -> Result<DeleteAliasResponse, Error> {
        let DeleteAliasRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, ALIAS, "name");
        check.done()?;
        let request = Request::new("DELETE /alias/{alias_id}").id(&id);
        wire::accepted_by_result(self.exchange(call, request, NotFound::Resource).await?)?;
        Ok(DeleteAliasResponse {})
    }
}

/// Checks a sender to be registered, the field `alias` of a request, and returns smSend's form of it.
fn new_alias<'a>(check: &mut Check, alias: &'a Alias) -> wire::alias::NewAlias<'a> {
    let Alias {
        name,
        sender,
        state,
        vendor_state,
        numeric,
        notification_time,
        company_name,
        contact_given_name,
        contact_family_name,
        tax_code,
        vat_number,
        address,
        city,
        postal_code,
        contact_type,
        contact_info,
    } = alias;
    check.required(sender, "alias.sender");
    check.sender(sender, "alias.sender");
    for (absent, field) in [
        (name.is_empty(), "alias.name"),
        (*state == 0, "alias.state"),
        (vendor_state.is_none(), "alias.vendor_state"),
        (numeric.is_none(), "alias.numeric"),
        (notification_time.is_none(), "alias.notification_time"),
    ] {
        check.that(absent, field, SET_BY_VENDOR);
    }
    let alias = wire::alias::AliasBody {
        alias: sender,
        company_name: company_name.as_deref(),
        contact_name: contact_given_name.as_deref(),
        contact_surname: contact_family_name.as_deref(),
        cod_fiscale: tax_code.as_deref(),
        vat_number: vat_number.as_deref(),
        contact_address: address.as_deref(),
        contact_city: city.as_deref(),
        contact_pcode: postal_code.as_deref(),
        contact_type: contact_type.as_deref(),
        contact_info: contact_info.as_deref(),
    };
    wire::alias::NewAlias { alias }
}
