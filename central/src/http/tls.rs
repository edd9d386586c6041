//! Mutual TLS 1.3 with the private CA alone. A certificate is asked for and may be left out:
//! enrolment has none yet. Whoever shows one shows one of ours.

use crate::ca::{Keys, ServerIdentity};
use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::{Accept, DefaultAcceptor};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use protocol::DeviceId;
use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_layer::Layer as _;

/// Whose certificate the connection has; the handshake has checked that it is ours and valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) device: Option<DeviceId>,
}

/// Makes TLS work as this crate needs it: `ring`, chosen once for the process.
pub fn install_ring() {
    // It fails only if a provider is installed already, and then that one is used.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
}

pub(crate) fn config(keys: &Keys, identity: ServerIdentity) -> Result<RustlsConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(keys.ca_der().clone())?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .map_err(|e| rustls::Error::General(e.to_string()))?;
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain, identity.key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// Shakes hands and tells the service who is there.
#[derive(Clone)]
pub(crate) struct PeerAcceptor {
    inner: RustlsAcceptor<DefaultAcceptor>,
}

impl PeerAcceptor {
    pub(crate) fn new(config: RustlsConfig, handshake: Duration) -> Self {
        Self {
            inner: RustlsAcceptor::new(config).handshake_timeout(handshake),
        }
    }
}

impl<I, S> Accept<I, S> for PeerAcceptor
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Send + 'static,
{
    type Stream = <RustlsAcceptor<DefaultAcceptor> as Accept<I, S>>::Stream;
    type Service = AddExtension<S, Peer>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let handshake = self.inner.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = handshake.await?;
            let certificates = stream.get_ref().1.peer_certificates();
            let device = certificates
                .and_then(|chain| chain.first())
                .and_then(|c| device(c));
            Ok((stream, Extension(Peer { device }).layer(service)))
        })
    }
}

/// The device that a certificate of ours names.
fn device(certificate: &[u8]) -> Option<DeviceId> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let mut names = certificate.subject().iter_common_name();
    let name = names.next()?.as_str().ok()?;
    match names.next() {
        None => name.parse().ok(),
        Some(_) => None,
    }
}
