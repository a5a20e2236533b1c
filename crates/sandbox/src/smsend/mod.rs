//! The stand-in for smSend, built from the vendor's document: all 44 operations, and the
//! stop list, which is not in it.
//!
//! | file | operations below the base path |
//! |---|---|
//! | `account` | login, token, checksession, pwdreset, dashboard, status |
//! | `contacts`, `groups` | contact, group, groups |
//! | `aliases` | alias |
//! | `messages` | sms, paramsms, smstogroups |
//! | `orders` | sms/{order_id}, smshistory |
//! | `pushes` | none: the older pushes |
//! | `received` | newsrsmsmessage, srsmshistory |
//! | `lists`, `issues` | list, and its contacts, groups and issues |
//! | `subaccounts`, `purchases` | subaccount, subaccounts, and their credits and purchases |
//! | `stop_list` | blacklist/sms |
//!
//! The shared parts are in `wire`, and `credits` counts what can be sent. Each file lists its guesses.

mod account;
mod aliases;
mod contacts;
mod credits;
mod groups;
mod issues;
mod lists;
mod messages;
mod orders;
mod purchases;
mod pushes;
mod received;
mod stop_list;
mod subaccounts;
#[cfg(test)]
mod testing;
mod text;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::middleware;
use axum::routing::{delete, get, post, put};
use http::StatusCode;
use serde::Deserialize;

use super::control::Command;
use super::push::{self, Pusher};
use super::{Service, StandIn};
use wire::Refusal;

/// smSend's entry in the registry.
pub(super) const STAND_IN: StandIn = StandIn {
    name: "smsend",
    base_path: "/API/v1.0/REST",
    credentials: &[("username", account::USERNAME), ("password", account::PASSWORD)],
    open,
};

const CONTROL_HELP: &str = "\
                                  also of /_sandbox/received: \"keyword\"
GET    /_sandbox/outbox           the texts of the newest 1,000 orders, as each recipient gets them
PUT    /_sandbox/sessions         let each login end the sessions before it, or not: {\"one_at_a_time\": true}
PUT    /_sandbox/credits          set what is left of a message type: {\"type\": \"GP\", \"quantity\": 3}
";

/// The vendor.
struct Smsend {
    store: Mutex<Store>,
    pusher: Pusher,
}

/// The vendor's state.
struct Store {
    account: account::Account,
    contacts: contacts::Contacts,
    groups: groups::Groups,
    aliases: aliases::Aliases,
    orders: orders::Orders,
    inbox: received::Inbox,
    lists: lists::Lists,
    subaccounts: subaccounts::Subaccounts,
    stop_list: stop_list::StopList,
}

impl Smsend {
    fn state(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    fn new() -> Self {
        let mut store = Self {
            account: account::Account::new(),
            contacts: contacts::Contacts::default(),
            groups: groups::Groups::default(),
            aliases: aliases::Aliases::new(),
            orders: orders::Orders::default(),
            inbox: received::Inbox::default(),
            lists: lists::Lists::default(),
            subaccounts: subaccounts::Subaccounts::default(),
            stop_list: stop_list::StopList::default(),
        };
        for group in 1..=2 {
            store.add_sample_group(group);
        }
        store
    }

    /// Adds a group of the document's samples, with two contacts.
    fn add_sample_group(&mut self, number: u8) {
        let name = format!("Group{number}");
        let group = groups::GroupBody { name, description: "A sample".to_owned() };
        let Ok(group) = self.groups.add(group) else { return };
        for contact in 1..=2 {
            let email = format!("contact{contact}.group{number}@example.com");
            let phone = format!("+39347{number}00000{contact}");
            let contact = contacts::NewContact::in_group(group.clone(), email, phone);
            // The sample contact is valid, so adding the contact cannot fail.
            let _ = self.contacts.add(&mut self.groups, contact);
        }
    }
}

fn open(pusher: Pusher) -> Service {
    let smsend = Arc::new(Smsend { store: Mutex::new(Store::new()), pusher });
    Service {
        api: api(Arc::clone(&smsend)),
        control: Router::new()
            .route("/received", post(received::receive))
            .route("/outbox", get(orders::outbox))
            .route("/sessions", put(set_sessions))
            .route("/credits", put(set_credits))
            .merge(push::control::ends())
            .with_state(Arc::clone(&smsend)),
        control_help: CONTROL_HELP,
        expire_sessions: Box::new(move || smsend.state().account.expire_sessions()),
    }
}

fn api(smsend: Arc<Smsend>) -> Router {
    let behind_login = Router::new()
        .route("/dashboard", get(account::dashboard))
        .route("/pwdreset", post(account::reset_password))
        .route("/status", get(account::status))
        .route("/contact", post(contacts::create))
        .route("/contact/{id}", get(contacts::get))
        .route("/group", post(groups::create))
        .route("/group/{id}", put(groups::update).delete(groups::delete))
        .route("/groups", get(groups::list))
        .route("/group/{id}/contact/{contact}", post(groups::add_member).delete(groups::remove_member))
        .route("/alias", post(aliases::create).get(aliases::list))
        .route("/alias/{id}", get(aliases::get).delete(aliases::delete))
        .route("/sms", post(messages::send))
        .route("/paramsms", post(messages::send_parametric))
        .route("/smstogroups", post(messages::send_to_groups))
        .route("/sms/{order}", get(orders::get_order).delete(orders::cancel_order))
        .route("/smshistory", get(orders::history))
        .route("/newsrsmsmessage", get(received::new_messages))
        .route("/newsrsmsmessage/{sims}", get(received::new_messages))
        .route("/srsmshistory", get(received::history))
        .route("/srsmshistory/{sims}", get(received::history))
        .route("/srsmshistory/{sim}/{message}", get(received::after))
        .route("/blacklist/sms", post(stop_list::add).get(stop_list::list))
        .route("/list", post(lists::create))
        .route("/list/{id}", put(lists::update))
        .route("/list/{id}/contact", post(lists::subscribe_contact))
        .route("/list/{id}/group/{group}", post(lists::subscribe_group))
        .route("/list/{id}/issue", post(issues::create))
        .route("/list/{id}/issue/template/{template}", post(issues::create_from_template))
        .route("/list/{id}/issue/{issue}", post(issues::send))
        .route("/subaccounts", get(subaccounts::list))
        .route("/subaccount", post(subaccounts::create))
        .route("/subaccount/{id}", get(subaccounts::get).put(subaccounts::update))
        .route("/subaccount/{id}/changepwd", post(subaccounts::change_password))
        .route("/subaccount/{id}/credit", get(purchases::credits).post(purchases::move_credits))
        .route("/subaccount/{id}/purchase", get(purchases::list).post(purchases::create))
        .route("/subaccount/{id}/purchase/{purchase}", delete(purchases::delete))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&smsend), account::require_login));
    Router::new()
        .route("/login", get(account::login))
        .route("/token", get(account::token))
        .route("/checksession", get(account::check_session))
        .merge(behind_login)
        .fallback(async || Refusal::not_found("no such path"))
        .method_not_allowed_fallback(async || Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "no such method"))
        .with_state(smsend)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sessions {
    one_at_a_time: bool,
}

/// Control: sets whether a login ends the earlier sessions.
async fn set_sessions(State(smsend): State<Arc<Smsend>>, Command(sessions): Command<Sessions>) -> StatusCode {
    smsend.state().account.one_session = sessions.one_at_a_time;
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credits {
    r#type: String,
    quantity: u64,
}

/// Control: sets the remaining credits of a type.
async fn set_credits(
    State(smsend): State<Arc<Smsend>>,
    Command(credits): Command<Credits>,
) -> Result<StatusCode, Refusal> {
    smsend.state().account.credits.set(&credits.r#type, credits.quantity)?;
    Ok(StatusCode::NO_CONTENT)
}
