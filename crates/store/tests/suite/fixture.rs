//! An empty database on either engine, and short words for what tests do with it.

use custompbx_model::{Edit, Node, NodeId};
use custompbx_store::{Applied, Author, Engine, InstanceId, Result, Store};
use custompbx_testkit::outsider::Outsider;
use custompbx_testkit::postgres::Database;
use tempfile::TempDir;

/// A database of the test's own.
pub(crate) struct Home {
    pub(crate) engine: Engine,
    made: Made,
}

enum Made {
    File(TempDir),
    Database(Database),
}

const FILE: &str = "custompbx.sqlite";

impl Home {
    pub(crate) fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { engine: Engine::Sqlite { path: dir.path().join(FILE) }, made: Made::File(dir) }
    }

    pub(crate) fn postgres() -> Self {
        // The first call starts a server, which takes a second; the tests on SQLite go on meanwhile.
        let made = tokio::task::block_in_place(custompbx_testkit::postgres::database);
        let Database { host, port, user, pass, name } = made.clone();
        Self { engine: Engine::Postgres { host, port, user, pass, name }, made: Made::Database(made) }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.engine, 1_000).await.unwrap()
    }

    /// Another program at the same database.
    pub(crate) async fn outsider(&self) -> Outsider {
        match &self.made {
            Made::File(dir) => Outsider::at_file(&dir.path().join(FILE)).await,
            Made::Database(database) => Outsider::at_postgres(database).await,
        }
    }

    /// Runs statements beside the store.
    pub(crate) async fn sql(&self, sql: &'static str) {
        let mut outsider = self.outsider().await;
        outsider.run(sql).await;
        outsider.close().await;
    }
}

/// Makes a test on each engine of every function named.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(crate::fixture::Home::sqlite()).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(crate::fixture::Home::postgres()).await;
                }
            )*
        }
    };
}
pub(crate) use on_both_engines;

pub(crate) fn author() -> Author {
    Author { actor: "alice".into(), origin: "test".into(), at_ms: 2_000 }
}

/// What most tests begin with: the default instance and its root.
pub(crate) async fn start(store: &Store) -> (InstanceId, NodeId) {
    let instance = store.instance_by_name("default").await.unwrap().unwrap().id;
    let root = store.tree(instance).await.unwrap().id;
    (instance, root)
}

pub(crate) async fn edit(store: &Store, instance: InstanceId, edits: Vec<Edit>) -> Result<Applied> {
    store.apply(instance, &author(), "a change", edits).await
}

/// A node of a tree, found by tags and names: `section/directory domain/d`.
pub(crate) fn find<'n>(root: &'n Node, way: &str) -> &'n Node {
    way.split_whitespace().fold(root, |node, step| {
        let (tag, name) = step.split_once('/').map_or((step, None), |(tag, name)| (tag, Some(name)));
        let matches = |child: &&Node| &*child.tag == tag && (name.is_none() || child.natural_name() == name);
        node.children.iter().find(matches).unwrap_or_else(|| panic!("no {step} in {node:?}"))
    })
}

/// The names of a node's children, in order.
pub(crate) fn names(node: &Node) -> Vec<&str> {
    node.children.iter().map(|child| child.natural_name().unwrap_or_default()).collect()
}

pub(crate) fn named(tag: &str, name: &str) -> Node {
    Node::new(tag).with("name", name)
}

/// A user as people have them: 14 nodes.
pub(crate) fn user(id: &str) -> Node {
    let param = |name: &str, value: &str| named("param", name).with("value", value);
    let variable = |name: &str, value: &str| named("variable", name).with("value", value);
    Node::new("user").with("id", id).containing([
        Node::new("params").containing([param("password", &format!("pw-{id}")), param("vm-password", id)]),
        Node::new("variables").containing([
            variable("toll_allow", "domestic,international,local"),
            variable("accountcode", id),
            variable("user_context", "default"),
            variable("effective_caller_id_name", &format!("Extension {id}")),
            variable("effective_caller_id_number", id),
            variable("outbound_caller_id_name", "$${outbound_caller_name}"),
            variable("outbound_caller_id_number", "$${outbound_caller_id}"),
            variable("callgroup", "techsupport"),
            variable("language", "en"),
        ]),
    ])
}

/// A directory with one domain, one group, a pointer to the first user, and these users.
pub(crate) fn directory(domain: &str, users: impl IntoIterator<Item = Node>) -> Node {
    let users: Vec<Node> = users.into_iter().collect();
    let first = users.first().and_then(|user| user.attribute("id")).unwrap_or_default().to_owned();
    let pointer = Node::new("user").with("id", &*first).with("type", "pointer");
    named("section", "directory").containing([named("domain", domain).containing([
        Node::new("params").containing([named("param", "dial-string").with("value", "x")]),
        Node::new("groups").containing([
            named("group", "all").containing([Node::new("users").containing(users)]),
            named("group", "pointers").containing([Node::new("users").containing([pointer])]),
        ]),
    ])])
}
