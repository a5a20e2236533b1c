//! SubaccountService at smSend. What its document says of a 404 here is that the credential is unknown: an unknown
//! subaccount or purchase is a 400.

use tonic::{Request, Response, Status};

use super::{
    Listed, NotFound, SmSend,
    subaccount_body::{password, purchase_body, subaccount_body},
    wire,
};
use crate::{
    check::Check,
    http::Call,
    names,
    page::Page,
    pb::{
        ChangeSubaccountPasswordRequest, ChangeSubaccountPasswordResponse, CreatePurchasesRequest,
        CreatePurchasesResponse, CreateSubaccountRequest, CreateSubaccountResponse, Credit, CreditTransfer,
        DeletePurchaseRequest, DeletePurchaseResponse, GetSubaccountCreditsRequest, GetSubaccountCreditsResponse,
        GetSubaccountRequest, GetSubaccountResponse, ListPurchasesRequest, ListPurchasesResponse,
        ListSubaccountsRequest, ListSubaccountsResponse, Subaccount, TransferCreditsRequest, TransferCreditsResponse,
        UpdateSubaccountRequest, UpdateSubaccountResponse, subaccount_service_server::SubaccountService,
    },
};

const SUBACCOUNT: &str = "accounts/*/subaccounts/*";
const PURCHASE: &str = "accounts/*/subaccounts/*/purchases/*";

#[tonic::async_trait]
impl SubaccountService for SmSend {
    async fn list_subaccounts(
        &self,
        request: Request<ListSubaccountsRequest>,
    ) -> Result<Response<ListSubaccountsResponse>, Status> {
        let (_, extensions, ListSubaccountsRequest { parent, page_size, page_token }) = request.into_parts();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListSubaccounts", &parent));
        check.done()?;
        let call = Call::new("GET /subaccounts");
        let listed = self.list::<wire::subaccount::Subaccount>(&extensions, call, &page).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let subaccount = |entry: wire::subaccount::Subaccount| {
            let name = entry.resource_name(&self.name);
            entry.into_subaccount(name)
        };
        let subaccounts = entries.into_iter().map(subaccount).collect();
        Ok(Response::new(ListSubaccountsResponse { subaccounts, next_page_token, total_size }))
    }

    async fn create_subaccount(
        &self,
        request: Request<CreateSubaccountRequest>,
    ) -> Result<Response<CreateSubaccountResponse>, Status> {
        let (_, extensions, CreateSubaccountRequest { parent, subaccount }) = request.into_parts();
        let subaccount = subaccount.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let body = subaccount_body(&mut check, &subaccount);
        check.done()?;
        let secret = body.password.unwrap_or_default();
        let call = Call::new("POST /subaccount").json(&body)?.secret_in_body(secret);
        let reply = self.ask(&extensions, call, NotFound::Credential).await?;
        let name = names::child(&self.name, "subaccounts", &reply.location_id()?);
        let subaccount = Some(Subaccount { name, password: None, ..subaccount });
        Ok(Response::new(CreateSubaccountResponse { subaccount }))
    }

    async fn update_subaccount(
        &self,
        request: Request<UpdateSubaccountRequest>,
    ) -> Result<Response<UpdateSubaccountResponse>, Status> {
        let (_, extensions, UpdateSubaccountRequest { subaccount, lock }) = request.into_parts();
        let subaccount = subaccount.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&subaccount.name, SUBACCOUNT, "subaccount.name");
        let body = subaccount_body(&mut check, &subaccount);
        check.done()?;
        let secret = body.password.unwrap_or_default();
        let mut call = Call::new("PUT /subaccount/{subaccount_id}").id(&id).json(&body)?.secret_in_body(secret);
        if let Some(lock) = lock {
            call = call.query("lock-subaccount", lock.to_string());
        }
        self.ask(&extensions, call, NotFound::Credential).await?;
        let subaccount = Some(Subaccount { password: None, ..subaccount });
        Ok(Response::new(UpdateSubaccountResponse { subaccount }))
    }

    async fn change_subaccount_password(
        &self,
        request: Request<ChangeSubaccountPasswordRequest>,
    ) -> Result<Response<ChangeSubaccountPasswordResponse>, Status> {
        let (_, extensions, ChangeSubaccountPasswordRequest { name, new_password }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, SUBACCOUNT, "name");
        password(&mut check, &new_password, "new_password");
        check.done()?;
        let call = Call::new("POST /subaccount/{subaccount_id}/changepwd")
            .id(&id)
            .json(&wire::subaccount::NewPassword { passwd: &new_password })?
            .secret_in_body(&new_password);
        self.ask(&extensions, call, NotFound::Credential).await?;
        Ok(Response::new(ChangeSubaccountPasswordResponse {}))
    }

    async fn get_subaccount(
        &self,
        request: Request<GetSubaccountRequest>,
    ) -> Result<Response<GetSubaccountResponse>, Status> {
        let (_, extensions, GetSubaccountRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, SUBACCOUNT, "name");
        check.done()?;
        let call = Call::new("GET /subaccount/{subaccount_id}").id(&id);
        let reply = self.ask(&extensions, call, NotFound::Credential).await?;
        let subaccount = reply.object::<wire::subaccount::Subaccount>()?.into_subaccount(name);
        Ok(Response::new(GetSubaccountResponse { subaccount: Some(subaccount) }))
    }

    async fn transfer_credits(
        &self,
        request: Request<TransferCreditsRequest>,
    ) -> Result<Response<TransferCreditsResponse>, Status> {
        let (_, extensions, TransferCreditsRequest { name, transfers }) = request.into_parts();
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
        let call = Call::new("POST /subaccount/{subaccount_id}/credit").id(&id).json(&body)?;
        self.ask(&extensions, call, NotFound::Credential).await?;
        Ok(Response::new(TransferCreditsResponse {}))
    }

    async fn get_subaccount_credits(
        &self,
        request: Request<GetSubaccountCreditsRequest>,
    ) -> Result<Response<GetSubaccountCreditsResponse>, Status> {
        let (_, extensions, GetSubaccountCreditsRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, SUBACCOUNT, "name");
        check.done()?;
        let call = Call::new("GET /subaccount/{subaccount_id}/credit").id(&id);
        let reply = self.ask(&extensions, call, NotFound::Credential).await?;
        let wire::purchase::Credits { credits } = reply.object()?;
        let credits = reply.entries(credits)?.into_iter().flatten().map(Credit::from).collect();
        Ok(Response::new(GetSubaccountCreditsResponse { credits }))
    }

    async fn list_purchases(
        &self,
        request: Request<ListPurchasesRequest>,
    ) -> Result<Response<ListPurchasesResponse>, Status> {
        let (_, extensions, ListPurchasesRequest { parent, page_size, page_token }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&parent, SUBACCOUNT, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListPurchases", &parent));
        check.done()?;
        let call = Call::new("GET /subaccount/{subaccount_id}/purchase").id(&id);
        let listed = self.list::<wire::purchase::Purchase>(&extensions, call, &page).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let purchases = entries.into_iter().map(|entry| entry.into_purchase(&parent, &self.time_zone)).collect();
        Ok(Response::new(ListPurchasesResponse { purchases, next_page_token, total_size }))
    }

    async fn create_purchases(
        &self,
        request: Request<CreatePurchasesRequest>,
    ) -> Result<Response<CreatePurchasesResponse>, Status> {
        let (_, extensions, CreatePurchasesRequest { parent, purchases }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&parent, SUBACCOUNT, "parent");
        check.that(!purchases.is_empty(), "purchases", "at least one is required");
        let purchases =
            purchases.iter().enumerate().map(|(i, p)| purchase_body(&mut check, p, &format!("purchases[{i}]")));
        let body = wire::purchase::NewPurchases { purchases: purchases.collect() };
        check.done()?;
        let call = Call::new("POST /subaccount/{subaccount}/purchase").id(&id).json(&body)?;
        self.ask(&extensions, call, NotFound::Credential).await?;
        Ok(Response::new(CreatePurchasesResponse {}))
    }

    async fn delete_purchase(
        &self,
        request: Request<DeletePurchaseRequest>,
    ) -> Result<Response<DeletePurchaseResponse>, Status> {
        let (_, extensions, DeletePurchaseRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let [_, subaccount, purchase] = check.take(names::ids::<3>(&name, PURCHASE, "name"));
        check.done()?;
        let call = Call::new("DELETE /subaccount/{subaccount_id}/purchase/{purchase_id}").id(&subaccount).id(&purchase);
        self.ask(&extensions, call, NotFound::Credential).await?;
        Ok(Response::new(DeletePurchaseResponse {}))
    }
}
