//! Templates: what new users of a domain are made from.
//!
//! A template goes with the node of its domain: one whose domain is gone is none, and is one again when an undo brings
//! the domain back.

use std::fmt;

use custompbx_model::NodeId;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::audit::{Act, note};
use crate::edit::Author;
use crate::engine::{Row, Tx, Value, is_taken};
use crate::error::{Error, Result};

/// Identifies a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateId(pub i64);

/// Identifies a parameter or a variable of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateFieldId(pub i64);

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TemplateFieldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a template holds beside its parameters and variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateData {
    /// No other has the same.
    pub name: String,
    /// The domain's node.
    pub domain: NodeId,
    /// For people.
    pub directory_name: String,
    /// The attribute `cacheable` of new users, in milliseconds; 0: none.
    pub cache: i64,
    /// The attribute `cidr` of new users; may be empty.
    pub cidr: String,
    /// The attribute `number-alias` of new users; may be empty.
    pub number_alias: String,
    /// Whether users can be made from it.
    pub enabled: bool,
}

/// A template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// What it holds.
    pub data: TemplateData,
}

/// Whether something is a parameter or a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A parameter.
    Param,
    /// A variable.
    Variable,
}

impl FieldKind {
    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Param => "param",
            Self::Variable => "variable",
        }
    }
}

/// What a parameter or a variable of a template holds.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FieldData {
    /// No other of the same kind has the same in the template.
    pub name: String,
    /// The value, if nobody gives another one. It may be a password.
    pub value: String,
    /// For people who fill in the form.
    pub description: String,
    /// What the form shows in the place of the name; may be empty.
    pub placeholder: String,
    /// Whether the form may change it.
    pub editable: bool,
    /// Whether the form shows it.
    pub show: bool,
    /// Whether it must have a value.
    pub required: bool,
    /// Whether new users get it.
    pub enabled: bool,
}

impl fmt::Debug for FieldData {
    /// Without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldData({:?})", self.name)
    }
}

/// A parameter or a variable of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateField {
    /// Its id.
    pub id: TemplateFieldId,
    /// Of which template.
    pub template: TemplateId,
    /// What it is.
    pub kind: FieldKind,
    /// What it holds.
    pub data: FieldData,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, domain_id, directory_name, cache, cidr, number_alias, enabled FROM template ",
            "WHERE EXISTS (SELECT 1 FROM node WHERE node.id = template.domain_id)",
            $rest
        )
    };
}
macro_rules! select_field {
    ($rest:literal) => {
        concat!(
            "SELECT id, template_id, kind, name, value, description, placeholder, editable, shown, required, ",
            "enabled FROM template_field ",
            $rest
        )
    };
}

const ALL: &str = select!(" ORDER BY id");
const BY_ID: &str = select!(" AND id = $1");
const FIELDS: &str = select_field!("WHERE template_id = $1 AND kind = $2 ORDER BY id");
const FIELD: &str = select_field!("WHERE id = $1 AND kind = $2");
const INSERT: &str = "INSERT INTO template (id, name, domain_id, directory_name, cache, cidr, number_alias, enabled) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE: &str = "UPDATE template SET name = $2, domain_id = $3, directory_name = $4, cache = $5, cidr = $6, \
                      number_alias = $7, enabled = $8 WHERE id = $1";
const INSERT_FIELD: &str = "INSERT INTO template_field (id, template_id, kind, name, value, description, placeholder, \
                            editable, shown, required, enabled) \
                            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const UPDATE_FIELD: &str = "UPDATE template_field SET template_id = $2, kind = $3, name = $4, value = $5, \
                            description = $6, placeholder = $7, editable = $8, shown = $9, required = $10, \
                            enabled = $11 WHERE id = $1";

fn read(row: &Row) -> Result<Template> {
    Ok(Template {
        id: TemplateId(row.int(0)?),
        data: TemplateData {
            name: row.text(1)?.to_owned(),
            domain: NodeId(row.int(2)?),
            directory_name: row.text(3)?.to_owned(),
            cache: row.int(4)?,
            cidr: row.text(5)?.to_owned(),
            number_alias: row.text(6)?.to_owned(),
            enabled: row.bool(7)?,
        },
    })
}

fn read_field(row: &Row) -> Result<TemplateField> {
    let kind = if row.text(2)? == FieldKind::Param.as_str() { FieldKind::Param } else { FieldKind::Variable };
    Ok(TemplateField {
        id: TemplateFieldId(row.int(0)?),
        template: TemplateId(row.int(1)?),
        kind,
        data: FieldData {
            name: row.text(3)?.to_owned(),
            value: row.text(4)?.to_owned(),
            description: row.text(5)?.to_owned(),
            placeholder: row.text(6)?.to_owned(),
            editable: row.bool(7)?,
            show: row.bool(8)?,
            required: row.bool(9)?,
            enabled: row.bool(10)?,
        },
    })
}

fn values(id: TemplateId, data: &TemplateData) -> [Value<'_>; 8] {
    [
        id.0.into(),
        data.name.as_str().into(),
        data.domain.0.into(),
        data.directory_name.as_str().into(),
        data.cache.into(),
        data.cidr.as_str().into(),
        data.number_alias.as_str().into(),
        data.enabled.into(),
    ]
}

fn field_values<'f>(
    id: TemplateFieldId,
    template: TemplateId,
    kind: FieldKind,
    data: &'f FieldData,
) -> [Value<'f>; 11] {
    [
        id.0.into(),
        template.0.into(),
        kind.as_str().into(),
        data.name.as_str().into(),
        data.value.as_str().into(),
        data.description.as_str().into(),
        data.placeholder.as_str().into(),
        data.editable.into(),
        data.show.into(),
        data.required.into(),
        data.enabled.into(),
    ]
}

impl Store {
    /// All templates, oldest first.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn templates(&self) -> Result<Vec<Template>> {
        self.read("list the templates").await?.rows(ALL, &[], read).await
    }

    /// The template with this id.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn template(&self, id: TemplateId) -> Result<Option<Template>> {
        let mut tx = self.read(format!("read template {id}")).await?;
        tx.row(BY_ID, &[id.0.into()]).await?.as_ref().map(read).transpose()
    }

    /// Adds a template.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the name is taken, [`Error::NotFound`] when there is no such domain.
    pub async fn add_template(&self, data: &TemplateData, author: &Author) -> Result<Template> {
        let mut tx = self.write(format!("add template {:?}", data.name)).await?;
        expect_node(&mut tx, data.domain).await?;
        make_room(&mut tx, &data.name).await?;
        let id = TemplateId(tx.next_ids("template", 1).await?);
        unless_taken(&mut tx, INSERT, &values(id, data)).await?;
        note(&mut tx, author, Act { action: "template.add", target: &data.name, detail: "" }).await?;
        tx.commit().await?;
        Ok(Template { id, data: data.clone() })
    }

    /// Gives a template another content.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such template or domain, [`Error::Conflict`] when the name is taken.
    pub async fn update_template(
        &self,
        id: TemplateId,
        data: &TemplateData,
        author: &Author,
    ) -> Result<Template> {
        let mut tx = self.write(format!("change template {id}")).await?;
        let before = find(&mut tx, id).await?;
        expect_node(&mut tx, data.domain).await?;
        if before.data.name != data.name {
            make_room(&mut tx, &data.name).await?;
        }
        unless_taken(&mut tx, UPDATE, &values(id, data)).await?;
        let detail = if before.data.name == data.name { "" } else { &data.name };
        let act = Act { action: "template.change", target: &before.data.name, detail };
        note(&mut tx, author, act).await?;
        tx.commit().await?;
        Ok(Template { id, data: data.clone() })
    }

    /// Removes a template with its parameters and variables.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such template.
    pub async fn delete_template(&self, id: TemplateId, author: &Author) -> Result<()> {
        let mut tx = self.write(format!("remove template {id}")).await?;
        let before = find(&mut tx, id).await?;
        tx.execute("DELETE FROM template_field WHERE template_id = $1", &[id.0.into()]).await?;
        tx.execute("DELETE FROM template WHERE id = $1", &[id.0.into()]).await?;
        let act = Act { action: "template.delete", target: &before.data.name, detail: "" };
        note(&mut tx, author, act).await?;
        tx.commit().await
    }

    /// The parameters or variables of a template, oldest first.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn template_fields(&self, id: TemplateId, kind: FieldKind) -> Result<Vec<TemplateField>> {
        let mut tx = self.read(format!("list what template {id} has")).await?;
        tx.rows(FIELDS, &[id.0.into(), kind.as_str().into()], read_field).await
    }

    /// A parameter or variable of a template.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn template_field(
        &self,
        id: TemplateFieldId,
        kind: FieldKind,
    ) -> Result<Option<TemplateField>> {
        let mut tx = self.read(format!("read {} {id} of a template", kind.as_str())).await?;
        let found = tx.row(FIELD, &[id.0.into(), kind.as_str().into()]).await?;
        found.as_ref().map(read_field).transpose()
    }

    /// Adds a parameter or variable.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such template, [`Error::Conflict`] when the name is taken.
    pub async fn add_template_field(
        &self,
        template: TemplateId,
        kind: FieldKind,
        data: &FieldData,
        author: &Author,
    ) -> Result<TemplateField> {
        let mut tx = self.write(format!("add a {} to template {template}", kind.as_str())).await?;
        let of = find(&mut tx, template).await?;
        let id = TemplateFieldId(tx.next_ids("template_field", 1).await?);
        unless_taken(&mut tx, INSERT_FIELD, &field_values(id, template, kind, data)).await?;
        let detail = format!("{} {} is added", kind.as_str(), data.name);
        note(&mut tx, author, Act { action: "template.change", target: &of.data.name, detail: &detail })
            .await?;
        tx.commit().await?;
        Ok(TemplateField { id, template, kind, data: data.clone() })
    }

    /// Gives a parameter or variable another content, and perhaps another template.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it or the template is not there, [`Error::Conflict`] when the name is taken.
    pub async fn update_template_field(
        &self,
        id: TemplateFieldId,
        kind: FieldKind,
        template: TemplateId,
        data: &FieldData,
        author: &Author,
    ) -> Result<TemplateField> {
        let mut tx = self.write(format!("change {} {id} of a template", kind.as_str())).await?;
        let before = find_field(&mut tx, id, kind).await?;
        find(&mut tx, before.template).await?;
        let of = find(&mut tx, template).await?;
        unless_taken(&mut tx, UPDATE_FIELD, &field_values(id, template, kind, data)).await?;
        let detail = format!("{} {} is changed", kind.as_str(), before.data.name);
        note(&mut tx, author, Act { action: "template.change", target: &of.data.name, detail: &detail })
            .await?;
        tx.commit().await?;
        Ok(TemplateField { id, template, kind, data: data.clone() })
    }

    /// Removes a parameter or variable.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there.
    pub async fn delete_template_field(
        &self,
        id: TemplateFieldId,
        kind: FieldKind,
        author: &Author,
    ) -> Result<()> {
        let mut tx = self.write(format!("remove {} {id} of a template", kind.as_str())).await?;
        let before = find_field(&mut tx, id, kind).await?;
        let of = find(&mut tx, before.template).await?;
        tx.execute("DELETE FROM template_field WHERE id = $1", &[id.0.into()]).await?;
        let detail = format!("{} {} is removed", kind.as_str(), before.data.name);
        note(&mut tx, author, Act { action: "template.change", target: &of.data.name, detail: &detail })
            .await?;
        tx.commit().await
    }
}

/// A template whose domain is gone keeps its name from nobody.
async fn make_room(tx: &mut Tx, name: &str) -> Result<()> {
    let sql = "DELETE FROM template WHERE name = $1 \
               AND NOT EXISTS (SELECT 1 FROM node WHERE node.id = template.domain_id)";
    tx.execute(sql, &[name.into()]).await.map(drop)
}

async fn expect_node(tx: &mut Tx, domain: NodeId) -> Result<()> {
    if tx.row("SELECT 1 FROM node WHERE id = $1", &[domain.0.into()]).await?.is_none() {
        return Err(missing(tx, "domain", domain.0));
    }
    Ok(())
}

async fn find(tx: &mut Tx, id: TemplateId) -> Result<Template> {
    match tx.row(BY_ID, &[id.0.into()]).await?.as_ref().map(read).transpose()? {
        Some(template) => Ok(template),
        None => Err(missing(tx, "template", id.0)),
    }
}

async fn find_field(tx: &mut Tx, id: TemplateFieldId, kind: FieldKind) -> Result<TemplateField> {
    let values = [id.0.into(), kind.as_str().into()];
    match tx.row(FIELD, &values).await?.as_ref().map(read_field).transpose()? {
        Some(field) => Ok(field),
        None => Err(missing(tx, kind.as_str(), id.0)),
    }
}

fn missing(tx: &Tx, what: &'static str, id: i64) -> Error {
    Error::NotFound { operation: tx.operation(), what, id: id.to_string() }
}

async fn unless_taken(tx: &mut Tx, sql: &'static str, values: &[Value<'_>]) -> Result<()> {
    match tx.execute(sql, values).await {
        Ok(_) => Ok(()),
        Err(error) if is_taken(&error) => {
            Err(Error::Conflict { operation: tx.operation(), what: "the name" })
        }
        Err(error) => Err(error),
    }
}
