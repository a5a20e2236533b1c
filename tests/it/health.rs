//! `smsmux health` over TLS, and what the server says of its own certificate.

use std::{fs, path::PathBuf, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{
    loopback,
    process::{Ended, Running, run, serving, smsmux},
};

/// An authority, and a folder for what it issues.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Self { issuer, folder: tempfile::tempdir().unwrap() };
        fs::write(authority.path("ca"), authority.issuer.pem()).unwrap();
        authority
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a certificate for these names, which `change` makes otherwise, and its key.
    fn issue(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) {
        let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.path("key"), key.serialize_pem()).unwrap();
        fs::write(self.path("crt"), certificate.pem()).unwrap();
    }

    /// A configuration of a server with the certificate.
    fn config(&self) -> PathBuf {
        let (certificate, key, file) = (self.path("crt"), self.path("key"), self.path("smsmux.toml"));
        let text = format!(
            "[server]\nlisten = '127.0.0.1:0'\ntls_certificate = '{}'\ntls_key = '{}'\nreload_interval = '0s'\n\
             [accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\n",
            certificate.display(),
            key.display()
        );
        fs::write(&file, text).unwrap();
        file
    }

    fn serve(&self) -> (Running, String) {
        Running::serve(&["--config", self.config().to_str().unwrap()])
    }

    fn ask(&self, address: &str, more: &[&str]) -> Ended {
        let ca = self.path("ca");
        run(smsmux(&["health", address, "--ca", ca.to_str().unwrap()]).args(more))
    }
}

fn expired(params: &mut CertificateParams) {
    params.not_after = date_time_ymd(2020, 1, 1);
}

#[test]
fn a_certificate_that_is_right_is_believed() {
    let authority = Authority::new();
    authority.issue(&["127.0.0.1"], |_| {});
    let (_server, address) = authority.serve();
    assert_eq!(authority.ask(&address, &[]).with(0).stdout, "SERVING\n");
    authority.issue(&["sms.example.com"], |_| {});
    let (_server, address) = authority.serve();
    authority.ask(&address, &["--tls-name", "sms.example.com"]).with(0);
}

#[test]
fn all_that_is_wrong_with_a_certificate_is_said() {
    type Change = fn(&mut CertificateParams);
    let authority = Authority::new();
    let cases: [(&[&str], Change, &[&str]); 5] = [
        (&["127.0.0.1"], expired, &["expired", "2020-01-01", "renew"]),
        (&["127.0.0.1"], |params| params.not_before = date_time_ymd(3000, 1, 1), &["is not valid before 3000-01-01"]),
        (&["other.example"], |_| {}, &["not valid for 127.0.0.1 but for", "other.example", "--tls-name"]),
        (&["other.example"], expired, &["expired", "other.example"]),
        (
            &[],
            |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            &["valid for no name, not even 127.0.0.1", "authority"],
        ),
    ];
    for (names, change, parts) in cases {
        authority.issue(names, change);
        let (_server, address) = authority.serve();
        let ended = authority.ask(&address, &[]).with(1);
        for part in parts {
            assert!(ended.stderr.contains(part), "{part:?} in {ended:#?}");
        }
        assert!(ended.stderr.lines().count() == 1 && !ended.stderr.contains("is the server running"), "{ended:#?}");
    }
    authority.issue(&["127.0.0.1"], |_| {});
    let (_server, address) = authority.serve();
    let ended = Authority::new().ask(&address, &[]).with(1);
    assert!(ended.stderr.contains("issued it") && ended.stderr.contains("--ca"), "{ended:#?}");
}

#[test]
fn a_server_that_speaks_otherwise_is_told_apart_from_none() {
    let authority = Authority::new();
    authority.issue(&["127.0.0.1"], |_| {});
    let (_server, address) = authority.serve();
    let ended = run(&mut smsmux(&["health", &address])).with(1);
    assert!(ended.stderr.contains("requires TLS") && ended.stderr.contains("--ca"), "{ended:#?}");

    let (_server, address) = Running::serve(&["--sandbox", "--listen", "127.0.0.1:0"]);
    let ended = authority.ask(&address, &[]).with(1);
    assert!(ended.stderr.contains("plain text"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_a_client_certificate_is_told_apart_from_none() {
    let authority = Authority::new();
    authority.issue(&["127.0.0.1"], |_| {});
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.issuer.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone()).build().unwrap();
    let certificates = smsmux::config::certificates::read(&authority.path("crt")).unwrap();
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let versions = [&rustls::version::TLS12, &rustls::version::TLS13];
    let configs = versions.map(|version| {
        let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[version]).unwrap();
        let key = PrivateKeyDer::from_pem_file(authority.path("key")).unwrap();
        let builder = builder.with_client_cert_verifier(verifier.clone());
        let mut config = builder.with_single_cert(certificates.clone(), key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        Arc::new(config)
    });
    tokio::spawn(async move {
        for config in configs {
            let (stream, _) = listener.accept().await.unwrap();
            if let Err((_, mut stream)) = TlsAcceptor::from(config).accept(stream).into_fallible().await {
                // What the client had sent and nobody has read would turn the end into a reset, which can overtake the alert.
                let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
            }
        }
    });
    for version in versions {
        let ended = tokio::task::block_in_place(|| authority.ask(&address, &[])).with(1);
        assert!(ended.stderr.contains("client certificate"), "{version:?}: {ended:#?}");
    }
}

#[test]
fn a_certificate_whose_time_is_over_is_a_warning_at_the_start_at_a_reload_and_in_check() {
    let authority = Authority::new();
    authority.issue(&["127.0.0.1"], expired);
    let config = authority.config();
    let ended = run(&mut smsmux(&["check", "--config", config.to_str().unwrap()])).with(0);
    assert!(ended.stderr.starts_with("smsmux: warning: server.tls_certificate: the certificate expired"), "{ended:#?}");
    assert!(ended.stdout.parse::<toml::Table>().is_ok(), "{ended:#?}");

    let mut server = Running::start(&mut smsmux(&["serve", "--config", config.to_str().unwrap()]));
    let warned = |text: &'static str| {
        move |line: &str| {
            (line.contains("WARN") && line.contains("server.tls_certificate") && line.contains(text)).then_some(())
        }
    };
    server.until(warned("the certificate expired"));
    server.until(serving);
    authority.issue(&["127.0.0.1"], |params| params.not_before = date_time_ymd(3000, 1, 1));
    server.signal("HUP");
    server.until(warned("is not valid before 3000-01-01"));
    server.until(|line| line.contains("the configuration was reloaded").then_some(()));
    authority.issue(&["127.0.0.1"], |_| {});
    server.signal("HUP");
    server.until(|line| line.contains("the configuration was reloaded").then_some(()));
    let ended = server.stop("TERM").with(0);
    assert_eq!(ended.stderr.matches("the certificate").count(), 2, "{ended:#?}");
}
