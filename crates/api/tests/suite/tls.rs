//! The listeners over TLS: that for people, where browsers speak HTTP/2, and that for FreeSWITCH, where libcurl would.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::{Method, Request, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use custompbx_api::xml_curl::Questions;
use custompbx_api::{App, Settings, listen, routes};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, PASS, PASSWORD, ROUTE, TestPbx, USER, authorization, question};
use metrics_exporter_prometheus::PrometheusBuilder;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A certificate with its key, also as files.
struct Identity {
    certificate: CertificateDer<'static>,
    directory: TempDir,
}

impl Identity {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate =
            rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let write = |name, text| std::fs::write(directory.path().join(name), text).unwrap();
        write("cert.pem", pem("CERTIFICATE", certificate.der()));
        write("key.pem", pem("PRIVATE KEY", &key.serialize_der()));
        Self { certificate: certificate.der().clone(), directory }
    }

    async fn bind(&self, key: &'static str) -> listen::Bound {
        let [cert, private] = ["cert.pem", "key.pem"].map(|name| self.directory.path().join(name));
        listen::bind(key, "127.0.0.1", 0, Some((&cert, &private))).await.unwrap()
    }
}

/// A connection of a client that speaks these protocols.
async fn connect(
    address: SocketAddr,
    certificate: &CertificateDer<'static>,
    protocols: &[&[u8]],
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let connection = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, connection).await.unwrap()
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
    let connection = connect(address, certificate, &[b"h2"]).await;
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
    let identity = Identity::new();
    let bound = identity.bind("webserver").await;
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
    let der = &identity.certificate;
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

/// libcurl offers HTTP/2 too; a client that speaks nothing else is told so in the handshake.
#[tokio::test(flavor = "multi_thread")]
async fn freeswitch_asks_over_http_1() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let identity = Identity::new();
    let bound = identity.bind("xml_curl_server").await;
    let address = bound.address().unwrap();
    let questions = Questions::new(pbx.pbx.clone(), ROUTE);
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(bound.answer(questions, stopped));
    let form = "hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value=acl.conf";
    let protocols: [&[&[u8]]; 3] = [&[b"h2", b"http/1.1"], &[b"http/1.1"], &[]];
    for offered in protocols {
        let mut connection = connect(address, &identity.certificate, offered).await;
        let agreed = connection.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        assert_eq!(agreed.as_deref(), offered.last().copied());
        let headers = format!("Authorization: {}\r\nConnection: close\r\n", authorization(USER, PASS));
        connection.write_all(&question(form, &headers)).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("not found"), "{answer}");
    }
    // What is no handshake is nothing.
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(&question(form, "")).await.unwrap();
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    stop.send_replace(true);
    serving.await.unwrap().unwrap();
    pbx.stop().await;
}
