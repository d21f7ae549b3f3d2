//! Templates of users: kept by admins, used by managers too.

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

use super::{Body, Named, body, by};
use crate::App;
use crate::openapi::{self, Answer, JSON, Operation, object};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v2/templates",
        id: "listTemplates",
        tag: "templates",
        summary: "The templates that one may use",
        answers: &[Answer { schema: "Templates", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "POST",
        path: "/api/v2/templates",
        id: "createTemplate",
        tag: "templates",
        summary: "A new template",
        body: Some(openapi::Body { schema: "TemplateInput", media: &[JSON], example: "" }),
        answers: &[Answer {
            status: 201,
            description: "It was made.",
            schema: "Template",
            headers: &["Location"],
            ..Answer::OK
        }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/templates/{template}",
        id: "getTemplate",
        tag: "templates",
        summary: "A template with its values",
        answers: &[Answer { schema: "TemplateWhole", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "PATCH",
        path: "/api/v2/templates/{template}",
        id: "patchTemplate",
        tag: "templates",
        summary: "Change a template",
        body: Some(openapi::Body { schema: "TemplateInput", media: &[JSON], example: "" }),
        answers: &[Answer { schema: "Template", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "DELETE",
        path: "/api/v2/templates/{template}",
        id: "deleteTemplate",
        tag: "templates",
        summary: "Delete a template",
        answers: &[Answer { status: 204, description: "It is done.", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/templates/{template}/form",
        id: "getTemplateForm",
        tag: "templates",
        summary: "What is to be filled in",
        answers: &[Answer { schema: "TemplateForm", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "POST",
        path: "/api/v2/templates/{template}/users",
        id: "createUserFromTemplate",
        tag: "templates",
        summary: "A new user of the directory",
        body: Some(openapi::Body {
            schema: "NewUserFromTemplate",
            media: &[JSON],
            example: r#"{"name": "1001", "params": [{"id": 1, "value": "a secret"}]}"#,
        }),
        answers: &[Answer {
            status: 201,
            description: "It was made.",
            schema: "DirectoryUserOfTemplate",
            ..Answer::OK
        }],
        ..Operation::GET
    },
    Operation {
        method: "POST",
        path: "/api/v2/templates/{template}/params",
        id: "createTemplateParam",
        tag: "templates",
        summary: "A parameter more",
        body: Some(openapi::Body { schema: "TemplateFieldInput", media: &[JSON], example: "" }),
        answers: &[Answer {
            status: 201,
            description: "It was made.",
            schema: "TemplateField",
            headers: &["Location"],
            ..Answer::OK
        }],
        ..Operation::GET
    },
    Operation {
        method: "POST",
        path: "/api/v2/templates/{template}/variables",
        id: "createTemplateVariable",
        tag: "templates",
        summary: "A variable more",
        body: Some(openapi::Body { schema: "TemplateFieldInput", media: &[JSON], example: "" }),
        answers: &[Answer {
            status: 201,
            description: "It was made.",
            schema: "TemplateField",
            headers: &["Location"],
            ..Answer::OK
        }],
        ..Operation::GET
    },
    Operation {
        method: "PATCH",
        path: "/api/v2/templates/{template}/{list}/{item}",
        id: "patchTemplateField",
        tag: "templates",
        summary: "Change a parameter or a variable",
        body: Some(openapi::Body { schema: "TemplateFieldInput", media: &[JSON], example: "" }),
        answers: &[Answer { schema: "TemplateField", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "DELETE",
        path: "/api/v2/templates/{template}/{list}/{item}",
        id: "deleteTemplateField",
        tag: "templates",
        summary: "Delete a parameter or a variable",
        answers: &[Answer { status: 204, description: "It is done.", ..Answer::OK }],
        ..Operation::GET
    },
];

type Shown = Result<Json<Value>, Problem>;
type Created = Result<(StatusCode, HeaderMap, Json<Value>), Problem>;

pub(crate) fn schemas() -> Value {
    let (text, flag, number) =
        (json!({ "type": "string" }), json!({ "type": "boolean" }), json!({ "type": "integer" }));
    let own = json!({
        "name": text, "domain_id": number, "directory_name": text, "cache": { "type": "integer", "minimum": 0 },
        "cidr": text, "number_alias": text, "enabled": flag,
    });
    let field = json!({
        "name": text, "value": text, "description": text, "placeholder": text,
        "editable": flag, "show": flag, "required": flag, "enabled": flag,
    });
    let with = |properties: &Value, more: Value| {
        let mut all = more.as_object().cloned().unwrap_or_default();
        all.extend(properties.as_object().cloned().unwrap_or_default());
        Value::Object(all)
    };
    let fields =
        |of: &str| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{of}") } });
    let given =
        json!({ "type": "array", "items": object(json!({ "id": number, "value": text }), &["id", "value"]) });
    let shown = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    let in_form = json!({
        "id": number, "name": text, "value": text, "description": text, "editable": flag, "required": flag,
    });
    let lists = |of: &str| json!({ "id": number, "params": fields(of), "variables": fields(of) });
    json!({
        "Templates": openapi::list_of("Template"),
        "Template": shown(with(&own, json!({ "id": number })), &["id", "name"]),
        "TemplateWhole": shown(with(&own, lists("TemplateField")), &["id", "name", "params", "variables"]),
        "TemplateForm": shown(with(&lists("FormField"), json!({ "name": text })), &["id", "name", "params", "variables"]),
        "FormField": shown(in_form, &["id", "name"]),
        "TemplateField": shown(with(&field, json!({ "id": number })), &["id", "name"]),
        "TemplateInput": object(own, &[]),
        "TemplateFieldInput": object(field, &[]),
        "NewUserFromTemplate": object(json!({ "name": text, "params": given, "variables": given }), &["name"]),
        "DirectoryUserOfTemplate": { "type": "object", "description": "As in the message GetDirectoryUsers." },
    })
}

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

pub(crate) async fn list(State(app): State<App>, Extension(user): Extension<WebUser>) -> Shown {
    let usable = app.pbx().templates_for(&user).await.map_err(not_used)?;
    let items: Vec<Value> = usable.iter().map(shown).collect();
    Ok(Json(json!({ "items": items })))
}

pub(crate) async fn one(State(app): State<App>, path: Named) -> Shown {
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
    new: Body,
) -> Created {
    let empty = TemplateData { enabled: true, ..TemplateData::default() };
    let added = app.pbx().add_template(&by(&user), &body::<Wanted>(new)?.over(empty)).await?;
    Ok(created(&format!("/api/v2/templates/{}", added.id), shown(&added)))
}

pub(crate) async fn patch(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    wanted: Body,
) -> Shown {
    let (id, wanted) = (id(path)?, body::<Wanted>(wanted)?);
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
pub(crate) async fn form(State(app): State<App>, Extension(user): Extension<WebUser>, path: Named) -> Shown {
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
    new: Body,
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
    new: Body,
) -> Created {
    create_field(&app, &user, id(path)?, FieldKind::Param, body(new)?).await
}

pub(crate) async fn create_variable(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    new: Body,
) -> Created {
    create_field(&app, &user, id(path)?, FieldKind::Variable, body(new)?).await
}

pub(crate) async fn patch_field(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    wanted: Body,
) -> Shown {
    let old = find_field(&app, path).await?;
    let field = TemplateField { data: body::<WantedField>(wanted)?.over(old.data), ..old };
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
