//! Owns how a connection to a database is encrypted: which certificates are trusted, which one we show, and what a
//! refused certificate means in one sentence. Files are read anew for each connection, so that renewed ones count.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// How much a connection demands of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// Nothing is encrypted.
    Disable,
    /// Encrypted if the server can; its certificate is not looked at.
    Prefer,
    /// Encrypted; the server's certificate is not looked at.
    Require,
    /// The server's certificate comes from a trusted authority, whatever its name.
    VerifyCa,
    /// It also carries the name of the host in the URL.
    VerifyFull,
}

/// The settings of encryption.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// `None`: what the URL says, else [`TlsMode::Prefer`].
    pub mode: Option<TlsMode>,
    /// The certificates of trusted authorities, instead of those of the system.
    pub root: Option<PathBuf>,
    /// Our certificate, with those between it and its authority.
    pub certificate: Option<PathBuf>,
    /// The key of our certificate.
    pub key: Option<PathBuf>,
}

/// Whether the files that are named can serve, so that this is known before the first connection.
pub(super) fn look(tls: &Tls) -> Result<(), String> {
    match tls.mode.unwrap_or(TlsMode::Prefer) {
        _ if tls.root.is_none() && tls.certificate.is_none() => Ok(()),
        TlsMode::Disable => Ok(()),
        mode => client_config(tls, mode).map(|_| ()),
    }
}

/// The configuration of one handshake, or the sentence that says why there is none.
pub(super) fn client_config(tls: &Tls, mode: TlsMode) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let verifier: Arc<dyn ServerCertVerifier> = match mode {
        TlsMode::Disable | TlsMode::Prefer | TlsMode::Require => Arc::new(Unverified { provider }),
        TlsMode::VerifyCa | TlsMode::VerifyFull => {
            let roots = Arc::new(roots(tls.root.as_deref())?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider)
                .build()
                .map_err(|_| "no authority is trusted: the system has no certificates; name some in tls_root")?;
            if mode == TlsMode::VerifyCa { Arc::new(AnyName { verifier }) } else { verifier }
        }
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let config = match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => {
            let chain = certificates(certificate)?;
            let pair = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| format!("tls_key: {} holds no key that can be read: {error}", key.display()))?;
            builder.with_client_auth_cert(chain, pair).map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => "tls_key is not the key of tls_certificate".to_owned(),
                other => format!("tls_certificate and tls_key cannot be used: {other}"),
            })?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = || CertificateDer::pem_file_iter(file)?.collect::<Result<Vec<_>, _>>();
    match read() {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(format!("{} holds no certificate", file.display())),
        Err(error) => Err(format!("{} holds no certificate that can be read: {error}", file.display())),
    }
}

/// Only those of the file if there is one, else those of the system, which are looked for once.
fn roots(file: Option<&Path>) -> Result<RootCertStore, String> {
    static OF_SYSTEM: OnceLock<RootCertStore> = OnceLock::new();
    let Some(file) = file else {
        return Ok(OF_SYSTEM
            .get_or_init(|| {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                roots
            })
            .clone());
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|error| {
            format!("tls_root: {} holds a certificate that cannot be used: {error}", file.display())
        })?;
    }
    Ok(roots)
}

/// Looks at no certificate; only that the server has its key.
#[derive(Debug)]
struct Unverified {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Looks at everything but the name.
#[derive(Debug)]
struct AnyName {
    verifier: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        // The name is what is looked at last.
        match self.verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// What an error says, in the words of this room if encryption is the reason.
pub(super) fn describe(error: &(dyn Error + 'static)) -> String {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return sentence(found);
        }
        // An error of input and output shows what it wraps as itself, not as its source.
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    error.to_string()
}

fn sentence(error: &rustls::Error) -> String {
    use CertificateError as Certificate;
    let text = match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            Certificate::UnknownIssuer => {
                "the server's certificate comes from an authority that is not trusted; name its certificate in tls_root"
            }
            Certificate::Expired | Certificate::ExpiredContext { .. } => "the server's certificate has expired",
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet"
            }
            Certificate::NotValidForNameContext { expected, presented } => {
                let presented = presented.join(", ");
                let expected = expected.to_str();
                return format!(
                    "the server's certificate is not for '{expected}', as the URL calls it, but for: {presented}"
                );
            }
            Certificate::NotValidForName => "the server's certificate is not for the name in the URL",
            Certificate::Revoked => "the server's certificate is revoked",
            other => return format!("the server's certificate is not acceptable: {other}"),
        },
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired => {
                "the server demands a certificate of us; name one in tls_certificate and tls_key"
            }
            AlertDescription::CertificateExpired => "the server refuses our certificate: it has expired",
            AlertDescription::UnknownCA => "the server refuses our certificate: it does not trust its authority",
            AlertDescription::CertificateRevoked => "the server refuses our certificate: it is revoked",
            AlertDescription::BadCertificate | AlertDescription::CertificateUnknown => {
                "the server refuses our certificate"
            }
            other => return format!("the server breaks the encryption off: {other:?}"),
        },
        rustls::Error::InconsistentKeys(_) => "tls_key is not the key of tls_certificate",
        other => return format!("the connection cannot be encrypted: {other}"),
    };
    text.to_owned()
}
