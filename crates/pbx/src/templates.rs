//! Templates: what new users of a domain are made from, by those who need not know FreeSWITCH for it.

use custompbx_model::modules::directory::kinds::{DOMAIN, USER, USER_PARAM, USER_VAR};
use custompbx_model::{Node, NodeId, Text};
use custompbx_store::{
    Error as StoreError, FieldData, FieldKind, InstanceId, Role, Template, TemplateData, TemplateField,
    TemplateFieldId, TemplateId, WebUser,
};
use serde_json::Value;

use crate::Pbx;
use crate::config::random_text;
use crate::edit::By;
use crate::error::{Error, Result};
use crate::objects::Done;

/// Characters of a password that is made up.
const PASSWORD_LENGTH: usize = 10;
/// The longest name of a template, and of its label, in characters.
const LONGEST_NAME: usize = 100;
/// The longest text of a template, in bytes.
const LONGEST_TEXT: usize = 4096;

/// A template with what it is made of.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The template.
    pub template: Template,
    /// Its parameters.
    pub params: Vec<TemplateField>,
    /// Its variables.
    pub variables: Vec<TemplateField>,
}

/// A value for a parameter or a variable of a template.
#[derive(Clone)]
pub struct Given {
    /// Of which.
    pub id: TemplateFieldId,
    /// The value.
    pub value: String,
}

/// Why somebody may not use a template.
#[derive(Debug)]
pub enum NotUsed {
    /// Nobody knows which domain is theirs.
    NoDirectoryUser,
    /// It is another domain's, or disabled.
    NoAccess,
    /// Anything else.
    Error(Error),
}

impl<E: Into<Error>> From<E> for NotUsed {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl Pbx {
    /// The templates that somebody may use: an admin all of them, everybody else the enabled ones of the domain of
    /// their own user of the directory.
    ///
    /// # Errors
    /// [`NotUsed::NoDirectoryUser`], and those of the database.
    pub async fn templates_for(&self, acting: &WebUser) -> std::result::Result<Vec<Template>, NotUsed> {
        let all = self.store()?.templates().await?;
        if acting.role == Role::Admin {
            return Ok(all);
        }
        let domain = self.domain_of(acting).await?;
        let usable = |template: &Template| template.data.domain == domain && template.data.enabled;
        Ok(all.into_iter().filter(usable).collect())
    }

    /// A template for somebody who wants to use it.
    ///
    /// # Errors
    /// [`NotUsed`]; [`Error::NotFound`].
    pub async fn template_for(
        &self,
        acting: &WebUser,
        id: TemplateId,
    ) -> std::result::Result<Filled, NotUsed> {
        let domain = match acting.role {
            Role::Admin => None,
            _ => Some(self.domain_of(acting).await?),
        };
        let filled = self.template(id).await?;
        let data = &filled.template.data;
        if domain.is_some_and(|domain| domain != data.domain || !data.enabled) {
            return Err(NotUsed::NoAccess);
        }
        Ok(filled)
    }

    async fn domain_of(&self, acting: &WebUser) -> std::result::Result<NodeId, NotUsed> {
        let sip_user = acting.sip_id.ok_or(NotUsed::NoDirectoryUser)?;
        let instance = self.default_instance().await?;
        match self.object(instance.id, &USER, sip_user).await {
            Ok(user) => user.id_of(&DOMAIN).ok_or(NotUsed::NoDirectoryUser),
            Err(Error::NotFound { .. }) => Err(NotUsed::NoDirectoryUser),
            Err(error) => Err(error.into()),
        }
    }

    /// A template with what it is made of.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn template(&self, id: TemplateId) -> Result<Filled> {
        let store = self.store()?;
        let found = store.template(id).await?;
        let template = found.ok_or_else(|| Error::NotFound { what: "template", name: id.to_string() })?;
        let params = store.template_fields(id, FieldKind::Param).await?;
        let variables = store.template_fields(id, FieldKind::Variable).await?;
        Ok(Filled { template, params, variables })
    }

    /// Adds a template.
    ///
    /// # Errors
    /// [`Error::Taken`], [`Error::NotFound`] for the domain, [`Error::Field`] for what cannot be.
    pub async fn add_template(&self, by: &By, data: &TemplateData) -> Result<Template> {
        self.check_template(data).await?;
        let added = self.store()?.add_template(data, &by.author(self.now())).await;
        taken(added, "the template", &data.name)
    }

    /// Gives a template another content.
    ///
    /// # Errors
    /// Those of [`Pbx::add_template`]; [`Error::NotFound`].
    pub async fn update_template(&self, by: &By, id: TemplateId, data: &TemplateData) -> Result<Template> {
        self.check_template(data).await?;
        let updated = self.store()?.update_template(id, data, &by.author(self.now())).await;
        taken(updated, "the template", &data.name)
    }

    /// Removes a template.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete_template(&self, by: &By, id: TemplateId) -> Result<()> {
        Ok(self.store()?.delete_template(id, &by.author(self.now())).await?)
    }

    /// Adds a parameter or variable to a template.
    ///
    /// # Errors
    /// [`Error::Taken`], [`Error::NotFound`] for the template, [`Error::Field`] for what cannot be.
    pub async fn add_template_field(
        &self,
        by: &By,
        template: TemplateId,
        kind: FieldKind,
        data: &FieldData,
    ) -> Result<TemplateField> {
        check_field(kind, data)?;
        let author = by.author(self.now());
        let added = self.store()?.add_template_field(template, kind, data, &author).await;
        taken(added, kind.as_str(), &data.name)
    }

    /// Gives a parameter or variable another content.
    ///
    /// # Errors
    /// Those of [`Pbx::add_template_field`]; [`Error::NotFound`].
    pub async fn update_template_field(&self, by: &By, field: &TemplateField) -> Result<TemplateField> {
        let TemplateField { id, template, kind, data } = field;
        check_field(*kind, data)?;
        let author = by.author(self.now());
        let updated = self.store()?.update_template_field(*id, *kind, *template, data, &author).await;
        taken(updated, kind.as_str(), &data.name)
    }

    /// Removes a parameter or variable.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete_template_field(&self, by: &By, id: TemplateFieldId, kind: FieldKind) -> Result<()> {
        Ok(self.store()?.delete_template_field(id, kind, &by.author(self.now())).await?)
    }

    /// Makes a user of the directory, with its parameters and variables. A password is made up when nobody gives one.
    ///
    /// # Errors
    /// [`NotUsed`]; [`Error::Taken`] for the name, [`Error::Field`] for a value that cannot be, that is missing, or
    /// that the form does not give.
    pub async fn create_from_template(
        &self,
        by: &By,
        acting: &WebUser,
        id: TemplateId,
        name: &str,
        params: &[Given],
        variables: &[Given],
    ) -> std::result::Result<Done, NotUsed> {
        let filled = self.template_for(acting, id).await?;
        let data = &filled.template.data;
        let mut values = Vec::new();
        for (field, value) in [
            ("name", Value::from(name)),
            ("cache", data.cache.into()),
            ("cidr", data.cidr.as_str().into()),
            ("number_alias", data.number_alias.as_str().into()),
        ] {
            let field = USER.field(field).ok_or_else(|| wrong(field, "there is no such field".to_owned()))?;
            let text = field.parse(&value).map_err(|why| wrong(field.name, why.to_string()))?;
            values.push((field, text));
        }
        // No number of milliseconds is said by leaving it out.
        values.retain(|(field, text)| field.name != "cache" || text != "0");
        let mut params = fill(&filled.params, params)?;
        let has = |wanted: &str| params.iter().any(|(name, value)| name == wanted && !value.is_empty());
        if !has("password") && !has("a1-hash") {
            params.retain(|(name, _)| name != "password");
            params.push(("password".to_owned(), random_text(PASSWORD_LENGTH)));
        }
        let variables = fill(&filled.variables, variables)?;
        let mut user = Node::new(USER.tag);
        for (field, text) in &values {
            field.write(&mut user, text);
        }
        user.children.extend(list("params", "param", params));
        user.children.extend(list("variables", "variable", variables));
        let instance: InstanceId = self.default_instance().await?.id;
        Ok(self.add_node(instance, by, &USER, Some(data.domain), &user).await?)
    }

    async fn check_template(&self, data: &TemplateData) -> Result<()> {
        for (key, text) in [("name", &data.name), ("directory_name", &data.directory_name)] {
            if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
                let reason = format!("has at most {LONGEST_NAME} characters and no control characters");
                return Err(wrong(key, reason));
            }
        }
        if data.name.is_empty() {
            return Err(wrong("name", "must not be empty".to_owned()));
        }
        for (key, value) in [
            ("cache", Value::from(data.cache)),
            ("cidr", data.cidr.as_str().into()),
            ("number_alias", data.number_alias.as_str().into()),
        ] {
            let field = USER.field(key).map(|field| field.parse(&value));
            if let Some(Err(why)) = field {
                return Err(wrong(key, why.to_string()));
            }
        }
        let instance = self.default_instance().await?;
        self.object(instance.id, &DOMAIN, data.domain).await.map(drop)
    }
}

fn wrong(key: &str, reason: String) -> Error {
    Error::Field { key: key.to_owned(), reason }
}

fn taken<T>(result: std::result::Result<T, StoreError>, what: &'static str, name: &str) -> Result<T> {
    match result {
        Err(StoreError::Conflict { .. }) => Err(Error::Taken { what, name: name.to_owned() }),
        result => Ok(result?),
    }
}

/// As a parameter or variable of a user would be checked.
fn check_field(kind: FieldKind, data: &FieldData) -> Result<()> {
    let of = match kind {
        FieldKind::Param => &USER_PARAM,
        FieldKind::Variable => &USER_VAR,
    };
    for (key, text) in [("name", &data.name), ("value", &data.value)] {
        if let Some(Err(why)) = of.field(key).map(|field| field.parse(&text.as_str().into())) {
            return Err(wrong(key, why.to_string()));
        }
    }
    for (key, text) in [("description", &data.description), ("placeholder", &data.placeholder)] {
        if text.len() > LONGEST_TEXT || text.contains('\0') {
            return Err(wrong(key, format!("has at most {LONGEST_TEXT} bytes, and no zero byte")));
        }
    }
    Ok(())
}

/// Names and values for a new user: the template's own, or what was given for those that the form changes.
fn fill(fields: &[TemplateField], given: &[Given]) -> Result<Vec<(String, String)>> {
    let enabled: Vec<&TemplateField> = fields.iter().filter(|field| field.data.enabled).collect();
    for Given { id, value } in given {
        let Some(field) = enabled.iter().find(|field| field.id == *id) else {
            return Err(wrong(&id.to_string(), "is no value of this template".to_owned()));
        };
        let data = &field.data;
        if !(data.editable && data.show) && *value != data.value {
            return Err(wrong(&data.name, "is not to be changed".to_owned()));
        }
        check_field(field.kind, &FieldData { value: value.clone(), ..data.clone() })?;
    }
    let mut filled = Vec::new();
    for field in enabled {
        let given = given.iter().rev().find(|given| given.id == field.id);
        let value = given.map_or(&field.data.value, |given| &given.value);
        if field.data.required && value.is_empty() {
            return Err(wrong(&field.data.name, "must have a value".to_owned()));
        }
        filled.push((field.data.name.clone(), value.clone()));
    }
    Ok(filled)
}

fn list(tag: &str, item: &str, items: Vec<(String, String)>) -> Option<Node> {
    let node = |(name, value): (String, String)| {
        Node::new(item).with("name", Text::from(name)).with("value", Text::from(value))
    };
    (!items.is_empty()).then(|| Node::new(tag).containing(items.into_iter().map(node)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(id: i64, name: &str, value: &str, editable: bool, required: bool) -> TemplateField {
        TemplateField {
            id: TemplateFieldId(id),
            template: TemplateId(1),
            kind: FieldKind::Param,
            data: FieldData {
                name: name.to_owned(),
                value: value.to_owned(),
                editable,
                show: true,
                required,
                enabled: true,
                ..FieldData::default()
            },
        }
    }

    fn given(id: i64, value: &str) -> Given {
        Given { id: TemplateFieldId(id), value: value.to_owned() }
    }

    #[test]
    fn a_form_changes_only_what_it_may() {
        let fields = [field(1, "a", "1", true, false), field(2, "b", "2", false, false)];
        let filled = |given: &[Given]| fill(&fields, given).map_err(|error| error.to_string());
        let pairs = |a: &str, b: &str| Ok(vec![("a".into(), a.into()), ("b".into(), b.into())]);
        assert_eq!(filled(&[]), pairs("1", "2"));
        assert_eq!(filled(&[given(1, "x"), given(2, "2")]), pairs("x", "2"));
        assert_eq!(filled(&[given(2, "x")]), Err("b: is not to be changed".into()));
        assert_eq!(filled(&[given(3, "x")]), Err("3: is no value of this template".into()));
        assert!(filled(&[given(1, "\0")]).is_err());
    }

    #[test]
    fn what_is_required_has_a_value() {
        let fields = [field(1, "a", "", true, true)];
        assert_eq!(fill(&fields, &[]).unwrap_err().to_string(), "a: must have a value");
        assert!(fill(&fields, &[given(1, "x")]).is_ok());
        let mut disabled = fields;
        disabled[0].data.enabled = false;
        assert!(fill(&disabled, &[]).unwrap().is_empty());
    }
}
