//! Reading and writing the file.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_path_to_error::Segment;

use super::env::{self, EnvError};
use super::{Config, Invalid, Secret, random_text};

/// A configuration with where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The values that count.
    pub config: Config,
    /// The file.
    pub path: PathBuf,
    /// The file was not there and has been written.
    pub created: bool,
    /// Keys whose value came from the environment.
    pub from_environment: Vec<String>,
}

impl Loaded {
    /// The defaults, for a server whose file is written only when its settings are changed.
    pub fn unsaved(data_dir: &Path) -> Self {
        Self {
            config: Config::default(),
            path: data_dir.join("config.json"),
            created: false,
            from_environment: Vec::new(),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("cannot read the configuration {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It cannot be written.
    #[error(
        "cannot write the configuration {path}; make the directory writable or name another file with --config"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not JSON, an unknown key or a wrong type.
    #[error("the configuration {path} is not valid: {key}{reason}")]
    Content {
        /// The file.
        path: PathBuf,
        /// The key with a colon, if it is about one.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A value that cannot be.
    #[error("the configuration {path} is not valid: {source}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The key and why.
        source: Invalid,
    },
    /// A value of the environment.
    #[error(transparent)]
    Env(#[from] EnvError),
}

/// How long the made-up password is: 137 bits.
const PASS_LENGTH: usize = 24;

/// Reads the file, and writes it with defaults if it is not there, or with a password for mod_xml_curl if it has
/// none. `variables` is the environment.
///
/// # Errors
/// The file and the key.
pub fn load(
    path: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let read = stored(path)?;
    let created = read.is_none();
    let mut stored = read.unwrap_or_default();
    // The values that count are those of the file with those of the environment over them; only the file's own are
    // ever written back.
    let mut effective = serde_json::to_value(&stored).unwrap_or_default();
    let from_environment = env::apply(&mut effective, variables)?;
    let mut config: Config = typed(path, effective)?;

    let mut write = created;
    // So the file has none either.
    if config.xml_curl_server.pass.is_empty() {
        let pass = Secret::new(random_text(PASS_LENGTH));
        stored.xml_curl_server.pass = pass.clone();
        config.xml_curl_server.pass = pass;
        write = true;
    }
    config.validate().map_err(|source| ConfigError::Invalid { path: path.to_owned(), source })?;
    if write {
        save(path, &stored)?;
    }
    Ok(Loaded { config, path: path.to_owned(), created, from_environment })
}

/// What the file itself holds; `None` when there is none.
pub(crate) fn stored(path: &Path) -> Result<Option<Config>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(path, &text).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Read { path: path.to_owned(), source }),
    }
}

/// A configuration from its JSON, which came from no file.
pub(crate) fn typed_value(value: Value) -> Result<Config, ConfigError> {
    typed(Path::new(""), value)
}

fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| ConfigError::Content {
        path: path.to_owned(),
        key: String::new(),
        reason: error.to_string(),
    })?;
    // An array would be taken for the fields in order.
    let known = serde_json::to_value(Config::default()).unwrap_or_default();
    if let Some((key, found)) = no_object(&known, &value, "") {
        let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
        let reason = format!("must be an object, not {}", kind(found));
        return Err(ConfigError::Content { path: path.to_owned(), key, reason });
    }
    // Files from before there was a choice are about PostgreSQL.
    if let Some(database) = value.get_mut("database").and_then(Value::as_object_mut)
        && !database.contains_key("engine")
        && (database.contains_key("host") || database.contains_key("name"))
    {
        database.insert("engine".into(), "postgres".into());
    }
    typed(path, value)
}

fn typed(path: &Path, value: Value) -> Result<Config, ConfigError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let key = error.path().to_string();
        let key = if key == "." { String::new() } else { format!("{key}: ") };
        let is_secret = error
            .path()
            .iter()
            .next_back()
            .is_some_and(|segment| matches!(segment, Segment::Map { key } if key == env::SECRET));
        // The message has the value in it.
        let reason = if is_secret { "must be a text".to_owned() } else { error.inner().to_string() };
        ConfigError::Content { path: path.to_owned(), key, reason }
    })
}

/// The first key, with its value, that should be an object as in `known` and is none.
fn no_object<'v>(known: &Value, value: &'v Value, key: &str) -> Option<(String, &'v Value)> {
    let known = known.as_object()?;
    let Some(object) = value.as_object() else { return Some((key.to_owned(), value)) };
    object.iter().find_map(|(name, value)| {
        let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        no_object(known.get(name)?, value, &key)
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Writes the file anew, readable for its owner only: whole or not at all.
///
/// # Errors
/// The file and why.
pub fn save(path: &Path, config: &Config) -> Result<(), ConfigError> {
    let failed = |source| ConfigError::Write { path: path.to_owned(), source };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory).map_err(failed)?;
    let mut text = serde_json::to_string_pretty(config).map_err(|error| failed(error.into()))?;
    text.push('\n');
    // The temporary file is made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Engine;

    fn load_text(text: &str) -> Result<Loaded, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        std::fs::write(&path, text).unwrap();
        load(&path, [])
    }

    fn error(text: &str) -> String {
        let message = load_text(text).unwrap_err().to_string();
        message.split_once("is not valid: ").unwrap().1.to_owned()
    }

    #[test]
    fn a_missing_file_is_written_for_its_owner_and_then_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/config.json");
        let first = load(&path, []).unwrap();
        assert!(first.created);
        assert_eq!(first.config.xml_curl_server.pass.reveal().len(), PASS_LENGTH);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = load(&path, []).unwrap();
        assert!(!again.created);
        assert_eq!(again.config, first.config);
    }

    #[test]
    fn values_of_the_environment_count_and_are_not_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        let environment = [("CUSTOMPBX__XML_CURL_SERVER__PASS".to_owned(), "geheim".to_owned())];
        let loaded = load(&path, environment).unwrap();
        assert_eq!(loaded.config.xml_curl_server.pass.reveal(), "geheim");
        assert_eq!(loaded.from_environment, ["xml_curl_server.pass"]);
        assert!(!std::fs::read_to_string(&path).unwrap().contains("geheim"));
    }

    #[test]
    fn an_empty_secret_of_the_environment_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        let made_up = load(&path, []).unwrap().config.xml_curl_server.pass;
        let before = std::fs::read_to_string(&path).unwrap();
        let empty = directory.path().join("empty");
        std::fs::write(&empty, "\n").unwrap();
        let file = empty.to_str().unwrap();
        for (name, value) in
            [("CUSTOMPBX__XML_CURL_SERVER__PASS", ""), ("CUSTOMPBX__XML_CURL_SERVER__PASS_FILE", file)]
        {
            let loaded = load(&path, [(name.to_owned(), value.to_owned())]).unwrap();
            assert_eq!(loaded.config.xml_curl_server.pass, made_up);
            assert!(loaded.from_environment.is_empty());
            assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
        }
    }

    #[test]
    fn errors_do_not_show_secrets() {
        for text in [
            r#"{"xml_curl_server": {"pass": 12345}}"#,
            r#"{"database": {"pass": ["12345"]}}"#,
            r#"{"freeswitch": {"esl": "12345"}}"#,
            r#"{"freeswitch": {"esl": {"pass": 12345}}}"#,
            r#"{"freeswitch": "12345"}"#,
            r#"["12345"]"#,
        ] {
            let message = error(text);
            assert!(!message.contains("12345") && message.contains("must be"), "{text}: {message}");
        }
        assert_eq!(error(r#"{"database": {"pass": 1}}"#), "database.pass: must be a text");
    }

    /// The documented file: no engine, ports that clash, fields that are not used.
    #[test]
    fn the_documented_file_is_read() {
        let text = r#"{"freeswitch":{"esl":{"host":"127.0.0.1","port":8021,"pass":"ClueCon","timeout":10,"collect_logs":7}},
            "webserver":{"route":"/ws","host":"127.0.0.1","port":8080,"stun_port":3478,"cert_path":"","key_path":""},
            "xml_curl_server":{"route":"/conf/config","host":"127.0.0.1","port":8081,"stun_port":0,"cert_path":"","key_path":""},
            "database":{"name":"custompbx","host":"127.0.0.1","port":5432,"user":"custompbx","pass":"custompbx"}}"#;
        let config = load_text(text).unwrap().config;
        assert_eq!(config.database.engine, Engine::Postgres);
        assert_eq!(config.webserver.stun_port, 3478);
    }

    #[test]
    fn how_long_users_may_be_kept() {
        let read = |text: &str| load_text(&format!(r#"{{"xml_curl_server": {{"cacheable": "{text}"}}}}"#));
        let kept = |text: &str| read(text).unwrap().config.xml_curl_server.cacheable;
        assert_eq!(kept(""), None);
        for text in ["true", "60000"] {
            assert_eq!(kept(text).unwrap().as_str(), text);
        }
        // What is written is what was read.
        for text in ["", "true", "60000"] {
            let config = read(text).unwrap().config;
            assert_eq!(serde_json::to_value(&config).unwrap()["xml_curl_server"]["cacheable"], text);
        }
        assert_eq!(
            error(r#"{"xml_curl_server": {"cacheable": "long"}}"#),
            "xml_curl_server.cacheable: \"long\" is neither \"true\" nor a number of milliseconds from 1 to 2147483; \
             leave it empty for not at all"
        );
        let directory = tempfile::tempdir().unwrap();
        let environment = [("CUSTOMPBX__XML_CURL_SERVER__CACHEABLE".to_owned(), "0".to_owned())];
        let refused = load(&directory.path().join("config.json"), environment).unwrap_err().to_string();
        assert!(refused.contains("xml_curl_server.cacheable: \"0\" is neither"), "{refused}");
    }

    #[test]
    fn errors_name_the_key() {
        assert_eq!(
            error(r#"{"webserver": {"port": "8080"}}"#),
            "webserver.port: invalid type: string \"8080\", expected u16"
        );
        assert!(error(r#"{"webserver": {"prot": 1}}"#).starts_with("webserver.prot: unknown field `prot`"));
        assert!(error(r#"{"webserver": {"port": 70000}}"#).starts_with("webserver.port: "));
        assert!(error(r#"{"xml_curl_server": {"allow": ["x"]}}"#).starts_with("xml_curl_server.allow[0]: "));
        assert!(error("{").starts_with("EOF while parsing"));
        assert_eq!(error("[]"), "must be an object, not a list");
        assert_eq!(error(r#"{"webserver": []}"#), "webserver: must be an object, not a list");
        assert_eq!(
            error(r#"{"freeswitch": {"esl": ["127.0.0.1", 8021, "x", 10, 0]}}"#),
            "freeswitch.esl: must be an object, not a list"
        );
        assert!(error(r#"{"webservers": []}"#).contains("unknown field `webservers`"));
        assert!(error(r#"{"webserver": {"host": "x y"}}"#).starts_with("webserver.host: "));
    }
}
