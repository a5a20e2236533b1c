//! SubaccountService at smSend. According to the document a 404 here means an unknown credential: an unknown subaccount
//! or purchase is a 400.

use async_trait::async_trait;

use super::{
    Listed, NotFound, SmSend,
    subaccount_body::{password, purchase_body, subaccount_body},
    wire,
};
use crate::{
    api::{
        SubaccountService,
        pb::{
            ChangeSubaccountPasswordRequest, ChangeSubaccountPasswordResponse, CreatePurchasesRequest,
            CreatePurchasesResponse, CreateSubaccountRequest, CreateSubaccountResponse, CreditTransfer,
            DeletePurchaseRequest, DeletePurchaseResponse, GetSubaccountCreditsRequest, GetSubaccountCreditsResponse,
            GetSubaccountRequest, GetSubaccountResponse, ListPurchasesRequest, ListPurchasesResponse,
            ListSubaccountsRequest, ListSubaccountsResponse, Subaccount, TransferCreditsRequest,
            TransferCreditsResponse, UpdateSubaccountRequest, UpdateSubaccountResponse,
        },
    },
    call::Call,
    error::Error,
    request::{check::Check, names, page::Page},
    vendors::kit::Request,
};

const SUBACCOUNT: &str = "accounts/*/subaccounts/*";
const PURCHASE: &str = "accounts/*/subaccounts/*/purchases/*";

#[async_trait]
impl SubaccountService for SmSend {
    async fn list_subaccounts(
        &self,
        call: &Call,
        request: ListSubaccountsRequest,
    ) -> Result<ListSubaccountsResponse, Error> {
        let ListSubaccountsRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListSubaccounts", &parent));
        check.done()?;
        let request = Request::new("GET /subaccounts");
        let listed = self.list::<wire::subaccount::Subaccount>(call, request, &page).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let subaccount = |entry: wire::subaccount::Subaccount| {
            let name = entry.resource_name(&self.name);
            entry.into_subaccount(name, self.types)
        };
        let subaccounts = entries.into_iter().map(subaccount).collect();
        Ok(ListSubaccountsResponse { subaccounts, next_page_token, total_size })
    }

    async fn create_subaccount(
        &self,
        call: &Call,
        request: CreateSubaccountRequest,
    ) -> Result<CreateSubaccountResponse, Error> {
        let CreateSubaccountRequest { parent, subaccount } = request;
        let subaccount = subaccount.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = subaccount_body(&mut check, &subaccount);
        check.done()?;
        let secret = body.password.unwrap_or_default();
        let request = Request::new("POST /subaccount").json(&body)?.secret_in_body(secret);
        let reply = self.ask(call, request, NotFound::Credential).await?;
        let name = names::child(&self.name, "subaccounts", &reply.location_id()?);
        let subaccount = Some(Subaccount { name, password: None, ..subaccount });
        Ok(CreateSubaccountResponse { subaccount })
    }

    async fn update_subaccount(
        &self,
        call: &Call,
        request: UpdateSubaccountRequest,
    ) -> Result<UpdateSubaccountResponse, Error> {
        let UpdateSubaccountRequest { subaccount, lock } = request;
        let subaccount = subaccount.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&subaccount.name, SUBACCOUNT, "subaccount.name");
        let body = subaccount_body(&mut check, &subaccount);
        check.done()?;
        let secret = body.password.unwrap_or_default();
        let mut request = Request::new("PUT /subaccount/{subaccount_id}").id(&id).json(&body)?.secret_in_body(secret);
        if let Some(lock) = lock {
            request = request.query("lock-subaccount", lock.to_string());
        }
        self.ask(call, request, NotFound::Credential).await?;
        let subaccount = Some(Subaccount { password: None, ..subaccount });
        Ok(UpdateSubaccountResponse { subaccount })
    }

    async fn change_subaccount_password(
        &self,
        call: &Call,
        request: ChangeSubaccountPasswordRequest,
    ) -> Result<ChangeSubaccountPasswordResponse, Error> {
        let ChangeSubaccountPasswordRequest { name, new_password } = request;
        let mut check = Check::new();
        let id = check.id(&name, SUBACCOUNT, "name");
        password(&mut check, &new_password, "new_password");
        check.done()?;
        let request = Request::new("POST /subaccount/{subaccount_id}/changepwd")
            .id(&id)
            .json(&wire::subaccount::NewPassword { passwd: &new_password })?
            .secret_in_body(&new_password);
        self.ask(call, request, NotFound::Credential).await?;
        Ok(ChangeSubaccountPasswordResponse {})
    }

    async fn get_subaccount(&self, call: &Call, request: GetSubaccountRequest) -> Result<GetSubaccountResponse, Error> {
        let GetSubaccountRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, SUBACCOUNT, "name");
        check.done()?;
        let request = Request::new("GET /subaccount/{subaccount_id}").id(&id);
        let reply = self.ask(call, request, NotFound::Credential).await?;
        let subaccount = reply.object::<wire::subaccount::Subaccount>()?.into_subaccount(name, self.types);
        Ok(GetSubaccountResponse { subaccount: Some(subaccount) })
    }

    async fn transfer_credits(
        &self,
        call: &Call,
        request: TransferCreditsRequest,
    ) -> Result<TransferCreditsResponse, Error> {
        let TransferCreditsRequest { name, transfers } = request;
        let mut check = Check::new();
        let id = check.id(&name, SUBACCOUNT, "name");
        check.that(!transfers.is_empty(), "transfers", "at least one is required");
        let transfers =
            transfers.iter().enumerate().map(|(i, CreditTransfer { message_type, amount, to_superaccount })| {
                check.required(message_type, &format!("transfers[{i}].message_type"));
                check.that(*amount >= 1, format!("transfers[{i}].amount"), "must be at least 1");
                wire::purchase::Transfer { message_type, amount: *amount, super_to_sub: !to_superaccount }
            });
        let body = wire::purchase::Transfers { credits: transfers.collect() };
        check.done()?;
        let request = Request::new("POST /subaccount/{subaccount_id}/credit").id(&id).json(&body)?;
        self.ask(call, request, NotFound::Credential).await?;
        Ok(TransferCreditsResponse {})
    }

    async fn get_subaccount_credits(
        &self,
        call: &Call,
        request: GetSubaccountCreditsRequest,
    ) -> Result<GetSubaccountCreditsResponse, Error> {
        let GetSubaccountCreditsRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, SUBACCOUNT, "name");
        check.done()?;
        let request = Request::new("GET /subaccount/{subaccount_id}/credit").id(&id);
        let reply = self.ask(call, request, NotFound::Credential).await?;
        let wire::purchase::Credits { credits } = reply.object()?;
        let credits =
            reply.entries(credits)?.into_iter().flatten().map(|entry| entry.into_credit(self.types)).collect();
        Ok(GetSubaccountCreditsResponse { credits })
    }

    async fn list_purchases(&self, call: &Call, request: ListPurchasesRequest) -> Result<ListPurchasesResponse, Error> {
        let ListPurchasesRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        let id = check.id(&parent, SUBACCOUNT, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListPurchases", &parent));
        check.done()?;
        let request = Request::new("GET /subaccount/{subaccount_id}/purchase").id(&id);
        let listed = self.list::<wire::purchase::Purchase>(call, request, &page).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let purchases = entries.into_iter().map(|entry| entry.into_purchase(&parent, &self.time_zone)).collect();
        Ok(ListPurchasesResponse { purchases, next_page_token, total_size })
    }

    async fn create_purchases(
        &self,
        call: &Call,
        request: CreatePurchasesRequest,
    ) -> Result<CreatePurchasesResponse, Error> {
        let CreatePurchasesRequest { parent, purchases } = request;
        let mut check = Check::new();
        let id = check.id(&parent, SUBACCOUNT, "parent");
        check.that(!purchases.is_empty(), "purchases", "at least one is required");
        let purchases =
            purchases.iter().enumerate().map(|(i, p)| purchase_body(&mut check, p, &format!("purchases[{i}]")));
        let body = wire::purchase::NewPurchases { purchases: purchases.collect() };
        check.done()?;
        let request = Request::new("POST /subaccount/{subaccount}/purchase").id(&id).json(&body)?;
        self.ask(call, request, NotFound::Credential).await?;
        Ok(CreatePurchasesResponse {})
    }

    async fn delete_purchase(
        &self,
        call: &Call,
        request: DeletePurchaseRequest,
    ) -> Result<DeletePurchaseResponse, Error> {
        let DeletePurchaseRequest { name } = request;
        let mut check = Check::new();
        let [_, subaccount, purchase] = check.take(names::ids::<3>(&name, PURCHASE, "name"));
        check.done()?;
        let request =
            Request::new("DELETE /subaccount/{subaccount_id}/purchase/{purchase_id}").id(&subaccount).id(&purchase);
        self.ask(call, request, NotFound::Credential).await?;
        Ok(DeletePurchaseResponse {})
    }
}
