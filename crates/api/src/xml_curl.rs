//! The listener for mod_xml_curl.
//!
//! An answer is one allocation and no wait. Whoever is not allowed to ask gets 401 and nothing else, whatever the
//! path.

use std::net::SocketAddr;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use custompbx_pbx::Pbx;
use custompbx_pbx::config::Config;
use custompbx_pbx::questions::Reply;
use metrics::{Counter, Histogram, counter, histogram};
use std::sync::Arc;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq as _;

/// FreeSWITCH's questions are some kilobytes long; a call with very many variables stays far below this.
const MOST_BODY: usize = 1024 * 1024;

/// How long a question may take to come. A form that never ends must not hold a connection for ever.
const LONGEST: Duration = Duration::from_secs(10);

/// Who may ask, and what is asked.
struct Listener {
    pbx: Pbx,
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

/// The router: questions at `route`, from the addresses and with the credentials that the settings name when they come.
pub fn router(pbx: Pbx, route: &str) -> Router {
    let listener = Arc::new(Listener {
        asking: ArcSwap::from_pointee(Asking::new(pbx.config())),
        pbx,
        refused: counter!("custompbx_xml_curl_refused_total"),
        seconds: histogram!("custompbx_xml_curl_answer_seconds"),
    });
    let questions = Router::new()
        .route(route, get(by_query).post(by_form))
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .with_state(listener.clone());
    // Around the whole router: a route of its own would still tell which methods it has.
    Router::new().fallback_service(questions).layer(from_fn_with_state(listener, guard))
}

async fn guard(
    State(listener): State<Arc<Listener>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if !listener.may_ask(peer, request.headers()) {
        listener.refused.increment(1);
        listener.pbx.question_refused(peer.ip().to_canonical());
        let mut refused = StatusCode::UNAUTHORIZED.into_response();
        refused
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"xml_curl\""));
        return refused;
    }
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

impl Listener {
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

    fn answer(&self, form: &[u8]) -> Response {
        let start = Instant::now();
        let response = match self.pbx.answer(form) {
            Reply::Document(document) => {
                ([(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"))], document)
                    .into_response()
            }
            Reply::Bad(bad) => (StatusCode::BAD_REQUEST, bad.to_string()).into_response(),
            Reply::Failed => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        };
        self.seconds.record(start.elapsed());
        response
    }
}

async fn by_form(State(listener): State<Arc<Listener>>, form: Bytes) -> Response {
    listener.answer(&form)
}

/// mod_xml_curl's `method` GET.
async fn by_query(State(listener): State<Arc<Listener>>, RawQuery(query): RawQuery) -> Response {
    listener.answer(query.unwrap_or_default().as_bytes())
}
