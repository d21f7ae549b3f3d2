//! What somebody sent, put over what is saved.

use serde_json::{Map, Value};

use super::keys::{MASK, whole};
use crate::config::{self, Config, ConfigError, SECRET};
use crate::error::{Error, Result};

/// What came of it.
#[derive(Debug)]
pub(super) struct Merged {
    /// The new content of the file.
    pub(super) stored: Config,
    /// The keys that were sent with a value that counts.
    pub(super) named: Vec<String>,
    /// What was sent and is no key.
    pub(super) ignored: Vec<String>,
}

/// Puts `payload` over `stored`. `effective`: what counts, with the values of the environment.
pub(super) fn merge(
    stored: &Config,
    effective: &Config,
    payload: &Map<String, Value>,
    from_environment: &[String],
) -> Result<Merged> {
    let mut target = whole(stored);
    let mut merging =
        Merging { effective: whole(effective), from_environment, named: Vec::new(), ignored: Vec::new() };
    merging.put("", &mut target, payload)?;
    let Merging { named, ignored, .. } = merging;
    let mut new = config::typed_value(target).map_err(setting)?;
    // Nothing looks at these; a file that has none keeps none.
    keep_unset(&mut new.webserver.secure, stored.webserver.secure.as_ref());
    keep_unset(&mut new.xml_curl_server.secure, stored.xml_curl_server.secure.as_ref());
    keep_unset(&mut new.xml_curl_server.stun_port, stored.xml_curl_server.stun_port.as_ref());
    normalise(&mut new);
    Ok(Merged { stored: new, named, ignored })
}

fn keep_unset<T: PartialEq + Default>(new: &mut Option<T>, stored: Option<&T>) {
    if stored.is_none() && *new == Some(T::default()) {
        *new = None;
    }
}

struct Merging<'a> {
    effective: Value,
    from_environment: &'a [String],
    named: Vec<String>,
    ignored: Vec<String>,
}

impl Merging<'_> {
    fn put(&mut self, path: &str, target: &mut Value, payload: &Map<String, Value>) -> Result<()> {
        for (key, value) in payload {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match (target.get_mut(key), value) {
                (None, _) => self.ignored.push(path),
                (Some(section @ Value::Object(_)), Value::Object(members)) => {
                    self.put(&path, section, members)?;
                }
                (Some(Value::Object(_)), _) => {
                    return Err(Error::Field { key: path, reason: "must be an object".to_owned() });
                }
                // What some clients send for an empty list that they do not know.
                (Some(Value::Array(_)), Value::Null) => {}
                (Some(_), Value::String(mask)) if key == SECRET && mask == MASK => {}
                (Some(old), _) => self.value(path, old, value)?,
            }
        }
        Ok(())
    }

    fn value(&mut self, path: String, old: &mut Value, value: &Value) -> Result<()> {
        if self.from_environment.contains(&path) {
            let set = path.split('.').try_fold(&self.effective, |value, key| value.get(key));
            if set == Some(value) {
                return Ok(());
            }
            let variable = format!("CUSTOMPBX__{}", path.to_uppercase().replace('.', "__"));
            let reason = format!("comes from the environment ({variable}) and can be changed there only");
            return Err(Error::Field { key: path, reason });
        }
        old.clone_from(value);
        if let Value::String(text) = old
            && !path.ends_with(".pass")
        {
            *text = text.trim().to_owned();
        }
        self.named.push(path);
        Ok(())
    }
}

/// As the reference implementation does: a route begins with a slash, and what is 0 of times and sizes is the default.
fn normalise(config: &mut Config) {
    let defaults = Config::default().webserver;
    for route in [&mut config.webserver.route, &mut config.xml_curl_server.route] {
        if !route.is_empty() && !route.starts_with('/') {
            route.insert(0, '/');
        }
    }
    let web = &mut config.webserver;
    for (value, default) in [
        (&mut web.ws_write_timeout_seconds, defaults.ws_write_timeout_seconds),
        (&mut web.ws_read_timeout_seconds, defaults.ws_read_timeout_seconds),
        (&mut web.ws_ping_interval_seconds, defaults.ws_ping_interval_seconds),
    ] {
        if *value == 0 {
            *value = default;
        }
    }
    if web.websocket_queue_size == 0 {
        web.websocket_queue_size = defaults.websocket_queue_size;
    }
    web.websocket_queue_size = web.websocket_queue_size.min(1024);
}

/// The file is not to blame for what somebody sent.
fn setting(error: ConfigError) -> Error {
    match error {
        ConfigError::Content { key, reason, .. } => {
            Error::Field { key: key.trim_end_matches([':', ' ']).to_owned(), reason }
        }
        error => Error::NotSaved(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;
    use serde_json::json;

    fn stored() -> Config {
        let mut config = Config::default();
        config.freeswitch.switchname = "fs1".into();
        config.xml_curl_server.pass = Secret::new("geheim");
        config
    }

    fn put(payload: &Value) -> Result<Merged> {
        let environment = ["database.pass".to_owned(), "webserver.port".to_owned()];
        merge(&stored(), &stored(), payload.as_object().unwrap(), &environment)
    }

    #[test]
    fn what_is_not_sent_stays() {
        let merged =
            put(&json!({"webserver": {"host": " ::1 ", "route": "socket", "colour": 1}, "x": {}})).unwrap();
        let mut expected = stored();
        expected.webserver.host = "::1".into();
        expected.webserver.route = "/socket".into();
        assert_eq!(merged.stored, expected);
        assert_eq!(merged.ignored, ["webserver.colour", "x"]);
        assert_eq!(merged.named, ["webserver.host", "webserver.route"]);
    }

    #[test]
    fn a_mask_and_an_unknown_list_change_nothing() {
        let sent = json!({"xml_curl_server": {"pass": MASK, "secure": false, "stun_port": 0}, "webserver": {"allowed_origins": null}});
        assert_eq!(put(&sent).unwrap().stored, stored());
        let other = put(&json!({"xml_curl_server": {"pass": " new "}})).unwrap();
        assert_eq!(other.stored.xml_curl_server.pass.reveal(), " new ");
    }

    #[test]
    fn the_environment_is_not_changed_here() {
        put(&json!({"webserver": {"port": 8080}})).unwrap();
        let error = put(&json!({"webserver": {"port": 8081}})).unwrap_err().to_string();
        assert_eq!(
            error,
            "webserver.port: comes from the environment (CUSTOMPBX__WEBSERVER__PORT) and can be changed there only"
        );
    }

    #[test]
    fn wrong_types_name_the_key_and_no_secret() {
        for (sent, expected) in [
            (json!({"webserver": 5}), "webserver: must be an object"),
            (json!({"freeswitch": {"esl": []}}), "freeswitch.esl: must be an object"),
            (
                json!({"xml_curl_server": {"port": "8081"}}),
                "xml_curl_server.port: invalid type: string \"8081\", expected u16",
            ),
            (json!({"xml_curl_server": {"pass": 12345}}), "xml_curl_server.pass: must be a text"),
            (json!({"webserver": {"host": null}}), "webserver.host: invalid type: null, expected a string"),
        ] {
            assert_eq!(put(&sent).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn times_and_sizes_of_nothing_are_the_defaults() {
        let merged =
            put(&json!({"webserver": {"ws_read_timeout_seconds": 0, "websocket_queue_size": 5000}})).unwrap();
        assert_eq!(merged.stored.webserver.ws_read_timeout_seconds, 60);
        assert_eq!(merged.stored.webserver.websocket_queue_size, 1024);
    }
}
