//! The login of an account: a name with a secret, or a token.

use secrecy::SecretString;

use super::{Keys, Secret};
use crate::config::Problems;

/// The login of an account, see [`Keys::login`].
#[derive(Debug)]
pub enum Login {
    /// A name and a secret.
    Named(String, SecretString),
    /// A token.
    Token(SecretString),
}

impl Keys {
    /// Reads one of two kinds of login: a name with a secret, or a token alone. Returns `None` after noting the
    /// problem.
    pub fn login(&mut self, name: &str, secret: &str, token: &str, problems: &mut Problems) -> Option<Login> {
        let given = (self.has(name), self.has(secret), self.has(token));
        let the_name = self.optional::<String>(name, problems);
        let the_secret = self.optional::<Secret>(secret, problems);
        let the_token = self.optional::<Secret>(token, problems);
        // By the keys that are set, not by those that are valid: an invalid one has its problem already.
        match given {
            (true, true, false) => {
                let the_name = the_name?;
                if the_name.is_empty() {
                    self.problem(name, "is empty", problems);
                    return None;
                }
                return Some(Login::Named(the_name, the_secret?.into_inner()));
            }
            (false, false, true) => return Some(Login::Token(the_token?.into_inner())),
            (_, _, true) => {
                self.problem(token, format!("is a second login: set either {name} and {secret}, or {token}"), problems);
            }
            (false, _, false) => self.problem(name, format!("is required, with {secret}; or set {token}"), problems),
            (true, false, false) => self.problem(secret, format!("is required, with {name}; or set {token}"), problems),
        }
        None
    }
}
