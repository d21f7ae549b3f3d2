//! Every route of the web listener, with its access rule.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use custompbx_pbx::account::{LONGEST_AVATAR, Scope};
use custompbx_store::Role;
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::{self, Access};
use crate::messages::{envelope, post as message, socket};
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

impl Route {
    /// What a token with scopes has to be good for.
    pub fn scope(&self) -> Scope {
        access::scope(&self.method, self.path)
    }
}

/// The path of the WebSocket in the table; the configuration may say another one.
pub const SOCKET: &str = "/ws";

/// Bodies are small here; an import comes another way.
const MOST_BODY: usize = 64 * 1024;

/// How long a request may take, from its head to its answer: longer than the database is waited for.
const LONGEST: Duration = Duration::from_secs(30);

/// How long a request may take that is about very many elements.
const LONGEST_BULK: Duration = Duration::from_secs(600);

/// Many elements for a collection.
const BULK: &str = "/api/v2/instances/{instance}/bulk/{*address}";

/// A revision, and the ways back; the verb of one is a part of the last segment.
const REVISION: &str = "/api/v2/instances/{instance}/revisions/{revision}";
const RESTORE: &str = "/api/v2/instances/{instance}/restore";

/// An element or a collection, by natural keys.
const ELEMENT: &str = "/api/v2/instances/{instance}/{*address}";

fn element_body() -> DefaultBodyLimit {
    DefaultBodyLimit::max(rest::element::LONGEST)
}

/// The table.
pub fn all() -> Vec<Route> {
    use Access::{Anyone, LocalOrAdmin};
    use rest::switches;
    let route = |method, path, access, handler| Route { method, path, access, handler };
    // Until there are scopes, whoever may see the tree sees all of it, passwords too.
    let tree = Access::Role(Role::Admin);
    let [admin, manager, user] = [Role::Admin, Role::Manager, Role::User].map(Access::Role);
    vec![
        route(Method::GET, "/", Anyone, || get(web::assets::home)),
        route(Method::GET, "/cweb", Anyone, || get(web::assets::home)),
        route(Method::GET, "/cweb/", Anyone, || get(web::assets::index)),
        route(Method::GET, "/cweb/assets/img/avatar/{file}", user, || get(web::avatar::avatar)),
        route(Method::GET, "/cweb/{*path}", Anyone, || get(web::assets::asset)),
        route(Method::GET, "/healthz", Anyone, || get(web::health::alive)),
        route(Method::GET, "/readyz", Anyone, || get(web::health::ready)),
        route(Method::GET, "/metrics", LocalOrAdmin, || get(web::health::metrics)),
        route(Method::POST, "/api/v1", Access::EachMessage, || {
            post(message::message).layer(DefaultBodyLimit::max(envelope::LONGEST))
        }),
        route(Method::GET, SOCKET, Access::EachMessage, || get(socket::open)),
        route(Method::GET, "/api/v1/ws/metrics", Access::Role(Role::Admin), || get(socket::metrics)),
        route(Method::POST, "/api/v2/session", Anyone, || post(rest::session::sign_in)),
        route(Method::GET, "/api/v2/session", Access::Role(Role::User), || get(rest::session::who)),
        route(Method::DELETE, "/api/v2/session", Access::Role(Role::User), || {
            delete(rest::session::sign_out)
        }),
        route(Method::GET, "/api/v2/tokens", Access::Role(Role::User), || get(rest::tokens::own)),
        route(Method::POST, "/api/v2/tokens", Access::Role(Role::User), || post(rest::tokens::add_own)),
        route(Method::DELETE, "/api/v2/tokens/{token}", Access::Role(Role::User), || {
            delete(rest::tokens::remove_own)
        }),
        // Everybody has their own; that others' are for admins is decided where it is done.
        route(Method::GET, "/api/v2/web-users/{user}/tokens", Access::Role(Role::User), || {
            get(rest::tokens::list)
        }),
        route(Method::POST, "/api/v2/web-users/{user}/tokens", Access::Role(Role::User), || {
            post(rest::tokens::add)
        }),
        route(Method::DELETE, "/api/v2/web-users/{user}/tokens/{token}", Access::Role(Role::User), || {
            delete(rest::tokens::remove)
        }),
        route(Method::GET, "/api/v2/status", Access::Role(Role::User), || get(rest::status::status)),
        route(Method::GET, "/api/v2/dashboard", admin, || get(rest::dashboard::dashboard)),
        route(Method::GET, "/api/v2/settings", admin, || get(rest::settings::show)),
        route(Method::PATCH, "/api/v2/settings", admin, || patch(rest::settings::change)),
        route(Method::GET, "/api/v2/web-settings", admin, || get(rest::web_settings::show)),
        route(Method::PATCH, "/api/v2/web-settings", admin, || patch(rest::web_settings::change)),
        route(Method::GET, "/api/v2/audit", admin, || get(rest::audit::list)),
        route(Method::GET, "/api/v2/web-users", admin, || get(rest::web_users::list)),
        route(Method::POST, "/api/v2/web-users", admin, || post(rest::web_users::create)),
        route(Method::GET, "/api/v2/web-users/{user}", user, || get(rest::web_users::one)),
        route(Method::PATCH, "/api/v2/web-users/{user}", user, || patch(rest::web_users::patch)),
        route(Method::DELETE, "/api/v2/web-users/{user}", admin, || delete(rest::web_users::delete)),
        route(Method::PUT, "/api/v2/web-users/{user}/password", user, || put(rest::web_users::password)),
        route(Method::GET, "/api/v2/web-users/{user}/avatar", user, || get(rest::web_users::avatar)),
        route(Method::PUT, "/api/v2/web-users/{user}/avatar", user, || {
            // One byte more than a picture may have, so that a longer one is refused with the reason.
            put(rest::web_users::put_avatar).layer(DefaultBodyLimit::max(LONGEST_AVATAR + 1))
        }),
        route(Method::DELETE, "/api/v2/web-users/{user}/avatar", user, || {
            delete(rest::web_users::delete_avatar)
        }),
        route(Method::GET, "/api/v2/templates", manager, || get(rest::templates::list)),
        route(Method::POST, "/api/v2/templates", admin, || post(rest::templates::create)),
        route(Method::GET, "/api/v2/templates/{template}", admin, || get(rest::templates::one)),
        route(Method::PATCH, "/api/v2/templates/{template}", admin, || patch(rest::templates::patch)),
        route(Method::DELETE, "/api/v2/templates/{template}", admin, || delete(rest::templates::delete)),
        route(Method::GET, "/api/v2/templates/{template}/form", manager, || get(rest::templates::form)),
        route(Method::POST, "/api/v2/templates/{template}/users", manager, || {
            post(rest::templates::create_user)
        }),
        route(Method::POST, "/api/v2/templates/{template}/params", admin, || {
            post(rest::templates::create_param)
        }),
        route(Method::POST, "/api/v2/templates/{template}/variables", admin, || {
            post(rest::templates::create_variable)
        }),
        route(Method::PATCH, "/api/v2/templates/{template}/{list}/{item}", admin, || {
            patch(rest::templates::patch_field)
        }),
        route(Method::DELETE, "/api/v2/templates/{template}/{list}/{item}", admin, || {
            delete(rest::templates::delete_field)
        }),
        route(Method::GET, switches::ALL, admin, || get(switches::list)),
        route(Method::GET, switches::ONE, admin, || get(switches::one)),
        route(Method::PUT, switches::EVENT_SOCKET, admin, || put(switches::put_event_socket)),
        route(Method::DELETE, switches::EVENT_SOCKET, admin, || delete(switches::delete_event_socket)),
        route(Method::POST, switches::RECONNECT, admin, || post(switches::reconnect)),
        route(Method::GET, switches::DOCTOR, admin, || get(switches::doctor)),
        route(Method::POST, switches::IMPORT, admin, || post(switches::import)),
        route(Method::GET, switches::live::ROWS, admin, || get(switches::live::rows)),
        route(Method::GET, switches::commands::LIST, admin, || get(switches::commands::list)),
        route(Method::POST, switches::commands::RUN, admin, || post(switches::commands::run)),
        route(Method::POST, switches::commands::CLI, admin, || post(switches::commands::cli)),
        route(Method::GET, switches::commands::CLI, admin, || get(switches::commands::history)),
        route(Method::GET, switches::log::LOG, Access::Role(switches::log::ROLE), || get(switches::log::log)),
        route(Method::GET, switches::effects::LIST, admin, || get(switches::effects::list)),
        route(Method::GET, switches::effects::OFFERS, admin, || get(switches::effects::offers)),
        route(Method::POST, switches::effects::ACCEPT, admin, || post(switches::effects::accept)),
        route(Method::POST, switches::effects::DISMISS, admin, || post(switches::effects::dismiss)),
        route(Method::GET, "/api/v2/instances", admin, || get(rest::instances::list)),
        route(Method::POST, "/api/v2/instances", admin, || post(rest::instances::create)),
        route(Method::GET, "/api/v2/instances/{instance}", admin, || get(rest::instances::one)),
        route(Method::PUT, "/api/v2/instances/{instance}", admin, || put(rest::instances::put)),
        route(Method::PATCH, "/api/v2/instances/{instance}", admin, || patch(rest::instances::patch)),
        route(Method::DELETE, "/api/v2/instances/{instance}", admin, || delete(rest::instances::delete)),
        route(Method::GET, "/api/v2/instances/{instance}/dialplan-settings", admin, || {
            get(rest::dialplan_settings::show)
        }),
        route(Method::PATCH, "/api/v2/instances/{instance}/dialplan-settings", admin, || {
            patch(rest::dialplan_settings::change)
        }),
        route(Method::GET, rest::dialplan_check::PATH, tree, || get(rest::dialplan_check::check)),
        route(Method::POST, rest::dialplan_simulate::PATH, tree, || post(rest::dialplan_simulate::simulate)),
        route(Method::GET, "/api/v2/instances/{instance}/tree", tree, || get(rest::tree::top)),
        route(Method::GET, "/api/v2/instances/{instance}/search", tree, || get(rest::search::search)),
        route(Method::POST, BULK, tree, || {
            post(rest::bulk::upsert).layer(DefaultBodyLimit::max(rest::bulk::LONGEST))
        }),
        route(Method::GET, "/api/v2/jobs/{job}", tree, || get(rest::bulk::job)),
        route(Method::DELETE, "/api/v2/jobs/{job}", tree, || delete(rest::bulk::end)),
        route(Method::GET, "/api/v2/instances/{instance}/users", tree, || get(rest::tree::users)),
        route(Method::GET, "/api/v2/instances/{instance}/nodes/{node}", tree, || get(rest::tree::node)),
        route(Method::GET, "/api/v2/instances/{instance}/nodes/{node}/children", tree, || {
            get(rest::tree::children)
        }),
        route(Method::GET, "/api/v2/instances/{instance}/nodes/{node}/subtree", tree, || {
            get(rest::tree::subtree)
        }),
        route(Method::GET, "/api/v2/instances/{instance}/revisions", tree, || get(rest::history::list)),
        route(Method::GET, REVISION, tree, || get(rest::history::one)),
        route(Method::POST, "/api/v2/instances/{instance}/revisions/{revision}:undo", tree, || {
            post(rest::history::undo)
        }),
        route(Method::POST, RESTORE, tree, || post(rest::history::restore)),
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
        let path = if route.path == SOCKET { &app.settings().socket.route } else { mounted(route.path) };
        router = router.route(path, (route.handler)().layer(rule));
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

/// Where a route is mounted. A verb behind a placeholder is a part of what stands in for it, and is looked at by the
/// handler: the router knows no placeholder that is only a part of a segment.
fn mounted(path: &'static str) -> &'static str {
    path.rfind("}:").map_or(path, |end| &path[..=end])
}

/// Ends what takes too long; a body that never ends must not hold a connection for ever.
async fn in_time(request: Request, next: Next) -> Response {
    let is_long = |route: &MatchedPath| [BULK, REVISION, RESTORE].contains(&route.as_str());
    let longest = if request.extensions().get().is_some_and(is_long) { LONGEST_BULK } else { LONGEST };
    match tokio::time::timeout(longest, next.run(request)).await {
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
