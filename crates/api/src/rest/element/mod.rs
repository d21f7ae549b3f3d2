//! The tree by natural keys: `/api/v2/instances/{instance}/{*address}`.
//!
//! [`request`] reads what was asked, [`answer`] writes what is given; the decisions are those of
//! [`custompbx_pbx::element`].

mod answer;
mod describe;
mod media;
mod request;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, extract::rejection::QueryRejection};
use custompbx_pbx::Error;
use custompbx_pbx::account::Session;
use custompbx_pbx::element::{Element, Found, Refused};
use custompbx_store::{InstanceId, Role, WebUser};

use super::by;
use crate::App;
use crate::access::{permit, scope};
use crate::etag::Tags;
use crate::problem::Problem;
pub(crate) use answer::REVISION;
use answer::refused;
pub(crate) use describe::{OPERATIONS, schemas};
pub(crate) use media::Media;
use request::{Asked, Parameters, Verb};
pub(crate) use request::{faults, wrong_parameter};

/// The longest body, in bytes.
pub(crate) const LONGEST: usize = 1024 * 1024;

type Pairs = Result<Query<Vec<(String, String)>>, QueryRejection>;
type Body = Result<Bytes, BytesRejection>;

async fn instance(app: &App, asked: &Asked) -> Result<InstanceId, Error> {
    Ok(app.pbx().instance(&asked.instance).await?.id)
}

pub(crate) async fn get(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let asked = Asked::read(&uri)?;
    let parameters = Parameters::read(pairs)?;
    let media = Media::accepted(&headers)?;
    let instance = instance(&app, &asked).await?;
    match app.pbx().find(instance, &asked.address).await? {
        Found::Element(element) if parameters.is_list() => {
            list(&app, instance, &asked, (&element, None), &parameters, media, &headers).await
        }
        Found::Element(element) => show(&app, instance, &asked, &element, &parameters, media, &headers).await,
        Found::Collection(of) => {
            list(&app, instance, &asked, (&of.of, Some(of.name)), &parameters, media, &headers).await
        }
        Found::Missing(missing) => {
            let what = custompbx_pbx::element::describe_missing(&missing);
            Err(refused(Refused::Missing(what), &asked))
        }
    }
}

async fn show(
    app: &App,
    instance: InstanceId,
    asked: &Asked,
    element: &Element,
    parameters: &Parameters,
    media: Media,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let depth = if media == Media::Xml { 0 } else { parameters.depth.unwrap_or(1) };
    let shown = app.pbx().show(instance, element, depth).await?.map_err(|why| refused(why, asked))?;
    let tag = answer::element_tag(&shown, asked, parameters, media);
    answer::check(headers, Some(&shown.version), asked)?;
    if Tags::of(headers, &header::IF_NONE_MATCH)?.is_some_and(|known| known.has(&tag)) {
        return Ok(answer::not_modified(&tag));
    }
    let mut response = match media {
        Media::Json => answer::json(&answer::view(&shown.view, &asked.base())),
        Media::Xml => {
            let whole = match shown.whole {
                Some(whole) => whole,
                None => app.pbx().whole(element).await?.map_err(|why| refused(why, asked))?,
            };
            answer::xml(&whole)?
        }
    };
    answer::set_tag(&mut response, &tag);
    Ok(response)
}

async fn list(
    app: &App,
    instance: InstanceId,
    asked: &Asked,
    (of, collection): (&Element, Option<&'static str>),
    parameters: &Parameters,
    media: Media,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    if media == Media::Xml {
        let detail =
            "a collection has no XML of its own; ask for application/json, or for the element around it";
        return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
    }
    let found = app.pbx().list(instance, of, collection, &parameters.query()).await?;
    let listing = found.map_err(|why| refused(why, asked))?;
    let tag = answer::list_tag(&listing, asked, parameters);
    if Tags::of(headers, &header::IF_NONE_MATCH)?.is_some_and(|known| known.has(&tag)) {
        return Ok(answer::not_modified(&tag));
    }
    let mut response = answer::json(&answer::page(&listing, asked));
    answer::set_tag(&mut response, &tag);
    Ok(response)
}

pub(crate) async fn put(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    uri: Uri,
    headers: HeaderMap,
    pairs: Pairs,
    body: Body,
) -> Result<Response, Problem> {
    let asked = Asked::read(&uri)?;
    Parameters::read(pairs)?.none()?;
    let media = Media::accepted(&headers)?;
    let condition = request::condition(&headers)?;
    let (body, notes) = request::body(&headers, body)?;
    let instance = instance(&app, &asked).await?;
    let written = app.pbx().put(instance, &by(&user), &asked.address, &body, &condition).await?;
    answer::written(written.map_err(|why| refused(why, &asked))?, notes, &asked, media)
}

pub(crate) async fn patch(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    uri: Uri,
    headers: HeaderMap,
    pairs: Pairs,
    body: Body,
) -> Result<Response, Problem> {
    let asked = Asked::read(&uri)?;
    Parameters::read(pairs)?.none()?;
    let media = Media::accepted(&headers)?;
    let condition = request::condition(&headers)?;
    let patch = request::patch(&headers, body)?;
    let instance = instance(&app, &asked).await?;
    let written = app.pbx().patch(instance, &by(&user), &asked.address, &patch, &condition).await?;
    answer::written(written.map_err(|why| refused(why, &asked))?, Vec::new(), &asked, media)
}

pub(crate) async fn delete(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    uri: Uri,
    headers: HeaderMap,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let asked = Asked::read(&uri)?;
    Parameters::read(pairs)?.none()?;
    let condition = request::condition(&headers)?;
    let instance = instance(&app, &asked).await?;
    let removed = app.pbx().remove(instance, &by(&user), &asked.address, &condition).await?;
    let removed = removed.map_err(|why| refused(why, &asked))?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(revision) = removed.edited.revision {
        response.headers_mut().insert(REVISION, HeaderValue::from(revision.0));
    }
    Ok(response)
}

/// Adds to a collection, or does what the verb at the end of the path says.
pub(crate) async fn post(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    uri: Uri,
    headers: HeaderMap,
    pairs: Pairs,
    body: Body,
) -> Result<Response, Problem> {
    let (asked, verb) = Asked::read_with_verb(&uri)?;
    let parameters = Parameters::read(pairs)?;
    let media = Media::accepted(&headers)?;
    let by = by(&session.user);
    let (written, notes) = match verb {
        Some(Verb::Move) => {
            parameters.none()?;
            let condition = request::condition(&headers)?;
            let destination = request::destination(&headers, body, &asked)?;
            if let Some(to) = &destination.to {
                // A token for one section moves nothing into another.
                let path = format!("{}{to}", asked.base());
                permit(&session, Role::Admin, scope(&Method::POST, &path))?;
            }
            let instance = instance(&app, &asked).await?;
            let moved = app.pbx().relocate(instance, &by, &asked.address, &destination, &condition).await?;
            (moved, Vec::new())
        }
        None => {
            let place = parameters.place()?;
            let (body, notes) = request::body(&headers, body)?;
            let instance = instance(&app, &asked).await?;
            (app.pbx().create(instance, &by, &asked.address, &body, &place).await?, notes)
        }
    };
    answer::written(written.map_err(|why| refused(why, &asked))?, notes, &asked, media)
}
