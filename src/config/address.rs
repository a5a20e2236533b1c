//! An address to listen on.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Parses an address to listen on, such as `127.0.0.1:50051`.
///
/// # Errors
/// The text states the expected form.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        match (text.parse::<IpAddr>(), port.parse::<u16>()) {
            (Ok(ip), _) => format!("has no port: write {}", SocketAddr::new(ip, 50051)),
            (_, Ok(port)) if matches!(host, "" | "*") => format!(
                "has no IP address: write 127.0.0.1:{port} for this machine alone, 0.0.0.0:{port} for all its addresses"
            ),
            (_, Ok(port)) if host == "localhost" => {
                format!("must have an IP address, as names are not resolved: write 127.0.0.1:{port}")
            }
            (_, Ok(port)) => format!("must be an IP address and a port, such as 127.0.0.1:{port}"),
            _ => "must be an IP address and a port from 0 to 65535, such as 127.0.0.1:50051".to_owned(),
        }
    })
}

/// An address in the configuration.
pub(super) struct Address(pub(super) SocketAddr);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        address(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_answered_with_the_right_one() {
        for good in ["127.0.0.1:0", "0.0.0.0:50051", "[::1]:50051"] {
            assert_eq!(address(good).map(|address| address.to_string()), Ok(good.to_owned()));
        }
        for (wrong, right) in [
            ("localhost:7", "127.0.0.1:7"),
            (":7", "0.0.0.0:7"),
            ("*:7", "0.0.0.0:7"),
            ("7", "127.0.0.1:7"),
            ("127.0.0.1", "127.0.0.1:50051"),
            ("::1", "[::1]:50051"),
            ("gateway.internal:7", "127.0.0.1:7"),
            ("http://127.0.0.1:7", "127.0.0.1:7"),
            ("127.0.0.1:70000", "65535"),
            ("somewhere", "127.0.0.1:50051"),
            ("", "127.0.0.1:50051"),
        ] {
            let problem = address(wrong).expect_err(wrong);
            assert!(problem.contains(right), "{wrong}: {problem}");
        }
    }
}
