//! Templates of users: kept by admins, used by managers too.
//!
//! The messages about parameters and those about variables do the same; the name tells which.

use custompbx_model::NodeId;
use custompbx_model::modules::directory::kinds::DOMAIN;
use custompbx_pbx::Error;
use custompbx_pbx::templates::{Given, NotUsed};
use custompbx_store::{
    FieldData, FieldKind, Template, TemplateData, TemplateField, TemplateFieldId, TemplateId,
};
use serde_json::{Map, Value, json};

use crate::messages::dispatch::Asked;
use crate::messages::fields::Fields;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};

const NO_ID: Refusal = Refusal::new("no_id", "no id");
const NO_NAME: Refusal = Refusal::new("no_name", "no name");
const NO_NAME_OR_PARENT: Refusal = Refusal::new("no_name", "no name or parent id");
const CANNOT_GET: Refusal = Refusal::new("not_found", "can't get");
const CANNOT_ADD: Refusal = Refusal::new("cannot_add", "can't add");
const CANNOT_DELETE: Refusal = Refusal::new("cannot_delete", "can't del");

/// All templates.
pub(crate) async fn all(asked: Asked<'_>) -> Outcome {
    let all = asked.app.pbx().store()?.templates().await.map_err(Error::from)?;
    Ok(by_id(&all))
}

/// Those that the caller may use.
pub(crate) async fn usable(asked: Asked<'_>) -> Outcome {
    let usable = asked.app.pbx().templates_for(&asked.caller()?.session.user).await;
    Ok(by_id(&usable.map_err(not_used)?))
}

/// A new template.
pub(crate) async fn add(asked: Asked<'_>) -> Outcome {
    let data = content(&asked)?;
    if data.text("name").unwrap_or_default().is_empty() {
        return Err(NO_NAME.into());
    }
    let template = template(data)?;
    let added = asked.app.pbx().add_template(&asked.by()?, &template).await;
    Ok(data_of(shown(&added.map_err(|error| refused(error, &CANNOT_GET))?)))
}

/// Another content.
pub(crate) async fn update(asked: Asked<'_>) -> Outcome {
    let data = content(&asked)?;
    let id = TemplateId(data.id("id").map_err(|_| NO_ID)?);
    if data.text("name").unwrap_or_default().is_empty() {
        return Err(Refusal::WRONG_DATA.into());
    }
    let template = template(data)?;
    let updated = asked.app.pbx().update_template(&asked.by()?, id, &template).await;
    Ok(data_of(shown(&updated.map_err(|error| refused(error, &CANNOT_GET))?)))
}

/// On or off. What is sent is how it is, as the client sees it, and not how it is to be.
pub(crate) async fn switch(asked: Asked<'_>) -> Outcome {
    let data = content(&asked)?;
    let id = TemplateId(data.id("id").map_err(|_| NO_ID)?);
    let enabled = !data.flag("enabled")?;
    let pbx = asked.app.pbx();
    let filled = pbx.template(id).await.map_err(|error| refused(error, &CANNOT_GET))?;
    let data = TemplateData { enabled, ..filled.template.data };
    let updated = pbx.update_template(&asked.by()?, id, &data).await;
    Ok(data_of(shown(&updated.map_err(|error| refused(error, &CANNOT_GET))?)))
}

/// Gone, with its parameters and variables.
pub(crate) async fn delete(asked: Asked<'_>) -> Outcome {
    let id = asked.data.id("id").map_err(|_| NO_ID)?;
    let deleted = asked.app.pbx().delete_template(&asked.by()?, TemplateId(id)).await;
    deleted.map_err(|error| refused(error, &CANNOT_GET))?;
    Ok(Reply::empty().with("id", id))
}

/// The parameters or variables of a template.
pub(crate) async fn fields(asked: Asked<'_>) -> Outcome {
    let id = TemplateId(asked.data.id("id").map_err(|_| NO_ID)?);
    let filled = asked.app.pbx().template(id).await.map_err(|error| refused(error, &CANNOT_GET))?;
    let fields = match kind(&asked) {
        FieldKind::Param => filled.params,
        FieldKind::Variable => filled.variables,
    };
    let shown: Map<String, Value> =
        fields.iter().map(|field| (field.id.to_string(), shown_field(field).into())).collect();
    Ok(data_of(shown))
}

/// A new parameter or variable.
pub(crate) async fn add_field(asked: Asked<'_>) -> Outcome {
    let data = content(&asked)?;
    let template = parent(data).filter(|_| !data.text("name").unwrap_or_default().is_empty());
    let template = template.ok_or(NO_NAME_OR_PARENT)?;
    let field = field(data)?;
    let added = asked.app.pbx().add_template_field(&asked.by()?, template, kind(&asked), &field).await;
    Ok(data_of(shown_field(&added.map_err(|error| refused(error, &CANNOT_ADD))?)))
}

/// Another content.
pub(crate) async fn update_field(asked: Asked<'_>) -> Outcome {
    let data = content(&asked)?;
    let id = TemplateFieldId(data.id("id").map_err(|_| NO_ID)?);
    let template = parent(data).filter(|_| !data.text("name").unwrap_or_default().is_empty());
    let template = template.ok_or(Refusal::WRONG_DATA)?;
    let field = TemplateField { id, template, kind: kind(&asked), data: field(data)? };
    let updated = asked.app.pbx().update_template_field(&asked.by()?, &field).await;
    Ok(data_of(shown_field(&updated.map_err(|error| refused(error, &CANNOT_GET))?)))
}

/// On or off, as with templates.
pub(crate) async fn switch_field(asked: Asked<'_>) -> Outcome {
    let data = content(&asked)?;
    let id = TemplateFieldId(data.id("id").map_err(|_| NO_ID)?);
    let enabled = !data.flag("enabled")?;
    let pbx = asked.app.pbx();
    let found = pbx.store()?.template_field(id, kind(&asked)).await.map_err(Error::from)?;
    let mut field = found.ok_or(CANNOT_GET)?;
    field.data.enabled = enabled;
    let updated = pbx.update_template_field(&asked.by()?, &field).await;
    Ok(data_of(shown_field(&updated.map_err(|error| refused(error, &CANNOT_GET))?)))
}

/// Gone.
pub(crate) async fn delete_field(asked: Asked<'_>) -> Outcome {
    let id = asked.data.id("id").map_err(|_| NO_ID)?;
    let kind = kind(&asked);
    let deleted = asked.app.pbx().delete_template_field(&asked.by()?, TemplateFieldId(id), kind).await;
    deleted.map_err(|error| refused(error, &CANNOT_DELETE))?;
    Ok(Reply::empty().with("id", id))
}

/// What is to be filled in.
pub(crate) async fn form(asked: Asked<'_>) -> Outcome {
    let id = TemplateId(asked.data.id("id").map_err(|_| NO_ID)?);
    let filled = asked.app.pbx().template_for(&asked.caller()?.session.user, id).await.map_err(not_used)?;
    let shown = |fields: &[TemplateField]| -> Vec<Value> {
        let shown = fields.iter().filter(|field| field.data.show && field.data.enabled);
        shown.map(shown_in_form).collect()
    };
    Ok(data_of(json!({
        "id": id,
        "name": filled.template.data.name,
        "variables": shown(&filled.variables),
        "parameters": shown(&filled.params),
    })))
}

/// A new user of the directory.
pub(crate) async fn create_user(asked: Asked<'_>) -> Outcome {
    let data = content(&asked)?;
    let id = TemplateId(data.id("id").map_err(|_| NO_ID)?);
    let name = data.needed("name").map_err(|_| NO_NAME)?;
    let (params, variables) = (given(data, "parameters")?, given(data, "variables")?);
    let (by, acting) = (asked.by()?, &asked.caller()?.session.user);
    let created = asked.app.pbx().create_from_template(&by, acting, id, name, &params, &variables).await;
    match created {
        Ok(done) => Ok(data_of(done.object.members())),
        Err(NotUsed::Error(Error::Taken { .. })) => Err(Refusal { code: "exists", ..CANNOT_ADD }.into()),
        Err(NotUsed::Error(Error::Invalid(_))) => Err(Refusal::new("invalid", "error while adding").into()),
        Err(not) => Err(not_used(not)),
    }
}

/// The object that most of these messages carry in their data.
fn content<'a>(asked: &Asked<'a>) -> Result<Fields<'a>, Refusal> {
    asked.data.object("data").ok_or(Refusal::WRONG_DATA)
}

fn kind(asked: &Asked<'_>) -> FieldKind {
    if asked.name.contains("Variable") { FieldKind::Variable } else { FieldKind::Param }
}

fn parent(data: Fields<'_>) -> Option<TemplateId> {
    data.object("parent").and_then(|parent| parent.id("id").ok()).map(TemplateId)
}

fn template(data: Fields<'_>) -> Result<TemplateData, Refusal> {
    let domain = data.object("domain").ok_or(Refusal::WRONG_DATA)?;
    let domain = domain.id("id").map_err(|_| Refusal::WRONG_DATA)?;
    let cache = match data.get("cache") {
        None | Some(Value::Null) => 0,
        Some(_) => data.number("cache").filter(|cache| *cache >= 0).ok_or(Refusal::WRONG_DATA)?,
    };
    Ok(TemplateData {
        name: text(data, "name")?,
        domain: NodeId(domain),
        directory_name: text(data, "directory_name")?,
        cache,
        cidr: text(data, "cidr")?,
        number_alias: text(data, "number_alias")?,
        enabled: flag(data, "enabled")?,
    })
}

fn field(data: Fields<'_>) -> Result<FieldData, Refusal> {
    Ok(FieldData {
        name: text(data, "name")?,
        value: text(data, "value")?,
        description: text(data, "description")?,
        placeholder: text(data, "placeholder")?,
        editable: flag(data, "editable")?,
        show: flag(data, "show")?,
        required: flag(data, "required")?,
        enabled: flag(data, "enabled")?,
    })
}

/// What is left out is empty, as these messages carry the whole object.
fn text(data: Fields<'_>, name: &str) -> Result<String, Refusal> {
    match data.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(_) => data.text(name).map(str::to_owned).ok_or(Refusal::WRONG_DATA),
    }
}

fn flag(data: Fields<'_>, name: &str) -> Result<bool, Refusal> {
    match data.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(_) => data.flag(name),
    }
}

/// Values by the ids of what they are for.
fn given(data: Fields<'_>, name: &str) -> Result<Vec<Given>, Refusal> {
    let items = match data.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(items) => items.as_array().ok_or(Refusal::WRONG_DATA)?,
    };
    let read = |item: &Value| {
        let item = Fields::of(item.as_object()?);
        Some(Given { id: TemplateFieldId(item.id("id").ok()?), value: item.text("value")?.to_owned() })
    };
    items.iter().map(|item| read(item).ok_or(Refusal::WRONG_DATA)).collect()
}

/// A value that cannot be is wrong data; for the rest of what can be refused there is one text.
fn refused(error: Error, text: &Refusal) -> Stop {
    match error {
        Error::Field { .. } => Refusal::WRONG_DATA.into(),
        Error::Taken { .. } => Refusal { code: "exists", ..text.clone() }.into(),
        Error::NotFound { .. } => Refusal { code: "not_found", ..text.clone() }.into(),
        error => error.into(),
    }
}

fn not_used(not: NotUsed) -> Stop {
    match not {
        NotUsed::NoDirectoryUser => Refusal::new("no_directory_user", "no directory sip user").into(),
        NotUsed::NoAccess => Refusal::new("no_access", "no access").into(),
        NotUsed::Error(error) => refused(error, &CANNOT_GET),
    }
}

fn data_of(data: impl Into<Value>) -> Reply {
    Reply::empty().with("data", data)
}

fn by_id(templates: &[Template]) -> Reply {
    let shown: Map<String, Value> =
        templates.iter().map(|template| (template.id.to_string(), shown(template).into())).collect();
    data_of(shown)
}

/// What is nothing is left out.
fn shown(template: &Template) -> Map<String, Value> {
    let data = &template.data;
    let members = [
        ("id", json!(template.id)),
        ("name", json!(data.name)),
        ("cache", json!(data.cache)),
        ("cidr", json!(data.cidr)),
        ("number_alias", json!(data.number_alias)),
        ("enabled", json!(data.enabled)),
        ("directory_name", json!(data.directory_name)),
        ("domain", DOMAIN.reference(data.domain.0).into()),
    ];
    without_nothing(members)
}

fn shown_field(field: &TemplateField) -> Map<String, Value> {
    let data = &field.data;
    let members = [
        ("id", json!(field.id)),
        ("enabled", json!(data.enabled)),
        ("name", json!(data.name)),
        ("value", json!(data.value)),
        ("description", json!(data.description)),
        ("placeholder", json!(data.placeholder)),
        ("editable", json!(data.editable)),
        ("show", json!(data.show)),
        ("required", json!(data.required)),
        ("parent", json!({"id": field.template})),
    ];
    let mut shown = without_nothing(members);
    // Of a variable this is never left out.
    if field.kind == FieldKind::Variable {
        shown.insert("enabled".to_owned(), data.enabled.into());
    }
    shown
}

fn without_nothing<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let is_nothing = |value: &Value| *value == json!(0) || *value == json!("") || *value == json!(false);
    let kept = members.into_iter().filter(|(_, value)| !is_nothing(value));
    kept.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn shown_in_form(field: &TemplateField) -> Value {
    let data = &field.data;
    let name = if data.placeholder.is_empty() { &data.name } else { &data.placeholder };
    json!({
        "id": field.id,
        "name": name,
        "value": data.value,
        "description": data.description,
        "editable": data.editable,
        "required": data.required,
    })
}
