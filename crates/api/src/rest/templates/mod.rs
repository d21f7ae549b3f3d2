//! Templates of users: kept by admins, used by managers too.

mod describe;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use custompbx_model::NodeId;
use custompbx_pbx::Error;
use custompbx_pbx::templates::{Filled, Given, NotUsed};
use custompbx_store::{
    FieldData, FieldKind, Template, TemplateData, TemplateField, TemplateFieldId, TemplateId, WebUser,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Named, Sent, body, by};
pub(crate) use describe::{OPERATIONS, schemas};

use crate::App;
use crate::problem::Problem;

type Answer = Result<Json<Value>, Problem>;
type Created = Result<(StatusCode, HeaderMap, Json<Value>), Problem>;

/// What of a template is to be otherwise; of a new one, what it holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    name: Option<String>,
    domain_id: Option<i64>,
    directory_name: Option<String>,
    cache: Option<u32>,
    cidr: Option<String>,
    number_alias: Option<String>,
    enabled: Option<bool>,
}

impl Wanted {
    fn over(self, old: TemplateData) -> TemplateData {
        TemplateData {
            name: self.name.map_or(old.name, |name| name.trim().to_owned()),
            domain: self.domain_id.map_or(old.domain, NodeId),
            directory_name: self.directory_name.unwrap_or(old.directory_name),
            cache: self.cache.map_or(old.cache, i64::from),
            cidr: self.cidr.unwrap_or(old.cidr),
            number_alias: self.number_alias.unwrap_or(old.number_alias),
            enabled: self.enabled.unwrap_or(old.enabled),
        }
    }
}

/// The same of a parameter or a variable.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedField {
    name: Option<String>,
    value: Option<String>,
    description: Option<String>,
    placeholder: Option<String>,
    editable: Option<bool>,
    show: Option<bool>,
    required: Option<bool>,
    enabled: Option<bool>,
}

impl WantedField {
    fn over(self, old: FieldData) -> FieldData {
        FieldData {
            name: self.name.map_or(old.name, |name| name.trim().to_owned()),
            value: self.value.unwrap_or(old.value),
            description: self.description.unwrap_or(old.description),
            placeholder: self.placeholder.unwrap_or(old.placeholder),
            editable: self.editable.unwrap_or(old.editable),
            show: self.show.unwrap_or(old.show),
            required: self.required.unwrap_or(old.required),
            enabled: self.enabled.unwrap_or(old.enabled),
        }
    }
}

/// A new user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    name: String,
    #[serde(default)]
    params: Vec<GivenValue>,
    #[serde(default)]
    variables: Vec<GivenValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenValue {
    id: i64,
    value: String,
}

impl From<GivenValue> for Given {
    fn from(GivenValue { id, value }: GivenValue) -> Self {
        Self { id: TemplateFieldId(id), value }
    }
}

pub(crate) async fn list(State(app): State<App>, Extension(user): Extension<WebUser>) -> Answer {
    let usable = app.pbx().templates_for(&user).await.map_err(not_used)?;
    let items: Vec<Value> = usable.iter().map(shown).collect();
    Ok(Json(json!({ "items": items })))
}

pub(crate) async fn one(State(app): State<App>, path: Named) -> Answer {
    let filled = app.pbx().template(id(path)?).await?;
    let list = |fields: &[TemplateField]| fields.iter().map(shown_field).collect::<Vec<Value>>();
    let mut whole = shown(&filled.template);
    whole["params"] = list(&filled.params).into();
    whole["variables"] = list(&filled.variables).into();
    Ok(Json(whole))
}

pub(crate) async fn create(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    new: Sent<Wanted>,
) -> Created {
    let empty = TemplateData { enabled: true, ..TemplateData::default() };
    let added = app.pbx().add_template(&by(&user), &body(new)?.over(empty)).await?;
    Ok(created(&format!("/api/v2/templates/{}", added.id), shown(&added)))
}

pub(crate) async fn patch(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    wanted: Sent<Wanted>,
) -> Answer {
    let (id, wanted) = (id(path)?, body(wanted)?);
    let old = app.pbx().template(id).await?.template.data;
    let updated = app.pbx().update_template(&by(&user), id, &wanted.over(old)).await?;
    Ok(Json(shown(&updated)))
}

pub(crate) async fn delete(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
) -> Result<StatusCode, Problem> {
    app.pbx().delete_template(&by(&user), id(path)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is to be filled in, without the values that are nobody's business.
pub(crate) async fn form(State(app): State<App>, Extension(user): Extension<WebUser>, path: Named) -> Answer {
    let Filled { template, params, variables } =
        app.pbx().template_for(&user, id(path)?).await.map_err(not_used)?;
    let list = |fields: &[TemplateField]| {
        let shown = fields.iter().filter(|field| field.data.show && field.data.enabled);
        shown.map(shown_in_form).collect::<Vec<Value>>()
    };
    Ok(Json(json!({
        "id": template.id,
        "name": template.data.name,
        "params": list(&params),
        "variables": list(&variables),
    })))
}

pub(crate) async fn create_user(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    new: Sent<NewUser>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (id, NewUser { name, params, variables }) = (id(path)?, body(new)?);
    let given = |values: Vec<GivenValue>| values.into_iter().map(Given::from).collect::<Vec<_>>();
    let (params, variables) = (given(params), given(variables));
    let created =
        app.pbx().create_from_template(&by(&user), &user, id, name.trim(), &params, &variables).await;
    Ok((StatusCode::CREATED, Json(Value::Object(created.map_err(not_used)?.object.members()))))
}

pub(crate) async fn create_param(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    new: Sent<WantedField>,
) -> Created {
    create_field(&app, &user, id(path)?, FieldKind::Param, body(new)?).await
}

pub(crate) async fn create_variable(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    new: Sent<WantedField>,
) -> Created {
    create_field(&app, &user, id(path)?, FieldKind::Variable, body(new)?).await
}

pub(crate) async fn patch_field(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    wanted: Sent<WantedField>,
) -> Answer {
    let old = find_field(&app, path).await?;
    let field = TemplateField { data: body(wanted)?.over(old.data), ..old };
    let updated = app.pbx().update_template_field(&by(&user), &field).await?;
    Ok(Json(shown_field(&updated)))
}

pub(crate) async fn delete_field(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Result<Path<(String, String, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let field = find_field(&app, path).await?;
    app.pbx().delete_template_field(&by(&user), field.id, field.kind).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn create_field(
    app: &App,
    user: &WebUser,
    template: TemplateId,
    kind: FieldKind,
    wanted: WantedField,
) -> Created {
    let empty = FieldData { enabled: true, ..FieldData::default() };
    let added = app.pbx().add_template_field(&by(user), template, kind, &wanted.over(empty)).await?;
    let location = format!("/api/v2/templates/{template}/{}/{}", list_of(kind), added.id);
    Ok(created(&location, shown_field(&added)))
}

async fn find_field(
    app: &App,
    path: Result<Path<(String, String, String)>, PathRejection>,
) -> Result<TemplateField, Problem> {
    let Path((template, list, item)) =
        path.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let kind = [FieldKind::Param, FieldKind::Variable].into_iter().find(|kind| list_of(*kind) == list);
    let missing = || Problem::from(Error::NotFound { what: "value of a template", name: item.clone() });
    let (kind, id) = kind.zip(item.parse().ok().map(TemplateFieldId)).ok_or_else(missing)?;
    let found = app.pbx().store()?.template_field(id, kind).await.map_err(Error::from)?;
    found.filter(|field| field.template.to_string() == template).ok_or_else(missing)
}

fn list_of(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Param => "params",
        FieldKind::Variable => "variables",
    }
}

fn id(path: Named) -> Result<TemplateId, Problem> {
    let name = super::name(path)?;
    let missing = || Error::NotFound { what: "template", name: name.clone() };
    Ok(TemplateId(name.parse().map_err(|_| missing())?))
}

fn created(location: &str, shown: Value) -> (StatusCode, HeaderMap, Json<Value>) {
    let mut headers = HeaderMap::new();
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    (StatusCode::CREATED, headers, Json(shown))
}

fn not_used(not: NotUsed) -> Problem {
    match not {
        NotUsed::NoDirectoryUser => Problem::new(
            StatusCode::CONFLICT,
            "you are not linked to a user of the directory, so nobody knows which domain is yours",
        ),
        NotUsed::NoAccess => {
            Problem::new(StatusCode::FORBIDDEN, "this template is another domain's, or disabled")
        }
        NotUsed::Error(error) => error.into(),
    }
}

fn shown(template: &Template) -> Value {
    let TemplateData { name, domain, directory_name, cache, cidr, number_alias, enabled } = &template.data;
    json!({
        "id": template.id,
        "name": name,
        "domain_id": domain,
        "directory_name": directory_name,
        "cache": cache,
        "cidr": cidr,
        "number_alias": number_alias,
        "enabled": enabled,
    })
}

fn shown_field(field: &TemplateField) -> Value {
    let FieldData { name, value, description, placeholder, editable, show, required, enabled } = &field.data;
    json!({
        "id": field.id,
        "name": name,
        "value": value,
        "description": description,
        "placeholder": placeholder,
        "editable": editable,
        "show": show,
        "required": required,
        "enabled": enabled,
    })
}

fn shown_in_form(field: &TemplateField) -> Value {
    let FieldData { name, value, description, placeholder, editable, required, .. } = &field.data;
    let label = if placeholder.is_empty() { name } else { placeholder };
    json!({
        "id": field.id,
        "name": label,
        "value": value,
        "description": description,
        "editable": editable,
        "required": required,
    })
}
