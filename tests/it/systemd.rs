//! What systemd hears from `smsmux serve`, over a socket such as its own.

use std::{fs, os::unix::net::UnixDatagram};

use crate::support::{
    LIMIT,
    process::{Running, serving, smsmux},
};

/// The socket of the service manager.
struct Manager(UnixDatagram);

impl Manager {
    /// The next message that is no sign of life.
    fn next(&self) -> String {
        loop {
            let message = self.any();
            if message != "WATCHDOG=1" {
                return message;
            }
        }
    }

    fn any(&self) -> String {
        let mut message = [0; 4096];
        let length = self.0.recv(&mut message).expect("a message");
        String::from_utf8(message[..length].to_vec()).unwrap().trim_end().to_owned()
    }

    fn is_silent(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        let is_silent = self.0.recv(&mut [0; 16]).is_err();
        self.0.set_nonblocking(false).unwrap();
        is_silent
    }
}

#[test]
fn systemd_hears_when_the_server_is_ready_alive_reloading_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, config) = (folder.path().join("notify"), folder.path().join("smsmux.toml"));
    let manager = Manager(UnixDatagram::bind(&socket).unwrap());
    manager.0.set_read_timeout(Some(LIMIT)).unwrap();
    let configure = |token: &str| {
        let text =
            format!("[server]\nreload_interval = '0s'\n[accounts.phones]\nvendor = 'lox24'\ntoken = '{token}'\n");
        fs::write(&config, text).unwrap();
    };
    let start = |environment: &[(&str, &str)]| {
        let mut command = smsmux(&["serve", "--listen", "127.0.0.1:0", "--config", config.to_str().unwrap()]);
        Running::start(command.env("NOTIFY_SOCKET", &socket).envs(environment.iter().copied()))
    };

    configure("1:a");
    let mut running = start(&[("WATCHDOG_USEC", "20000")]);
    assert_eq!(manager.next(), "READY=1\nSTATUS=serving");
    running.until(serving);
    while manager.any() != "WATCHDOG=1" {}
    for token in ["1:b", "no token"] {
        configure(token);
        running.signal("HUP");
        let reloading = manager.next();
        let time = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap_or_else(|| panic!("{reloading}"));
        assert!(time.parse::<u64>().is_ok(), "{reloading}");
        assert_eq!(manager.next(), "READY=1\nSTATUS=serving", "{token}");
    }
    running.signal("TERM");
    assert_eq!(manager.next(), "STOPPING=1\nSTATUS=draining");
    running.end().with(0);

    // A server that cannot start is never ready, and one without a watchdog sends no sign of life.
    while !manager.is_silent() {}
    start(&[("SMSMUX_STORE_PATH", "/no/such/folder/smsmux.db")]).end().with(64);
    assert!(manager.is_silent());
    configure("1:a");
    let running = start(&[]);
    assert_eq!(manager.any(), "READY=1\nSTATUS=serving");
    running.signal("TERM");
    assert_eq!(manager.any(), "STOPPING=1\nSTATUS=draining");
    running.end().with(0);
}
