//! REST: `/api/v2`.

pub(crate) mod audit;
pub(crate) mod bulk;
pub(crate) mod dashboard;
pub(crate) mod dialplan_check;
pub(crate) mod dialplan_settings;
pub(crate) mod dialplan_simulate;
pub(crate) mod element;
pub(crate) mod history;
pub(crate) mod instances;
mod object;
pub(crate) mod schema;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod switches;
pub(crate) mod templates;
pub(crate) mod tokens;
pub(crate) mod tree;
pub(crate) mod web_settings;
pub(crate) mod web_users;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use custompbx_pbx::By;
use custompbx_store::WebUser;

use crate::problem::Problem;

/// Who changes something by REST.
pub(crate) fn by(user: &WebUser) -> By {
    By { actor: user.login.clone(), origin: "rest".to_owned() }
}

/// A body that came, or did not.
pub(crate) type Sent<T> = Result<Json<object::Object<T>>, JsonRejection>;

/// The body, or the problem with it.
pub(crate) fn body<T>(sent: Sent<T>) -> Result<T, Problem> {
    match sent {
        Ok(Json(object::Object(body))) => Ok(body),
        Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
    }
}

/// A name in the path.
pub(crate) type Named = Result<Path<String>, PathRejection>;

/// The name in the path, or the problem with it.
pub(crate) fn name(path: Named) -> Result<String, Problem> {
    match path {
        Ok(Path(name)) => Ok(name),
        Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
    }
}

/// The parameters of a query, or the problem with them.
pub(crate) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    match query {
        Ok(Query(query)) => Ok(query),
        Err(rejection) => {
            Err(Problem::new(StatusCode::BAD_REQUEST, rejection.body_text()).code("bad-parameter"))
        }
    }
}

/// A name as one segment of a path.
pub(crate) fn segment(name: &str) -> String {
    let mut segment = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}
