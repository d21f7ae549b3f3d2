//! The keys of the configuration, as `section.key`.

use serde_json::Value;

use crate::config::{Config, SECRET};

/// What stands in the place of a secret. Sent back, it means that the secret stays.
pub const MASK: &str = "********";

/// Keys whose new value counts as soon as it is saved; those of the WebSocket for the next connection.
const AT_ONCE: [&str; 11] = [
    "webserver.origin_policy",
    "webserver.allowed_origins",
    "webserver.ws_write_timeout_seconds",
    "webserver.ws_read_timeout_seconds",
    "webserver.ws_ping_interval_seconds",
    "webserver.websocket_queue_size",
    "xml_curl_server.user",
    "xml_curl_server.pass",
    "xml_curl_server.allow",
    "xml_curl_server.cacheable",
    "log.level",
];

/// Keys that older files have and that nothing looks at.
const WITHOUT_EFFECT: [&str; 3] = ["webserver.secure", "xml_curl_server.stun_port", "xml_curl_server.secure"];

/// Whether a new value of this key counts without a restart.
pub fn takes_effect_at_once(key: &str) -> bool {
    AT_ONCE.contains(&key)
}

/// Which secrets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Those that the documentation of the messages shows: the passwords of the event socket and of the database, where
    /// they are in the file.
    Documented,
    /// None.
    NoSecret,
}

impl Config {
    /// Every key with its value; secrets that are not shown are [`MASK`]. `from_environment`: keys that are not in the
    /// file.
    pub fn shown(&self, secrets: Shown, from_environment: &[String]) -> Value {
        let mut whole = whole(self);
        for_each_leaf(&mut whole, &mut |key, value| {
            let is_secret = key.rsplit('.').next() == Some(SECRET);
            let in_file = !from_environment.iter().any(|set| set == key);
            let documented = matches!(key, "freeswitch.esl.pass" | "database.pass") && in_file;
            let empty = value.as_str().is_none_or(str::is_empty);
            if is_secret && !empty && !(secrets == Shown::Documented && documented) {
                *value = MASK.into();
            }
        });
        whole
    }

    /// Every key that there is.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for_each_leaf(&mut whole(self), &mut |key, _| keys.push(key.to_owned()));
        keys
    }
}

/// All keys, those too that only older files have.
pub(super) fn whole(config: &Config) -> Value {
    let mut value = serde_json::to_value(config).unwrap_or_default();
    for (section, key, default) in [
        ("webserver", "secure", Value::from(false)),
        ("xml_curl_server", "stun_port", 0.into()),
        ("xml_curl_server", "secure", false.into()),
    ] {
        if let Some(section) = value.get_mut(section).and_then(Value::as_object_mut) {
            section.entry(key).or_insert(default);
        }
    }
    value
}

/// The keys whose values differ and matter.
pub(super) fn differences(a: &Config, b: &Config) -> Vec<String> {
    let b = whole(b);
    let mut keys = Vec::new();
    for_each_leaf(&mut whole(a), &mut |key, value| {
        if find(&b, key) != Some(value) && !WITHOUT_EFFECT.contains(&key) {
            keys.push(key.to_owned());
        }
    });
    keys
}

/// `stored` with the values that `effective` has from the environment.
pub(super) fn with_environment(stored: &Config, effective: &Config, from_environment: &[String]) -> Config {
    let effective = whole(effective);
    let mut value = whole(stored);
    for_each_leaf(&mut value, &mut |key, value| {
        if let (true, Some(set)) = (from_environment.iter().any(|set| set == key), find(&effective, key)) {
            value.clone_from(set);
        }
    });
    typed(value, stored)
}

/// `effective` with the defaults in the place of what comes from the environment.
pub(super) fn without(effective: &Config, from_environment: &[String]) -> Config {
    with_environment(effective, &Config::default(), from_environment)
}

/// Takes the values that count at once from `saved`.
pub(super) fn take_over(in_use: &mut Config, saved: &Config, log_level: bool) {
    let saved = whole(saved);
    let mut value = whole(in_use);
    for_each_leaf(&mut value, &mut |key, value| {
        if let Some(new) = find(&saved, key)
            && takes_effect_at_once(key)
            && (log_level || key != "log.level")
        {
            value.clone_from(new);
        }
    });
    *in_use = typed(value, in_use);
}

/// Values that were taken out of configurations make one again.
fn typed(value: Value, otherwise: &Config) -> Config {
    serde_json::from_value(value).unwrap_or_else(|_| otherwise.clone())
}

fn find<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    key.split('.').try_fold(value, |value, key| value.get(key))
}

fn for_each_leaf(value: &mut Value, each: &mut impl FnMut(&str, &mut Value)) {
    fn below(value: &mut Value, path: &str, each: &mut impl FnMut(&str, &mut Value)) {
        let Value::Object(members) = value else { return each(path, value) };
        for (key, member) in members {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            below(member, &path, each);
        }
    }
    below(value, "", each);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_key_exists() {
        let keys = Config::default().keys();
        for key in AT_ONCE.iter().chain(&WITHOUT_EFFECT) {
            assert!(keys.iter().any(|known| known == key), "{key}");
        }
    }

    #[test]
    fn what_nothing_looks_at_is_no_difference() {
        let mut other = Config::default();
        other.webserver.secure = Some(false);
        other.xml_curl_server.stun_port = Some(7);
        assert!(differences(&other, &Config::default()).is_empty());
        other.webserver.port = 1;
        assert_eq!(differences(&other, &Config::default()), ["webserver.port"]);
    }

    #[test]
    fn secrets_are_masked() {
        let mut config = Config::default();
        config.xml_curl_server.pass = crate::config::Secret::new("geheim");
        config.database.pass = crate::config::Secret::new("auch");
        let shown = config.shown(Shown::Documented, &[]);
        assert_eq!(shown["xml_curl_server"]["pass"], MASK);
        assert_eq!(shown["database"]["pass"], "auch");
        assert_eq!(config.shown(Shown::Documented, &["database.pass".into()])["database"]["pass"], MASK);
        let text = config.shown(Shown::NoSecret, &[]).to_string();
        assert!(!text.contains("geheim") && !text.contains("auch") && !text.contains("ClueCon"), "{text}");
    }
}
