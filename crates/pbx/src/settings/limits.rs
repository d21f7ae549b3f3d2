//! What is refused although a file may hold it: a server that is set so could not be reached any more.

use crate::config::{Config, OriginPolicy};
use crate::error::{Error, Result};

/// Checks `config`. `named`: the keys that were sent; what nobody touched is not complained about.
pub(super) fn check(config: &Config, named: &[String]) -> Result<()> {
    config
        .validate()
        .map_err(|invalid| Error::Field { key: invalid.key.to_owned(), reason: invalid.reason })?;
    let web = &config.webserver;
    let esl = &config.freeswitch.esl;
    let needed = [
        ("freeswitch.esl.host", esl.host.is_empty(), "must name a host"),
        ("freeswitch.esl.port", esl.port == 0, "must be from 1 to 65535"),
        ("freeswitch.esl.pass", esl.pass.is_empty(), "must not be empty"),
        ("webserver.port", web.port == 0, "must be from 1 to 65535"),
        ("xml_curl_server.port", config.xml_curl_server.port == 0, "must be from 1 to 65535"),
        ("xml_curl_server.pass", config.xml_curl_server.pass.is_empty(), "must not be empty"),
        (
            "webserver.ws_ping_interval_seconds",
            web.ws_ping_interval_seconds >= web.ws_read_timeout_seconds,
            "must be shorter than ws_read_timeout_seconds, or every connection would end",
        ),
    ];
    for (key, wrong, reason) in needed {
        let touched = named.iter().any(|name| name == key || (key.contains(".ws_") && name.contains(".ws_")));
        if wrong && touched {
            return Err(Error::Field { key: key.to_owned(), reason: reason.to_owned() });
        }
    }
    let origins = "webserver.allowed_origins";
    if let Some(wrong) = web.allowed_origins.iter().find(|origin| !is_origin(origin)) {
        let reason = format!("{wrong:?} is no origin, such as \"https://pbx.example.com\"");
        return Err(Error::Field { key: origins.to_owned(), reason });
    }
    if web.origin_policy == OriginPolicy::AllowList && web.allowed_origins.is_empty() {
        let reason =
            "is empty, so no page could open the WebSocket; list its origin, or change origin_policy";
        return Err(Error::Field { key: origins.to_owned(), reason: reason.to_owned() });
    }
    Ok(())
}

/// What a browser sends as `Origin`: scheme and host, perhaps a port, nothing behind it.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic() && !b"/\\?#@,\"".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for good in ["http://pbx", "https://pbx.example.com:8443", "http://[::1]:8080"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in ["", "pbx", "*", "http://", "http://pbx/", "ftp://pbx", "http://a b", "http://u@h"] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn only_what_was_sent_is_complained_about() {
        let mut config = Config::default();
        config.webserver.port = 0;
        check(&config, &["webserver.host".into()]).unwrap();
        let error = check(&config, &["webserver.port".into()]).unwrap_err();
        assert_eq!(error.to_string(), "webserver.port: must be from 1 to 65535");
        config.webserver.origin_policy = OriginPolicy::AllowList;
        let error = check(&config, &[]).unwrap_err();
        assert!(error.to_string().starts_with("webserver.allowed_origins: is empty"), "{error}");
    }
}
