//! The listener for people over TLS, where browsers speak HTTP/2.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::{Method, Request, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use custompbx_api::{App, Settings, listen, routes};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, PASSWORD, TestPbx};
use metrics_exporter_prometheus::PrometheusBuilder;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// One request over HTTP/2, as a browser sends it: with the host in the address only.
async fn exchange(
    address: SocketAddr,
    certificate: &CertificateDer<'static>,
    method: Method,
    origin: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> axum::http::Response<()> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connection = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = TlsConnector::from(Arc::new(config)).connect(name, connection).await.unwrap();
    let (client, connection) = h2::client::handshake(connection).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let uri = format!("https://localhost:{}/api/v2/session", address.port());
    let mut request = Request::builder().method(method).uri(uri).header("Origin", origin);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (response, mut sending) = client.send_request(request.body(()).unwrap(), false).unwrap();
    sending.send_data(body.to_owned().into(), true).unwrap();
    response.await.unwrap().map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_signs_in_and_out() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate =
        rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (cert_path, key_path) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    std::fs::write(&cert_path, pem("CERTIFICATE", certificate.der())).unwrap();
    std::fs::write(&key_path, pem("PRIVATE KEY", &key.serialize_der())).unwrap();

    let bound = listen::bind("webserver", "127.0.0.1", 0, Some((&cert_path, &key_path))).await.unwrap();
    let address = bound.address().unwrap();
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let router =
        routes::router(App::new(pbx.pbx.clone(), metrics, Settings { tls: true, ..Settings::default() }));
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(bound.serve(router, stopped));

    let login = pbx.add_web_user(Role::Admin).await;
    let credentials = json!({"login": login, "password": PASSWORD}).to_string();
    let form = [("Content-Type", "application/json")];
    let own = format!("https://localhost:{}", address.port());
    let der = certificate.der();
    let foreign = exchange(address, der, Method::POST, "https://evil.example", &form, &credentials).await;
    assert_eq!(foreign.status(), StatusCode::BAD_REQUEST);
    let reply = exchange(address, der, Method::POST, &own, &form, &credentials).await;
    assert_eq!(reply.status(), StatusCode::OK);
    let cookie = reply.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.ends_with("; Secure"), "{cookie}");

    let cookie = [("Cookie", cookie.split(';').next().unwrap())];
    let foreign = exchange(address, der, Method::DELETE, "https://evil.example", &cookie, "").await;
    assert_eq!(foreign.status(), StatusCode::BAD_REQUEST);
    let reply = exchange(address, der, Method::DELETE, &own, &cookie, "").await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    stop.send_replace(true);
    serving.await.unwrap().unwrap();
    pbx.stop().await;
}
