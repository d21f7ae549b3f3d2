//! The listener for mod_xml_curl.
//!
//! An answer is one allocation and no wait. Whoever is not allowed to ask gets 401 and nothing else, whatever the
//! path.

mod connections;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use custompbx_pbx::Pbx;
use custompbx_pbx::config::Config;
use custompbx_pbx::questions::Reply;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use metrics::{Counter, Histogram, counter, histogram};
use subtle::ConstantTimeEq as _;
use tokio::time::timeout;

/// FreeSWITCH's questions are some kilobytes long; a call with very many variables stays far below this.
const MOST_BODY: usize = 1024 * 1024;

/// How long a question may take to come. A form that never ends must not hold a connection for ever.
const LONGEST: Duration = Duration::from_secs(10);

/// Who may ask, where, and what is answered. Cheap to clone.
#[derive(Clone)]
pub struct Questions(Arc<Inner>);

struct Inner {
    pbx: Pbx,
    route: String,
    asking: ArcSwap<Asking>,
    refused: Counter,
    seconds: Histogram,
}

/// Who may ask, as the settings say.
struct Asking {
    config: Arc<Config>,
    /// What stands behind `Basic ` in `Authorization`.
    credentials: String,
}

impl Asking {
    fn new(config: Arc<Config>) -> Self {
        let xml = &config.xml_curl_server;
        let credentials = BASE64_STANDARD.encode(format!("{}:{}", xml.user, xml.pass.reveal()));
        Self { config, credentials }
    }
}

impl Questions {
    /// Questions at `route`, from the addresses and with the credentials that the settings name when they come.
    pub fn new(pbx: Pbx, route: &str) -> Self {
        Self(Arc::new(Inner {
            asking: ArcSwap::from_pointee(Asking::new(pbx.config())),
            pbx,
            route: route.to_owned(),
            refused: counter!("custompbx_xml_curl_refused_total"),
            seconds: histogram!("custompbx_xml_curl_answer_seconds"),
        }))
    }

    /// What a request of `peer` gets.
    async fn respond(&self, peer: SocketAddr, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if !self.0.may_ask(peer, request.headers()) {
            return self.0.refuse(peer);
        }
        if request.uri().path() != self.0.route {
            return empty(StatusCode::NOT_FOUND);
        }
        match *request.method() {
            Method::POST => {
                let body = Limited::new(request.into_body(), MOST_BODY);
                match timeout(LONGEST, body.collect()).await {
                    Ok(Ok(form)) => self.0.answer(&form.to_bytes()).await,
                    Ok(Err(error)) if error.is::<LengthLimitError>() => empty(StatusCode::PAYLOAD_TOO_LARGE),
                    Ok(Err(_)) => empty(StatusCode::BAD_REQUEST),
                    Err(_) => empty(StatusCode::REQUEST_TIMEOUT),
                }
            }
            // mod_xml_curl's `method` GET.
            Method::GET | Method::HEAD => {
                self.0.answer(request.uri().query().unwrap_or_default().as_bytes()).await
            }
            _ => with(empty(StatusCode::METHOD_NOT_ALLOWED), header::ALLOW, "GET, HEAD, POST"),
        }
    }
}

impl Inner {
    fn may_ask(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        let config = self.pbx.config();
        let mut asking = self.asking.load_full();
        if !Arc::ptr_eq(&asking.config, &config) {
            asking = Arc::new(Asking::new(config));
            self.asking.store(asking.clone());
        }
        let address = peer.ip().to_canonical();
        let given = headers.get(header::AUTHORIZATION).map_or(&b""[..], HeaderValue::as_bytes);
        let (scheme, credentials) = given.split_at_checked(6).unwrap_or_default();
        // Both are looked at in any case, and the credentials in constant time.
        let known = scheme.eq_ignore_ascii_case(b"basic ")
            & bool::from(credentials.ct_eq(asking.credentials.as_bytes()));
        asking.config.xml_curl_server.allow.iter().any(|network| network.contains(&address)) & known
    }

    /// The same whatever was asked for, and how: else it would tell which paths and methods there are.
    fn refuse(&self, peer: SocketAddr) -> Response<Full<Bytes>> {
        self.refused.increment(1);
        self.pbx.question_refused(peer.ip().to_canonical());
        with(empty(StatusCode::UNAUTHORIZED), header::WWW_AUTHENTICATE, "Basic realm=\"xml_curl\"")
    }

    async fn answer(&self, form: &[u8]) -> Response<Full<Bytes>> {
        let start = Instant::now();
        let response = match self.pbx.answer_call(form).await {
            Reply::Document(document) => {
                with(Response::new(document.into()), header::CONTENT_TYPE, "text/xml; charset=utf-8")
            }
            Reply::Bad(bad) => {
                let mut response = Response::new(bad.to_string().into());
                *response.status_mut() = StatusCode::BAD_REQUEST;
                with(response, header::CONTENT_TYPE, "text/plain; charset=utf-8")
            }
            Reply::Failed => empty(StatusCode::SERVICE_UNAVAILABLE),
        };
        self.seconds.record(start.elapsed());
        response
    }
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn with(
    mut response: Response<Full<Bytes>>,
    name: header::HeaderName,
    value: &'static str,
) -> Response<Full<Bytes>> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}
