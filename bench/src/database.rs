//! Data directories with databases in them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use custompbx_model::edit::At;
use custompbx_model::variables::Variables;
use custompbx_model::{Edit, Node, NodeId};
use custompbx_pbx::config::{Config, Loaded, Secret};
use custompbx_pbx::{Clock, Options, Pbx};
use custompbx_store::{Author, Engine, Instance, Store};
use custompbx_xmlcurl::Snapshot;
use custompbx_xmlcurl::snapshot::{self, UserRow, UsersBuilder};

use crate::Result;
use crate::ask::{PASS, SWITCH, USER};
use crate::site;

/// More users are not written into a database, because that takes minutes; there is only the saved snapshot.
pub(crate) const MOST_STORED: usize = 200_000;

/// What a server is opened with.
pub(crate) fn options(data_dir: &Path) -> Options {
    let mut config = Config::default();
    USER.clone_into(&mut config.xml_curl_server.user);
    config.xml_curl_server.pass = Secret::new(PASS);
    Options {
        engine: engine(data_dir),
        data_dir: data_dir.to_owned(),
        configuration: Loaded { config, ..Loaded::unsaved(data_dir) },
        log_level: None,
        clock: Clock::system(),
    }
}

fn engine(data_dir: &Path) -> Engine {
    Engine::Sqlite { path: data_dir.join("custompbx.db") }
}

/// A data directory for this many users, with a saved snapshot.
pub(crate) fn with_users(data_dir: &Path, users: usize) -> Result<()> {
    if users > MOST_STORED { only_snapshot(data_dir, users) } else { with(data_dir, site::directory(users)) }
}

/// A data directory for this section, with a saved snapshot.
pub(crate) fn with(data_dir: &Path, section: Node) -> Result<()> {
    filled(data_dir, section, &BTreeMap::new())
}

/// The same with the instance set to something.
pub(crate) fn with_setting(data_dir: &Path, section: Node, name: &str, value: &str) -> Result<()> {
    filled(data_dir, section, &BTreeMap::from([(name.to_owned(), value.to_owned())]))
}

fn filled(data_dir: &Path, section: Node, settings: &BTreeMap<String, String>) -> Result<()> {
    block_on(async {
        let (store, instance) = empty(data_dir).await?;
        let root = store.root(instance.id).await?;
        let edits = vec![Edit::Insert { parent: root, at: At::Last, nodes: vec![section] }];
        store.apply(instance.id, &author(), "the site", edits).await?;
        store.set_instance_settings(instance.id, "bench", settings, &author()).await?;
        store.close().await;
        let pbx = Pbx::open(options(data_dir)).await?;
        pbx.close().await;
        Ok(())
    })
}

async fn empty(data_dir: &Path) -> Result<(Store, Instance)> {
    let store = Store::open(&engine(data_dir), Clock::system().now()).await?;
    let instance = store.instance_by_name("default").await?.ok_or("a new database has no instance")?;
    store.assign_switch(SWITCH, instance.id, &author()).await?;
    Ok((store, instance))
}

fn author() -> Author {
    Author { actor: "bench".to_owned(), origin: "bench".to_owned(), at_ms: Clock::system().now() }
}

/// A snapshot that belongs to an empty database: it is served as long as nothing is changed.
fn only_snapshot(data_dir: &Path, users: usize) -> Result<()> {
    let (identity, revision, instance) = block_on(async {
        let (store, instance) = empty(data_dir).await?;
        let found = (store.identity().to_owned(), store.head().await?.0, instance);
        store.close().await;
        Ok(found)
    })?;
    let mut ids = (1..).map(NodeId);
    let mut section = Node::new("section").with("name", "directory");
    let mut domains = HashMap::new();
    let none = Variables::default();
    for number in 0..site::DOMAINS {
        let mut node = site::domain_node(number, []);
        number_all(&mut node, &mut ids);
        let holder = users_node(&node).ok_or("a domain has a place for users")?;
        let mut builder = UsersBuilder::new(users / site::DOMAINS, &none);
        for (order, index) in (1..).zip(site::of_domain(number, users)) {
            let mut user = site::user(index);
            number_all(&mut user, &mut ids);
            builder.add(&UserRow { node: user, parent: holder, order });
        }
        domains.insert(node.id, builder.finish(&node, &HashMap::new()));
        section.children.push(node);
    }
    let document = Node::new("document").containing([section]);
    let id = instance.id.0;
    let instance = snapshot::Instance::new(id, &instance.name, &document, domains);
    let switches = HashMap::from([(SWITCH.to_owned(), id), (instance.name.clone(), id)]);
    let snapshot = Snapshot {
        revision,
        store: identity,
        default_instance: id,
        switches: switches.into(),
        ..Snapshot::default()
    };
    std::fs::write(data_dir.join("snapshot.bin"), snapshot.with_instance(instance).save())?;
    Ok(())
}

fn number_all(node: &mut Node, ids: &mut impl Iterator<Item = NodeId>) {
    node.id = ids.next().unwrap_or_default();
    for child in &mut node.children {
        number_all(child, ids);
    }
}

fn users_node(domain: &Node) -> Option<NodeId> {
    domain.child("groups")?.child("group")?.child("users").map(|users| users.id)
}

/// Runs what needs a runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
