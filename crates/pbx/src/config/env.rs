//! Values from the environment: `CUSTOMPBX__DATABASE__PASS=...` is `database.pass`, and `..._FILE` names a file with
//! the value in it, for secrets.

use serde_json::Value;

/// What the names begin with.
const PREFIX: &str = "CUSTOMPBX__";
const FILE: &str = "_FILE";

/// Why a variable cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    /// No such key.
    #[error("the environment variable {0} names no key of the configuration")]
    Unknown(String),
    /// Of the wrong type.
    #[error("the environment variable {name} must be {expected}")]
    Type {
        /// The variable.
        name: String,
        /// What its value should be.
        expected: &'static str,
    },
    /// The file it names cannot be read.
    #[error("cannot read {path}, which the environment variable {name} names")]
    File {
        /// The variable.
        name: String,
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// What keys are called whose value is a secret. An empty one from the environment counts as not set: it is what
/// deployments leave there when they have none, and must not take the place of the file's.
pub(crate) const SECRET: &str = "pass";

/// Puts the values of `variables` into `config`, which has every key, and returns the keys that were set.
pub(super) fn apply(
    config: &mut Value,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Vec<String>, EnvError> {
    let mut set = Vec::new();
    for (name, text) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        let path = path.to_ascii_lowercase();
        let keys: Vec<&str> = path.split("__").collect();
        if let Some(target) = find(config, &keys) {
            if text.is_empty() && keys.last() == Some(&SECRET) {
                continue;
            }
            *target = typed(target, &name, text)?;
            set.push(keys.join("."));
            continue;
        }
        let Some(plain) = name.strip_prefix(PREFIX).and_then(|path| path.strip_suffix(FILE)) else {
            return Err(EnvError::Unknown(name));
        };
        let plain = plain.to_ascii_lowercase();
        let keys: Vec<&str> = plain.split("__").collect();
        let Some(target) = find(config, &keys) else { return Err(EnvError::Unknown(name)) };
        let content = std::fs::read_to_string(&text).map_err(|source| EnvError::File {
            name: name.clone(),
            path: text.clone(),
            source,
        })?;
        let content = content.trim_end_matches(['\r', '\n']);
        if content.is_empty() && keys.last() == Some(&SECRET) {
            continue;
        }
        *target = typed(target, &name, content.to_owned())?;
        set.push(keys.join("."));
    }
    Ok(set)
}

fn find<'a>(config: &'a mut Value, keys: &[&str]) -> Option<&'a mut Value> {
    let found = keys.iter().try_fold(config, |value, key| value.get_mut(*key))?;
    (!found.is_object()).then_some(found)
}

/// The text as what was there before.
fn typed(before: &Value, name: &str, text: String) -> Result<Value, EnvError> {
    let wrong = |expected| EnvError::Type { name: name.to_owned(), expected };
    Ok(match before {
        Value::Number(_) => Value::from(text.parse::<u64>().map_err(|_| wrong("a whole number"))?),
        Value::Bool(_) => Value::from(text.parse::<bool>().map_err(|_| wrong("true or false"))?),
        Value::Array(_) => {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
        }
        _ => Value::from(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply_to(config: &str, variables: &[(&str, &str)]) -> Result<Value, EnvError> {
        let mut config = serde_json::from_str(config).unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        apply(&mut config, variables).map(|_| config)
    }

    const CONFIG: &str = r#"{"a": {"port": 1, "on": true, "pass": "x", "list": ["1"]}}"#;

    #[test]
    fn values_take_the_type_of_the_key() {
        let set = apply_to(
            CONFIG,
            &[
                ("CUSTOMPBX__A__PORT", "2"),
                ("CUSTOMPBX__A__ON", "false"),
                ("CUSTOMPBX__A__LIST", "x, y"),
                ("PATH", "/"),
            ],
        );
        assert_eq!(set.unwrap().to_string(), r#"{"a":{"port":2,"on":false,"pass":"x","list":["x","y"]}}"#);
        let error = apply_to(CONFIG, &[("CUSTOMPBX__A__PORT", "many")]).unwrap_err();
        assert_eq!(error.to_string(), "the environment variable CUSTOMPBX__A__PORT must be a whole number");
        for unknown in ["CUSTOMPBX__A__PROT", "CUSTOMPBX__A", "CUSTOMPBX__B__FILE"] {
            assert!(matches!(apply_to(CONFIG, &[(unknown, "1")]), Err(EnvError::Unknown(_))), "{unknown}");
        }
    }

    #[test]
    fn secrets_from_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pass");
        std::fs::write(&path, "geheim\n").unwrap();
        let set = apply_to(CONFIG, &[("CUSTOMPBX__A__PASS_FILE", path.to_str().unwrap())]).unwrap();
        assert_eq!(set["a"]["pass"], "geheim");
        let error = apply_to(CONFIG, &[("CUSTOMPBX__A__PASS_FILE", "/nonexistent")]).unwrap_err();
        assert!(error.to_string().contains("/nonexistent"), "{error}");
    }
}
