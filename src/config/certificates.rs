//! Reads PEM files of certificates and private keys, and the validity of certificates.

use std::path::Path;

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

/// The byte order mark with which some editors begin text files.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The seconds before expiry in which a certificate causes a warning.
const SOON: i64 = 14 * DAY;

const DAY: i64 = 24 * 3600;

/// Reads the certificates of a PEM file.
///
/// # Errors
/// A text for the operator: the file cannot be read, or contains no certificate but something else.
pub fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = file(path)?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>().ok();
    let certificates = certificates.filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| format!("{} {}", path.display(), found_instead(&pem, "certificate", "CERTIFICATE")))
}

/// Reads the private key of a PEM file.
///
/// # Errors
/// A text for the operator: the file cannot be read, or contains no usable private key but something else.
pub fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let pem = file(path)?;
    // The parser's own error may quote the file.
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| format!("{} {}", path.display(), found_instead(&pem, "private key", "PRIVATE KEY")))
}

fn file(path: &Path) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    Ok(bytes.strip_prefix(BYTE_ORDER_MARK).map(<[u8]>::to_vec).unwrap_or(bytes))
}

/// Returns why a file does not contain what it should, by what it contains found_instead. Quotes only PEM labels of the file.
fn found_instead(bytes: &[u8], wanted: &str, label: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let begins = |line: &str| line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----").map(str::to_owned);
    let found: Vec<_> = text.lines().filter_map(begins).collect();
    if text.trim().is_empty() {
        return format!("is empty: it must contain a PEM {wanted}");
    }
    if bytes.contains(&0) && (bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF")) {
        return "is UTF-16 text: save it as UTF-8".to_owned();
    }
    if bytes.starts_with(b"\x30\x82") || bytes.starts_with(b"\x30\x81") {
        return format!("contains no PEM {wanted}, but binary data, perhaps DER: convert it with openssl");
    }
    if found.iter().any(|found| found.contains("ENCRYPTED")) || text.contains("Proc-Type: 4,ENCRYPTED") {
        return format!(
            "contains an encrypted PEM {wanted}, for which smsmux cannot ask for a passphrase: \
             decrypt it with openssl pkey -in FILE -out NEW"
        );
    }
    match &found[..] {
        [] => format!("contains no PEM {wanted}"),
        found if found.iter().any(|found| found.ends_with(label)) => format!("contains a PEM {wanted} that is damaged"),
        found => format!("contains no PEM {wanted}, but {}", found.join(", ")),
    }
}

/// Returns that a certificate has expired or is not valid yet; `None` if it is valid or cannot be parsed.
pub fn expired(certificate: &CertificateDer<'_>, now: Timestamp) -> Option<String> {
    let (not_before, not_after) = times(certificate)?;
    if now > not_after {
        return Some(format!("expired {} ago, on {not_after}", days(now, not_after)));
    }
    (now < not_before).then(|| format!("is not valid before {not_before}, in {}", days(not_before, now)))
}

/// Returns the same, or that a certificate expires soon.
pub fn expires(certificate: &CertificateDer<'_>, now: Timestamp) -> Option<String> {
    expired(certificate, now).or_else(|| {
        let (_, not_after) = times(certificate)?;
        let is_soon = not_after.as_second() - now.as_second() < SOON;
        is_soon.then(|| format!("expires in {}, on {not_after}", days(not_after, now)))
    })
}

/// Returns the second when a certificate expires; `None` if it cannot be parsed.
pub fn not_after(certificate: &CertificateDer<'_>) -> Option<i64> {
    times(certificate).map(|(_, not_after)| not_after.as_second())
}

fn times(certificate: &CertificateDer<'_>) -> Option<(Timestamp, Timestamp)> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let validity = certificate.validity();
    let time = |seconds| Timestamp::from_second(seconds).ok();
    // A time out of range never comes.
    let not_after = time(validity.not_after.timestamp()).unwrap_or(Timestamp::MAX);
    Some((time(validity.not_before.timestamp()).unwrap_or(Timestamp::MIN), not_after))
}

fn days(later: Timestamp, earlier: Timestamp) -> String {
    match (later.as_second() - earlier.as_second()) / DAY {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use tempfile::NamedTempFile;

    use super::*;

    fn holding(bytes: &[u8]) -> NamedTempFile {
        let file = NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("written");
        file
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::default().self_signed(&key).expect("a certificate");
        let with_mark = |pem: String| holding(&[BYTE_ORDER_MARK, pem.replace('\n', "\r\n").as_bytes()].concat());
        assert_eq!(read(with_mark(certificate.pem()).path()).map(|all| all.len()), Ok(1));
        assert!(read_key(with_mark(key.serialize_pem()).path()).is_ok());
    }

    #[test]
    fn a_wrong_file_is_described_without_quoting_it() {
        let pem = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        let old = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\nc2VjcmV0";
        let utf16: Vec<_> = "\u{feff}-----BEGIN".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, certificate, key) in [
            (b" \n".to_vec(), "is empty", "is empty"),
            (b"secret".to_vec(), "contains no PEM certificate", "contains no PEM private key"),
            (utf16, "UTF-16", "UTF-16"),
            (b"\x30\x82\x01\x02".to_vec(), "DER", "DER"),
            (pem("ENCRYPTED PRIVATE KEY", "c2VjcmV0").into(), "encrypted", "encrypted"),
            (pem("RSA PRIVATE KEY", old).into(), "encrypted", "encrypted"),
            (pem("PUBLIC KEY", "c2VjcmV0").into(), "but PUBLIC KEY", "but PUBLIC KEY"),
            (pem("CERTIFICATE", "!secret!").into(), "damaged", "but CERTIFICATE"),
            (pem("EC PRIVATE KEY", "!secret!").into(), "but EC PRIVATE KEY", "damaged"),
        ] {
            let file = holding(&bytes);
            let told = (read(file.path()).expect_err(certificate), read_key(file.path()).expect_err(key));
            assert!(told.0.contains(certificate) && told.1.contains(key), "{told:?}");
            assert!(!format!("{told:?}").to_lowercase().contains("secret"), "{told:?}");
        }
    }

    #[test]
    fn a_certificate_says_when_its_time_is_over_or_nearly() {
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) = (date_time_ymd(2026, 3, 1), date_time_ymd(2026, 6, 1));
        let certificate = params.self_signed(&KeyPair::generate().expect("a key")).expect("a certificate");
        for (now, wrong, warned) in [
            ("2026-02-26T12:00:00Z", Some("is not valid before 2026-03-01T00:00:00Z, in 2 days"), None),
            ("2026-05-01T00:00:00Z", None, None),
            ("2026-05-30T12:00:00Z", None, Some("expires in 1 day, on 2026-06-01T00:00:00Z")),
            ("2026-06-01T01:00:00Z", Some("expired less than a day ago, on 2026-06-01T00:00:00Z"), None),
        ] {
            let now = now.parse().expect("a time");
            assert_eq!(expired(certificate.der(), now).as_deref(), wrong);
            assert_eq!(expires(certificate.der(), now).as_deref(), wrong.or(warned));
        }
        assert_eq!(expires(&CertificateDer::from_slice(b"nonsense"), Timestamp::now()), None);
    }
}
