//! AuthService at smSend.

use tonic::{Request, Response, Status};

use secrecy::{ExposeSecret, SecretString};

use super::{
    NotFound, SmSend,
    login::{Kind, Login},
};
use crate::{
    check::Check,
    credential::CallerCredential,
    error::{Error, Reason},
    http::Call,
    pb::{
        CreateAccessTokenRequest, CreateAccessTokenResponse, CreateSessionRequest, CreateSessionResponse,
        ResetPasswordRequest, ResetPasswordResponse, VerifySessionRequest, VerifySessionResponse,
        auth_service_server::AuthService,
    },
};

#[tonic::async_trait]
impl AuthService for SmSend {
    async fn create_session(
        &self,
        request: Request<CreateSessionRequest>,
    ) -> Result<Response<CreateSessionResponse>, Status> {
        let CreateSessionRequest { parent, username, password } = request.into_inner();
        let login = self.log_in(Kind::Session, &parent, &username, password).await?;
        Ok(Response::new(CreateSessionResponse {
            credential: login.credential(),
            user_key: login.user_key.expose_secret().to_owned(),
            session_key: login.key.expose_secret().to_owned(),
        }))
    }

    async fn create_access_token(
        &self,
        request: Request<CreateAccessTokenRequest>,
    ) -> Result<Response<CreateAccessTokenResponse>, Status> {
        let CreateAccessTokenRequest { parent, username, password } = request.into_inner();
        let login = self.log_in(Kind::Token, &parent, &username, password).await?;
        Ok(Response::new(CreateAccessTokenResponse {
            credential: login.credential(),
            user_key: login.user_key.expose_secret().to_owned(),
            access_token: login.key.expose_secret().to_owned(),
        }))
    }

    async fn verify_session(
        &self,
        request: Request<VerifySessionRequest>,
    ) -> Result<Response<VerifySessionResponse>, Status> {
        let (_, extensions, VerifySessionRequest { name }) = request.into_parts();
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let call = Call::new("GET /checksession");
        let callers = extensions.get::<CallerCredential>();
        let login = match callers {
            Some(credential) => Login::parse(credential.expose())?,
            None => Login::clone(&*self.authentication.login().await?),
        };
        // Not `self.call`: a login that is over is the answer here, and no reason to renew it.
        let reply = self.http.send(&login.sign(call)).await?;
        if reply.status() == http::StatusCode::UNAUTHORIZED {
            return Ok(Response::new(VerifySessionResponse { valid: false }));
        }
        let reply = self.judge(reply, NotFound::Credential, callers.is_some())?;
        Ok(Response::new(VerifySessionResponse { valid: super::wire::yes(&reply)? }))
    }

    async fn reset_password(
        &self,
        request: Request<ResetPasswordRequest>,
    ) -> Result<Response<ResetPasswordResponse>, Status> {
        let (_, extensions, ResetPasswordRequest { name, new_password }) = request.into_parts();
        let mut check = Check::new();
        check.account(&name, "name");
        check.required(&new_password, "new_password");
        check.done()?;
        let call = Call::new("POST /pwdreset").secret_query("password", &new_password.into());
        let reply = self.call(&extensions, call, NotFound::Credential).await?;
        if !super::wire::yes(&reply)? {
            return Err(reply.refused(Reason::StateConflict, "smSend declines to change the password", "false").into());
        }
        if extensions.get::<CallerCredential>().is_none() {
            tracing::warn!(
                account = self.name,
                "the account's password was changed at smSend: change the configuration too"
            );
        }
        Ok(Response::new(ResetPasswordResponse {}))
    }
}

impl SmSend {
    /// Logs in for a caller with a username and a password of its own.
    async fn log_in(&self, kind: Kind, parent: &str, username: &str, password: String) -> Result<Login, Error> {
        let mut check = Check::new();
        check.account(parent, "parent");
        check.required(username, "username");
        check.required(&password, "password");
        check.done()?;
        let refused = "smSend does not accept this username and password";
        let login = Login::make(&self.http, kind, username, &SecretString::from(password)).await;
        login.map_err(|refusal| refusal.blame(Reason::CallerCredentialRefused, refused))
    }
}
