//! The dialplan of an instance, as it is in the database.

use std::sync::Arc;

use custompbx_dialplan::{Context, Globals, Timezones};
use custompbx_model::Node;
use custompbx_model::variables::{SECTION_TAG, Variables};
use custompbx_model::xml::{Style, print};
use custompbx_pbx::dialplan::set_while_it_runs;
use custompbx_pbx::export;

use super::sources::Written;
use crate::args::Place;
use crate::context;
use crate::failure::Failure;

/// What of an instance matters for calls.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) contexts: Vec<Arc<Context>>,
    pub(super) globals: Arc<Globals>,
    pub(super) timezones: Option<Arc<Timezones>>,
    /// What the contexts were compiled from, without what is disabled.
    nodes: Vec<Node>,
}

impl Stored {
    /// Reads it.
    pub(super) async fn load(place: &Place, instance: &str) -> Result<Self, Failure> {
        let store = context::Context::load(place)?.store().await?;
        let mut document = export::tree(&store, instance).await?;
        store.close().await;
        document.drop_disabled();
        Ok(Self::of(&document))
    }

    fn of(document: &Node) -> Self {
        // FreeSWITCH takes the first of two sections of one name, and names without regard to case.
        let section = |wanted: &str| {
            let is_it =
                |node: &&Node| node.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            document.children_named("section").find(is_it)
        };
        let dialplan = section("dialplan");
        let mut variables = document.child(SECTION_TAG).map(Variables::of).unwrap_or_default();
        // What calls set has no value that is known before.
        for name in dialplan.map(set_while_it_runs).unwrap_or_default() {
            variables.command(&name, "", "exec-set");
        }
        let nodes: Vec<_> =
            dialplan.into_iter().flat_map(|node| node.children_named("context")).cloned().collect();
        let timezones = section("configuration").and_then(|section| {
            let is_it = |node: &&Node| node.attribute("name") == Some("timezones.conf");
            section.children_named("configuration").find(is_it)
        });
        Self {
            contexts: nodes.iter().map(|node| Arc::new(Context::compile(node, &variables, None))).collect(),
            globals: Arc::new(Globals::of(&variables)),
            timezones: timezones.map(|node| Arc::new(Timezones::of(node))),
            nodes,
        }
    }

    /// The contexts as text, for other global variables than those of the database.
    pub(super) fn written(&self) -> Written {
        let texts: Vec<_> = self.nodes.iter().map(|node| print(node, Style::Compact)).collect();
        Written { shown: "the dialplan of the database".to_owned(), text: texts.join("\n") }
    }
}
