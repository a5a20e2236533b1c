//! Authorization: callers authenticate by an API key or a client certificate, and each has scopes and accounts.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, LazyLock},
    time::Duration,
};

use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{
        METHODS, Method, SERVICES,
        budget::{Budget, Budgets},
    },
    call,
    config::{
        self, Fingerprint, Problem, Problems,
        api_key::{self, KeyHash},
    },
    gateway::Gateway,
};

/// Dummy hash compared for unknown names, so that timing does not reveal which names exist.
static DUMMY_HASH: LazyLock<KeyHash> = LazyLock::new(KeyHash::of_nothing);

/// The configured callers. If empty, authentication is off and every call is permitted.
#[derive(Debug, Default)]
pub(super) struct Callers {
    by_name: HashMap<String, (KeyHash, Arc<Caller>)>,
    by_certificate: HashMap<String, Arc<Caller>>,
}

/// A configured caller.
#[derive(Debug)]
pub(super) struct Caller {
    /// The name in the configuration.
    pub(super) name: Arc<str>,
    /// Whether the caller may call a method, by the method's index.
    methods: Vec<bool>,
    /// The ids of the accounts that the caller may use; `None` permits all.
    accounts: Option<BTreeSet<String>>,
    expires: Option<Timestamp>,
    calls: Option<Arc<Budget>>,
    fingerprint: Fingerprint,
    /// Cancelled when a reload removes or changes the caller.
    revoked: CancellationToken,
}

impl Callers {
    /// Reads the callers of a configuration whose account ids are `accounts`.
    pub(super) fn new(
        callers: &BTreeMap<String, config::CallerConfig>,
        accounts: &BTreeSet<String>,
        problems: &mut Problems,
    ) -> Self {
        let mut all = Self::default();
        for (name, caller) in callers {
            let config::CallerConfig {
                name: _,
                key,
                certificate,
                scopes,
                accounts: granted,
                expires,
                calls_per_second,
                budget: _,
                fingerprint,
                keys,
            } = caller;
            for id in granted.iter().filter(|id| *id != "*" && !accounts.contains(*id)) {
                keys.problem("accounts", format!("{id:?} is not a configured account"), problems);
            }
            let mut methods = vec![false; METHODS.len()];
            for scope in scopes {
                let covered: Vec<_> = METHODS.iter().filter(|method| covers(scope, method)).collect();
                if covered.is_empty() {
                    keys.problem("scopes", unknown_scope(scope), problems);
                }
                covered.iter().for_each(|method| methods[method.index] = true);
            }
            let everything = granted.iter().any(|id| id == "*");
            let calls = calls_per_second.map(|most| {
                let budget = format!("callers/{name} calls_per_second");
                Arc::new(Budget::new(budget, most, Duration::from_secs(1), false))
            });
            let known = Arc::new(Caller {
                name: name.as_str().into(),
                methods,
                accounts: (!everything).then(|| granted.iter().cloned().collect()),
                expires: *expires,
                calls,
                fingerprint: *fingerprint,
                revoked: CancellationToken::new(),
            });
            if let Some(key) = key {
                all.by_name.insert(name.clone(), (key.clone(), known.clone()));
            }
            if let Some(certificate) = certificate
                && let Some(other) = all.by_certificate.insert(certificate.clone(), known)
            {
                let text = format!("is also that of callers.{}", other.name);
                problems.push(Problem { path: format!("callers.{name}.certificate"), text });
            }
        }
        all
    }

    /// Reuses the callers of `before` that have not changed, with their rate limits.
    pub(super) fn after(mut self, before: &Self) -> Self {
        let old: HashMap<_, _> = before.all().map(|caller| (&*caller.name, caller)).collect();
        let keys = self.by_name.values_mut().map(|(_, caller)| caller);
        for caller in keys.chain(self.by_certificate.values_mut()) {
            if let Some(old) = old.get(&*caller.name).filter(|old| old.fingerprint == caller.fingerprint) {
                *caller = (*old).clone();
            }
        }
        self
    }

    /// Returns how often callers may call.
    pub(super) fn budgets(&self) -> Vec<Arc<Budget>> {
        // A caller may have a key and a certificate.
        let mut budgets: Vec<_> = self.all().filter_map(|caller| caller.calls.clone()).collect();
        budgets.sort_by_key(Arc::as_ptr);
        budgets.dedup_by_key(|budget| Arc::as_ptr(budget));
        budgets
    }

    /// Shares that with other replicas.
    pub(super) fn share(&self, gateway: &Gateway) {
        let budgets = Budgets::default();
        self.budgets().iter().for_each(|budget| budgets.add(budget));
        gateway.share(&budgets);
    }

    /// Ends the streams of callers that are not in `now` any more, and returns the number of these callers.
    pub(super) fn revoke_missing_from(&self, now: &Self) -> usize {
        let kept: BTreeSet<_> = now.all().map(Arc::as_ptr).collect();
        let gone: BTreeMap<_, _> = self.all().map(|caller| (Arc::as_ptr(caller), caller)).collect();
        let gone: Vec<_> = gone.iter().filter(|(caller, _)| !kept.contains(caller)).collect();
        gone.iter().for_each(|(_, caller)| caller.revoked.cancel());
        gone.len()
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Caller>> {
        self.by_name.values().map(|(_, caller)| caller).chain(self.by_certificate.values())
    }

    /// Whether authentication is off.
    pub(super) fn is_open(&self) -> bool {
        self.by_name.is_empty() && self.by_certificate.is_empty()
    }

    /// Whether the caller of this name may use the account of this id now. Nameless: whether authentication is off.
    pub(super) fn may_use(&self, caller: &str, account: &str) -> bool {
        let mut named = self.all().filter(|known| &*known.name == caller && !known.has_expired());
        if caller.is_empty() { self.is_open() } else { named.any(|known| call::Caller::may_use(&**known, account)) }
    }

    /// Returns the caller with this API key.
    pub(super) fn by_key(&self, key: &str) -> Option<&Arc<Caller>> {
        match api_key::name(key).and_then(|name| self.by_name.get(name)) {
            Some((hash, caller)) => hash.is_of(key).then_some(caller),
            None => {
                // An unknown name takes as long as a known one.
                std::hint::black_box(DUMMY_HASH.is_of(key));
                None
            }
        }
    }

    /// Returns the caller whose certificate has one of these names.
    pub(super) fn by_certificate(&self, names: &[String]) -> Option<&Arc<Caller>> {
        names.iter().find_map(|name| self.by_certificate.get(name))
    }
}

impl Caller {
    /// Whether the caller has expired.
    pub(super) fn has_expired(&self) -> bool {
        self.expires.is_some_and(|expires| expires <= Timestamp::now())
    }

    /// Counts a call towards the caller's rate limit.
    ///
    /// # Errors
    /// The rate limit is reached: returns how long to wait.
    pub(super) fn take(&self) -> Result<(), Duration> {
        self.calls.as_ref().map_or(Ok(()), |calls| calls.try_turn(Instant::now()))
    }
}

impl call::Caller for Caller {
    fn may_call(&self, method: usize) -> bool {
        self.methods.get(method).is_some_and(|may| *may)
    }

    fn may_use(&self, account: &str) -> bool {
        self.accounts.as_ref().is_none_or(|accounts| accounts.contains(account))
    }

    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn ends(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let expired = async {
                match self.expires {
                    // A time too far off for the clock never comes.
                    Some(expires) => {
                        let left = Timestamp::now().until(expires).ok().and_then(|span| Duration::try_from(span).ok());
                        sleep(left.unwrap_or_default()).await;
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.revoked.cancelled() => {}
                () = expired => {}
            }
        })
    }
}

/// Whether a scope covers a method: `*`, `MessageService` or `MessageService/SendMessage`, each also with `:read`,
/// `:write` or `:secret` at its end. A method that returns or replaces a credential is covered only by a scope that
/// ends in `:secret` or names that method.
fn covers(scope: &str, method: &Method) -> bool {
    let (what, kind) = scope.split_once(':').map_or((scope, None), |(what, kind)| (what, Some(kind)));
    let path = method.path.rsplit_once('.').map_or(method.path, |(_, path)| path);
    let service = path.split('/').next().unwrap_or(path);
    let right_kind = match kind {
        None => !method.secret || what == path,
        Some("read") => !method.secret && !method.write,
        Some("write") => !method.secret && method.write,
        Some("secret") => method.secret,
        Some(_) => false,
    };
    right_kind && (what == "*" || what == service || what == path)
}

fn unknown_scope(scope: &str) -> String {
    let services: Vec<_> = SERVICES.iter().map(|name| name.rsplit('.').next().unwrap_or(name)).collect();
    format!(
        "invalid scope {scope:?}; expected *, a service or a method such as MessageService/SendMessage, each also with \
         :read, :write or :secret; the services are {}",
        services.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(scope: &str) -> Vec<&'static str> {
        METHODS.iter().filter(|method| covers(scope, method)).map(|method| method.path).collect()
    }

    #[test]
    fn a_scope_covers_everything_or_a_service_or_a_method_and_reads_or_writes_or_secrets_of_it() {
        let secrets = METHODS.iter().filter(|method| method.secret).count();
        assert_eq!(covered("*").len(), METHODS.len() - secrets);
        assert_eq!(covered("*:read").len() + covered("*:write").len(), covered("*").len());
        assert_eq!(covered("MessageService/SendMessage"), ["smsmux.v1.MessageService/SendMessage"]);
        assert!(covered("MessageService:read").contains(&"smsmux.v1.MessageService/AnalyzeMessage"));
        assert!(!covered("MessageService:read").contains(&"smsmux.v1.MessageService/SendMessage"));
        // The vendor returns each message once.
        assert!(!covered("InboxService:read").contains(&"smsmux.v1.InboxService/PullReceivedMessages"));
        for nothing in
            ["", "messageservice", "MessageService:execute", "MessageService/Send", "*/SendMessage", "Message", "*:*"]
        {
            assert_eq!(covered(nothing), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn a_method_that_hands_out_or_replaces_a_credential_is_covered_only_expressly() {
        let secret = [
            "smsmux.v1.AccountService/GetDashboardUrl",
            "smsmux.v1.AuthService/CreateSession",
            "smsmux.v1.AuthService/CreateAccessToken",
            "smsmux.v1.AuthService/ResetPassword",
            "smsmux.v1.EventService/SetEventWebhook",
            "smsmux.v1.EventService/RotateEventWebhookSecret",
            "smsmux.v1.SubaccountService/ChangeSubaccountPassword",
        ];
        assert_eq!(covered("*:secret"), secret);
        for scope in ["*", "*:read", "*:write", "AccountService", "AccountService:read", "AuthService:write"] {
            assert!(!covered(scope).iter().any(|method| secret.contains(method)), "{scope}");
        }
        for scope in
            ["AccountService:secret", "AccountService/GetDashboardUrl", "AccountService/GetDashboardUrl:secret"]
        {
            assert_eq!(covered(scope), secret[..1], "{scope}");
        }
        for nothing in ["AccountService/GetDashboardUrl:read", "MessageService:secret"] {
            assert_eq!(covered(nothing), [""; 0], "{nothing}");
        }
    }
}
