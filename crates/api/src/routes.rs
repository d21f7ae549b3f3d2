//! Every route of the web listener, with its access rule.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use custompbx_store::Role;
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::{self, Access};
use crate::messages::{envelope, post as message};
use crate::problem::Problem;
use crate::{App, openapi, rest, web};

/// One route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with placeholders in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    handler: fn() -> MethodRouter<App>,
}

/// Bodies are small here; an import comes another way.
const MOST_BODY: usize = 64 * 1024;

/// How long a request may take, from its head to its answer: longer than the database is waited for.
const LONGEST: Duration = Duration::from_secs(30);

/// An element or a collection, by natural keys.
const ELEMENT: &str = "/api/v2/instances/{instance}/{*address}";

fn element_body() -> DefaultBodyLimit {
    DefaultBodyLimit::max(rest::element::LONGEST)
}

/// The table.
pub fn all() -> Vec<Route> {
    use Access::{Anyone, LocalOrAdmin};
    let route = |method, path, access, handler| Route { method, path, access, handler };
    // Until there are scopes, whoever may see the tree sees all of it, passwords too.
    let tree = Access::Role(Role::Admin);
    vec![
        route(Method::GET, "/", Anyone, || get(web::assets::home)),
        route(Method::GET, "/cweb", Anyone, || get(web::assets::home)),
        route(Method::GET, "/cweb/", Anyone, || get(web::assets::index)),
        route(Method::GET, "/cweb/{*path}", Anyone, || get(web::assets::asset)),
        route(Method::GET, "/healthz", Anyone, || get(web::health::alive)),
        route(Method::GET, "/readyz", Anyone, || get(web::health::ready)),
        route(Method::GET, "/metrics", LocalOrAdmin, || get(web::health::metrics)),
        route(Method::POST, "/api/v1", Access::EachMessage, || {
            post(message::message).layer(DefaultBodyLimit::max(envelope::LONGEST))
        }),
        route(Method::POST, "/api/v2/session", Anyone, || post(rest::session::sign_in)),
        route(Method::GET, "/api/v2/session", Access::Role(Role::User), || get(rest::session::who)),
        route(Method::DELETE, "/api/v2/session", Access::Role(Role::User), || {
            delete(rest::session::sign_out)
        }),
        route(Method::GET, "/api/v2/status", Access::Role(Role::User), || get(rest::status::status)),
        route(Method::GET, "/api/v2/instances", tree, || get(rest::tree::instances)),
        route(Method::GET, "/api/v2/instances/{instance}/tree", tree, || get(rest::tree::top)),
        route(Method::GET, "/api/v2/instances/{instance}/users", tree, || get(rest::tree::users)),
        route(Method::GET, "/api/v2/instances/{instance}/nodes/{node}", tree, || get(rest::tree::node)),
        route(Method::GET, "/api/v2/instances/{instance}/nodes/{node}/children", tree, || {
            get(rest::tree::children)
        }),
        route(Method::GET, "/api/v2/instances/{instance}/nodes/{node}/subtree", tree, || {
            get(rest::tree::subtree)
        }),
        route(Method::GET, "/api/v2/schema", Access::Role(Role::User), || get(rest::schema::list)),
        route(Method::GET, "/api/v2/schema/{module}", Access::Role(Role::User), || get(rest::schema::one)),
        // The description is the same for every server, and says nothing of this one.
        route(Method::GET, "/api/v2/openapi.json", Anyone, || get(openapi::openapi)),
        route(Method::GET, "/api/v2/docs", Anyone, || get(openapi::docs)),
        route(Method::GET, "/api/v2/docs/style.css", Anyone, || get(openapi::style)),
        route(Method::GET, ELEMENT, tree, || get(rest::element::get)),
        route(Method::PUT, ELEMENT, tree, || put(rest::element::put).layer(element_body())),
        route(Method::PATCH, ELEMENT, tree, || patch(rest::element::patch).layer(element_body())),
        route(Method::DELETE, ELEMENT, tree, || delete(rest::element::delete)),
        route(Method::POST, ELEMENT, tree, || post(rest::element::post).layer(element_body())),
    ]
}

/// The web listener's router.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in all() {
        let rule = from_fn_with_state((app.clone(), route.access), access::check);
        router = router.route(route.path, (route.handler)().layer(rule));
    }
    router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(from_fn(in_time))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(app.clone(), web::headers::secure))
        .layer(from_fn(web::log::log))
        .with_state(app)
}

/// Ends what takes too long; a body that never ends must not hold a connection for ever.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(StatusCode::REQUEST_TIMEOUT, "the request took too long").into_response(),
    }
}

async fn unknown(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{method} is not possible at {}", uri.path()))
}

/// The panic itself was logged by the hook.
fn panicked() -> Response {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log says why").into_response()
}
