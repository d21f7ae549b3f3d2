//! What to paste into a FreeSWITCH that has its own files, so that it asks us and lets us in.

use std::fmt;

use custompbx_model::Node;
use custompbx_model::xml::{Style, print};

/// How FreeSWITCH reaches us by mod_xml_curl.
#[derive(Clone, PartialEq, Eq)]
pub struct XmlCurlBinding {
    /// Where it asks.
    pub url: String,
    /// Must not have a colon in it: curl takes what is behind the first one for the password.
    pub user: String,
    /// The password of HTTP's basic authentication.
    pub pass: String,
    /// In seconds. Without one, FreeSWITCH waits for ever.
    pub timeout: u32,
}

/// Where FreeSWITCH's event socket listens.
#[derive(Clone, PartialEq, Eq)]
pub struct EventSocketListener {
    /// An address of the machine.
    pub listen_ip: String,
    /// 8021 by habit.
    pub port: u16,
    /// What `auth` must say.
    pub password: String,
    /// The access list that a client must be in. Without one, mod_event_socket lets in only the machine itself.
    pub acl: Option<String>,
}

/// The document `xml_curl.conf`: everything that can be served is asked for in one binding.
pub fn xml_curl_conf(binding: &XmlCurlBinding) -> String {
    text(&xml_curl_node(binding))
}

/// The document `event_socket.conf`.
pub fn event_socket_conf(listener: &EventSocketListener) -> String {
    let mut settings = Node::new("settings").containing([
        param("nat-map", "false"),
        param("listen-ip", &listener.listen_ip),
        param("listen-port", &listener.port.to_string()),
        param("password", &listener.password),
    ]);
    settings.children.extend(listener.acl.as_ref().map(|acl| param("apply-inbound-acl", acl)));
    text(&configuration("event_socket.conf", "Socket Client").containing([settings]))
}

pub(crate) fn xml_curl_node(binding: &XmlCurlBinding) -> Node {
    // `phrases` would be no section, and bind everything.
    let url = param("gateway-url", &binding.url)
        .with("bindings", "dialplan|configuration|directory|languages|chatplan");
    configuration("xml_curl.conf", "cURL XML Gateway").containing([Node::new("bindings").containing([
        Node::new("binding").with("name", "custompbx").containing([
            url,
            param("gateway-credentials", &format!("{}:{}", binding.user, binding.pass)),
            param("auth-scheme", "basic"),
            param("timeout", &binding.timeout.to_string()),
            param("disable-100-continue", "true"),
            param("method", "POST"),
        ]),
    ])])
}

/// Nothing here is meant to have a variable in it, so `$${` in a password must not be taken for one.
fn text(node: &Node) -> String {
    print(node, Style::Indented).replace("$${", "&#36;&#36;{")
}

fn configuration(name: &str, description: &str) -> Node {
    Node::new("configuration").with("name", name).with("description", description)
}

pub(crate) fn param(name: &str, value: &str) -> Node {
    Node::new("param").with("name", name).with("value", value)
}

impl fmt::Debug for XmlCurlBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, user, timeout, .. } = self;
        f.debug_struct("XmlCurlBinding")
            .field("url", url)
            .field("user", user)
            .field("timeout", timeout)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EventSocketListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen_ip, port, acl, .. } = self;
        f.debug_struct("EventSocketListener")
            .field("listen_ip", listen_ip)
            .field("port", port)
            .field("acl", acl)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use custompbx_model::xml::{Limits, parse};

    use super::*;

    #[test]
    fn the_binding_as_it_is_pasted() {
        let binding = XmlCurlBinding {
            url: "http://127.0.0.1:8081/conf/config".into(),
            user: "switch".into(),
            pass: "secret".into(),
            timeout: 5,
        };
        assert_eq!(
            xml_curl_conf(&binding),
            r#"<configuration name="xml_curl.conf" description="cURL XML Gateway">
  <bindings>
    <binding name="custompbx">
      <param name="gateway-url" value="http://127.0.0.1:8081/conf/config" bindings="dialplan|configuration|directory|languages|chatplan"/>
      <param name="gateway-credentials" value="switch:secret"/>
      <param name="auth-scheme" value="basic"/>
      <param name="timeout" value="5"/>
      <param name="disable-100-continue" value="true"/>
      <param name="method" value="POST"/>
    </binding>
  </bindings>
</configuration>
"#
        );
        assert!(!format!("{binding:?}").contains("secret"));
    }

    #[test]
    fn the_event_socket_as_it_is_pasted() {
        let mut listener = EventSocketListener {
            listen_ip: "127.0.0.1".into(),
            port: 8021,
            password: "a\"<&$${x}".into(),
            acl: None,
        };
        let text = event_socket_conf(&listener);
        assert!(!text.contains("$${") && !text.contains("acl"), "{text}");
        let node = parse(&text, &Limits::default()).unwrap().roots.remove(0);
        assert_eq!(node.children[0].children[3].attribute("value"), Some("a\"<&$${x}"));
        listener.acl = Some("loopback.auto".into());
        assert!(
            event_socket_conf(&listener)
                .contains("<param name=\"apply-inbound-acl\" value=\"loopback.auto\"/>")
        );
        assert!(!format!("{listener:?}").contains("$$"));
    }
}
