//! Configurations as objects, and those that the API has a name for.

use serde_json::Value;

use crate::declare::kind::{Above, Description, Field, Frame, Idle, Kind};
use crate::node::Node;

/// A configuration that the API has a name for.
#[derive(Debug)]
pub struct Known {
    /// Its name; the document's is the same with `.conf`.
    pub key: &'static str,
    /// The loadable module that reads it; `None` where that is FreeSWITCH itself.
    pub module: Option<&'static str>,
    /// The key of another one that comes and goes with it.
    pub beside: Option<&'static str>,
}

const fn module(key: &'static str, module: &'static str) -> Known {
    Known { key, module: Some(module), beside: None }
}

const fn core(key: &'static str) -> Known {
    Known { key, module: None, beside: None }
}

/// All of them, in the order in which they are shown.
pub static KNOWN: &[Known] = &[
    core("post_load_switch"),
    core("acl"),
    module("callcenter", "mod_callcenter"),
    module("cdr_pg_csv", "mod_cdr_pg_csv"),
    module("odbc_cdr", "mod_odbc_cdr"),
    module("lcr", "mod_lcr"),
    module("sofia", "mod_sofia"),
    module("verto", "mod_verto"),
    module("shout", "mod_shout"),
    module("redis", "mod_redis"),
    module("nibblebill", "mod_nibblebill"),
    module("db", "mod_db"),
    module("distributor", "mod_distributor"),
    module("memcache", "mod_memcache"),
    module("avmd", "mod_avmd"),
    module("tts_commandline", "mod_tts_commandline"),
    module("cdr_mongodb", "mod_cdr_mongodb"),
    module("http_cache", "mod_http_cache"),
    module("opus", "mod_opus"),
    module("python", "mod_python3"),
    module("alsa", "mod_alsa"),
    module("amr", "mod_amr"),
    module("amrwb", "mod_amrwb"),
    module("cepstral", "mod_cepstral"),
    module("cidlookup", "mod_cidlookup"),
    module("curl", "mod_curl"),
    module("dialplan_directory", "mod_dialplan_directory"),
    module("easyroute", "mod_easyroute"),
    module("erlang_event", "mod_erlang_event"),
    module("event_multicast", "mod_event_multicast"),
    module("fax", "mod_spandsp"),
    module("lua", "mod_lua"),
    module("mongo", "mod_mongo"),
    core("msrp"),
    module("oreka", "mod_oreka"),
    module("perl", "mod_perl"),
    module("pocketsphinx", "mod_pocketsphinx"),
    module("sangoma_codec", "mod_sangoma_codec"),
    module("sndfile", "mod_sndfile"),
    module("xml_cdr", "mod_xml_cdr"),
    module("xml_rpc", "mod_xml_rpc"),
    module("zeroconf", "mod_zeroconf"),
    module("directory", "mod_directory"),
    module("fifo", "mod_fifo"),
    module("opal", "mod_opal"),
    module("osp", "mod_osp"),
    module("unicall", "mod_unicall"),
    Known { beside: Some("conference_layouts"), ..module("conference", "mod_conference") },
    module("conference_layouts", "mod_conference"),
    core("post_load_modules"),
    module("voicemail", "mod_voicemail"),
];

impl Known {
    /// The one of this key.
    pub fn find(key: &str) -> Option<&'static Self> {
        KNOWN.iter().find(|known| known.key == key)
    }

    /// The one that a document of this name is.
    pub fn of(document: &str) -> Option<&'static Self> {
        let key = document.get(..document.len().checked_sub(5)?)?;
        KNOWN.iter().find(|known| {
            known.key.eq_ignore_ascii_case(key) && document[key.len()..].eq_ignore_ascii_case(".conf")
        })
    }

    /// The name of the document.
    pub fn document(&self) -> String {
        format!("{}.conf", self.key)
    }

    /// Whether there is no module that could be loaded and unloaded for it.
    pub fn is_core(&self) -> bool {
        // The layouts are read by mod_conference, which has a configuration of its own.
        self.module.is_none() || self.key == "conference_layouts"
    }
}

fn of_node(node: &Node) -> Option<&'static Known> {
    node.attribute("name").and_then(Known::of)
}

/// A configuration.
pub static CONFIGURATION: Kind = Kind {
    name: "configuration",
    word: "configuration",
    above: &[Above::Section("configuration")],
    tag: "configuration",
    unique: true,
    fields: &[Field::name("name")],
    frame: Frame { description: Description::WhenThere, ..Frame::WHOLE },
    live: &[("loaded", Idle::Flag)],
    derived: &[
        ("module", |node: &Node| of_node(node).and_then(|known| known.module).unwrap_or_default().into()),
        ("unloadable", |node: &Node| Value::Bool(of_node(node).is_some_and(Known::is_core))),
    ],
    ..Kind::PLAIN
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_keys() {
        assert_eq!(KNOWN.len(), 51);
        assert_eq!(Known::of("Sofia.CONF").map(|known| known.key), Some("sofia"));
        assert!(
            Known::of("switch.conf").is_none()
                && Known::of("x").is_none()
                && Known::of("sofia.confü").is_none()
        );
        assert!(KNOWN.iter().all(|known| Known::of(&known.document()).is_some_and(|of| of.key == known.key)));
        assert!(KNOWN.iter().all(|known| Known::find(known.key).is_some()));
    }
}
