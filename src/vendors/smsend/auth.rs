//! AuthService at smSend.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::{
    NotFound, SmSend,
    login::{Kind, Login},
};
use crate::{
    api::{
        AuthService,
        pb::{
            CreateAccessTokenRequest, CreateAccessTokenResponse, CreateSessionRequest, CreateSessionResponse,
            ResetPasswordRequest, ResetPasswordResponse, VerifySessionRequest, VerifySessionResponse,
        },
    },
    call::Call,
    error::{Error, Reason},
    request::check::Check,
    vendors::kit::Request,
};

#[async_trait]
impl AuthService for SmSend {
    async fn create_session(&self, call: &Call, request: CreateSessionRequest) -> Result<CreateSessionResponse, Error> {
        let CreateSessionRequest { parent, username, password } = request;
        let login = self.log_in(call, Kind::Session, &parent, &username, password).await?;
        Ok(CreateSessionResponse {
            credential: login.credential(),
            user_key: login.user_key.expose_secret().to_owned(),
            session_key: login.key.expose_secret().to_owned(),
        })
    }

    async fn create_access_token(
        &self,
        call: &Call,
        request: CreateAccessTokenRequest,
    ) -> Result<CreateAccessTokenResponse, Error> {
        let CreateAccessTokenRequest { parent, username, password } = request;
        let login = self.log_in(call, Kind::Token, &parent, &username, password).await?;
        Ok(CreateAccessTokenResponse {
            credential: login.credential(),
            user_key: login.user_key.expose_secret().to_owned(),
            access_token: login.key.expose_secret().to_owned(),
        })
    }

    async fn verify_session(&self, call: &Call, request: VerifySessionRequest) -> Result<VerifySessionResponse, Error> {
        let VerifySessionRequest { name } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let request = Request::new("GET /checksession");
        let callers = call.credential();
        let login = match callers {
            Some(credential) => Login::parse(credential.expose_secret())?,
            None => Login::clone(&*self.authentication.login(call).await?),
        };
        // Not `self.call`: here an expired login is the answer, and must not be renewed.
        let reply = self.http.send(call, &login.sign(request)).await?;
        if reply.status() == http::StatusCode::UNAUTHORIZED {
            return Ok(VerifySessionResponse { valid: false });
        }
        let reply = self.judge(reply, NotFound::Credential, callers.is_some())?;
        Ok(VerifySessionResponse { valid: super::wire::boolean(&reply)? })
    }

    async fn reset_password(&self, call: &Call, request: ResetPasswordRequest) -> Result<ResetPasswordResponse, Error> {
        let ResetPasswordRequest { name, new_password } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.required(&new_password, "new_password");
        check.done()?;
        let request = Request::new("POST /pwdreset").secret_query("password", &new_password.into());
        let reply = self.exchange(call, request, NotFound::Credential).await?;
        if !super::wire::boolean(&reply)? {
            return Err(reply.refused(Reason::StateConflict, "smSend rejected the change of the password", "false"));
        }
        if call.credential().is_none() {
            tracing::warn!(
                account = self.name,
                "the account's password was changed at smSend: change the configuration too"
            );
        }
        Ok(ResetPasswordResponse {})
    }
}

impl SmSend {
    /// Logs in for a caller with a username and a password of its own.
    async fn log_in(
        &self,
        call: &Call,
        kind: Kind,
        parent: &str,
        username: &str,
        password: String,
    ) -> Result<Login, Error> {
        let mut check = Check::new();
        check.account(parent, "parent");
        check.required(username, "username");
        check.required(&password, "password");
        check.done()?;
        let refused = "smSend does not accept this username and password";
        let login = Login::make(call, &self.http, kind, username, &SecretString::from(password)).await;
        login.map_err(|refusal| refusal.into_error(Reason::CallerCredentialRefused, refused))
    }
}
