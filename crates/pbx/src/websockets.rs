//! Where telephones in browsers can connect: the WebSockets of SIP and Verto profiles.

use custompbx_model::Node;
use custompbx_model::variables::Variables;

use crate::Pbx;
use crate::error::Result;

/// Addresses for telephones, `wss://host:port`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebSockets {
    /// Of the SIP profiles.
    pub sip: Vec<String>,
    /// Of the Verto profiles.
    pub verto: Vec<String>,
}

impl Pbx {
    /// What the configuration of the default instance offers over TLS. Where only the switch knows its address, the
    /// one of its event socket stands for it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn websockets(&self) -> Result<WebSockets> {
        let store = self.store()?;
        let instance = self.default_instance().await?;
        let snapshot = self.snapshot();
        let served = snapshot.as_ref().and_then(|snapshot| snapshot.instances.get(&instance.id.0));
        let variables = served.map(|instance| instance.variables.clone()).unwrap_or_default();
        let host = self.config().freeswitch.esl.host.clone();
        let mut found = WebSockets::default();
        if let Some(document) = crate::browse::document(&store, instance.id, "sofia.conf").await? {
            found.sip = sip(&document, &variables, &host);
        }
        if let Some(document) = crate::browse::document(&store, instance.id, "verto.conf").await? {
            found.verto = verto(&document, &variables, &host);
        }
        Ok(found)
    }
}

/// `wss-binding` of the profiles: a port, or an address with one.
fn sip(document: &Node, variables: &Variables, otherwise: &str) -> Vec<String> {
    let mut all = Vec::new();
    for profile in enabled(document, "profiles", "profile") {
        let param = |name| {
            enabled(profile, "settings", "param")
                .find(|param| param.attribute("name") == Some(name))
                .and_then(|param| param.attribute("value"))
        };
        let Some((host, port)) = param("wss-binding").and_then(|binding| binding.rsplit_once(':')) else {
            continue;
        };
        let host = if host.is_empty() { param("sip-ip").unwrap_or_default() } else { host };
        add(&mut all, host, port, variables, otherwise);
    }
    all
}

/// `bind-local` of the profiles where it is secure.
fn verto(document: &Node, variables: &Variables, otherwise: &str) -> Vec<String> {
    let mut all = Vec::new();
    for profile in enabled(document, "profiles", "profile") {
        let params = profile.children_named("param").filter(|param| param.enabled);
        for param in params.filter(|param| param.attribute("name") == Some("bind-local")) {
            let is_secure = param.attribute("secure").is_some_and(|secure| secure == "true");
            if let (true, Some((host, port))) =
                (is_secure, param.attribute("value").and_then(|value| value.rsplit_once(':')))
            {
                add(&mut all, host, port, variables, otherwise);
            }
        }
    }
    all
}

fn add(all: &mut Vec<String>, host: &str, port: &str, variables: &Variables, otherwise: &str) {
    let known = |text: &str| variables.expand_all(text).filter(|text| !text.is_empty());
    let Some(port) = known(port).filter(|port| port.parse::<u16>().is_ok_and(|port| port > 0)) else {
        return;
    };
    // Listening everywhere is no address to go to.
    let host = known(host).filter(|host| !matches!(&**host, "0.0.0.0" | "::" | "[::]"));
    let host = host.unwrap_or_else(|| otherwise.to_owned());
    let address = if host.contains(':') && !host.starts_with('[') {
        format!("wss://[{host}]:{port}")
    } else {
        format!("wss://{host}:{port}")
    };
    if !all.contains(&address) {
        all.push(address);
    }
}

fn enabled<'n>(node: &'n Node, list: &'n str, tag: &'n str) -> impl Iterator<Item = &'n Node> + use<'n> {
    let lists = node.children_named(list).filter(|list| list.enabled);
    lists.flat_map(move |list| list.children_named(tag)).filter(|child| child.enabled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use custompbx_model::xml::{Limits, parse};

    fn document(text: &str) -> Node {
        parse(text, &Limits::default()).unwrap().roots.remove(0)
    }

    #[test]
    fn only_what_is_enabled_secure_and_known() {
        let variables =
            Variables::of(&document("<variables><variable name='ip' value='192.0.2.1'/></variables>"));
        let sofia = document(
            "<configuration name='sofia.conf'><profiles>
               <profile name='a'><settings><param name='sip-ip' value='$${ip}'/><param name='wss-binding' value=':7443'/></settings></profile>
               <profile name='b'><settings><param name='sip-ip' value='$${local_ip_v4}'/><param name='wss-binding' value=':7443'/></settings></profile>
               <profile name='c'><settings><param name='wss-binding' value='pbx.example.com:7444'/></settings></profile>
               <profile name='d'><settings><param name='ws-binding' value=':5066'/></settings></profile>
               <profile name='e'><settings><param name='wss-binding' value='7443'/></settings></profile>
               <profile name='f'><settings><param name='sip-ip' value='$${ip}'/><param name='wss-binding' value=':7443'/></settings></profile>
             </profiles></configuration>",
        );
        assert_eq!(
            sip(&sofia, &variables, "10.0.0.5"),
            ["wss://192.0.2.1:7443", "wss://10.0.0.5:7443", "wss://pbx.example.com:7444"]
        );
        let conf = document(
            "<configuration name='verto.conf'><profiles><profile name='default'>
               <param name='bind-local' value='0.0.0.0:8081'/>
               <param name='bind-local' value='0.0.0.0:8082' secure='true'/>
               <param name='bind-local' value='2001:db8::1:8083' secure='true'/>
             </profile></profiles></configuration>",
        );
        assert_eq!(verto(&conf, &variables, "10.0.0.5"), ["wss://10.0.0.5:8082", "wss://[2001:db8::1]:8083"]);
    }
}
