//! Settings of the interface: where the call records are that it shows.

use std::collections::BTreeMap;

use crate::Pbx;
use crate::edit::By;
use crate::error::{Error, Result};

/// Whether a value can be one of a setting's.
type Check = fn(&str) -> bool;

/// The settings there are, with what their values look like.
const KNOWN: [(&str, Check, &str); 4] = [
    ("cdr_module", is_module, "auto, cdr_pg_csv or odbc_cdr"),
    ("cdr_table", is_table, "the name of a table, such as cdr or public.cdr"),
    ("cdr_file_serve_column", is_identifier, "the name of a column"),
    ("cdr_file_server_path", is_directory, "the absolute path of a directory"),
];

fn is_module(value: &str) -> bool {
    matches!(value, "auto" | "cdr_pg_csv" | "odbc_cdr")
}

fn is_table(value: &str) -> bool {
    value.split('.').count() <= 2 && value.split('.').all(is_identifier)
}

/// It becomes a part of a query.
fn is_identifier(value: &str) -> bool {
    value.len() <= 63
        && value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_directory(value: &str) -> bool {
    value.len() <= 4096
        && value.starts_with('/')
        && !value.contains(char::is_control)
        && !value.split('/').any(|part| part == "..")
}

impl Pbx {
    /// The values of these settings of the default instance; empty where there is none.
    ///
    /// # Errors
    /// [`Error::Field`] for a name that is none.
    pub async fn web_settings(&self, names: &[&str]) -> Result<BTreeMap<String, String>> {
        names.iter().try_for_each(|name| known(name).map(drop))?;
        let instance = self.default_instance().await?;
        let mut stored = self.store()?.instance_settings(instance.id).await?;
        let value = |name: &&str| ((*name).to_owned(), stored.remove(*name).unwrap_or_default());
        Ok(names.iter().map(value).collect())
    }

    /// The names of all settings.
    pub fn web_setting_names(&self) -> Vec<&'static str> {
        KNOWN.iter().map(|(name, ..)| *name).collect()
    }

    /// Saves settings of the default instance, all or none; an empty value is none.
    ///
    /// # Errors
    /// [`Error::Field`] for a name that is none, or a value that cannot be.
    pub async fn save_web_settings(&self, by: &By, settings: &BTreeMap<String, String>) -> Result<()> {
        for (name, value) in settings {
            let (check, expected) = known(name)?;
            if !value.is_empty() && !check(value) {
                return Err(Error::Field { key: name.clone(), reason: format!("must be {expected}") });
            }
        }
        let instance = self.default_instance().await?;
        let author = by.author(self.now());
        Ok(self.store()?.set_instance_settings(instance.id, "web_setting.save", settings, &author).await?)
    }
}

fn known(name: &str) -> Result<(Check, &'static str)> {
    let found = KNOWN.iter().find(|(known, ..)| *known == name);
    let unknown = || {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
        Error::Field { key: shown, reason: "there is no such setting".to_owned() }
    };
    found.map(|(_, check, expected)| (*check, *expected)).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        assert!(is_table("cdr") && is_table("public.cdr_1"));
        for bad in ["", "cdr; DROP TABLE x", "a.b.c", "a b", "1a", "\"a\"", "a."] {
            assert!(!is_table(bad), "{bad}");
        }
        assert!(is_directory("/var/lib/recordings"));
        for bad in ["", "recordings", "/a/../etc", "/a\u{0}"] {
            assert!(!is_directory(bad), "{bad:?}");
        }
    }
}
