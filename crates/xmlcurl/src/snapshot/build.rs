//! Making a snapshot, and new ones after changes.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use custompbx_model::edit::is_pointer;
use custompbx_model::node::TEXT_TAG;
use custompbx_model::variables::{SECTION_TAG, Variables};
use custompbx_model::xml::escape::is_name;
use custompbx_model::{Node, NodeId};

use super::container::Orders;
use super::directory::Directory;
use super::document::{Document, Section, open_tag};
use super::domain::{Counts, Domain, shard_of, user_depends_on_variables};
use super::shard::{Shard, USERS_PER_SHARD, User, records};
use super::symbols::SymbolsBuilder;
use super::{Instance, Snapshot};

/// A user on its way into a snapshot.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// The element.
    pub node: Node,
    /// The node it is a child of.
    pub parent: NodeId,
    /// Greater than those of the siblings before, users or not. There may be gaps.
    pub order: i64,
}

/// Why a part cannot be put into a snapshot: it is not there, so more than this part must be built anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node {0} is not in the snapshot")]
pub struct BuildError(pub NodeId);

/// Takes the users of one domain, one after the other.
#[derive(Debug)]
pub struct UsersBuilder<'a> {
    variables: &'a Variables,
    depends_on_variables: bool,
    symbols: SymbolsBuilder,
    shards: Vec<Shard>,
}

impl<'a> UsersBuilder<'a> {
    /// `expected`: about how many users there will be. `variables`: the instance's.
    pub fn new(expected: usize, variables: &'a Variables) -> Self {
        let shards = (expected / USERS_PER_SHARD).next_power_of_two();
        Self {
            variables,
            depends_on_variables: false,
            symbols: SymbolsBuilder::default(),
            shards: vec![Shard::default(); shards],
        }
    }

    /// Adds one, in any order. Pointers are no users, and disabled ones are not there.
    pub fn add(&mut self, user: &UserRow) {
        if !is_served(user) {
            return;
        }
        self.depends_on_variables |= user_depends_on_variables(&user.node);
        for (name, record) in records(user, self.variables, &mut self.symbols) {
            let at = shard_of(&name, self.shards.len());
            self.shards[at].add(&name, &record);
        }
    }

    /// The domain with the users that were added. `node` has everything else of the domain, real users in it are
    /// passed over; `orders` are those of its nodes, in the manner of [`UserRow::order`].
    pub fn finish(self, node: &Node, orders: &HashMap<NodeId, i64>) -> Domain {
        self.finish_ordered(node, Orders::Of(orders))
    }

    fn finish_ordered(mut self, node: &Node, orders: Orders<'_>) -> Domain {
        let mut counts = Counts::default();
        for shard in &mut self.shards {
            shard.finish();
            for user in shard.users().filter(User::counts) {
                counts.add(&user, 1);
            }
        }
        let symbols = Arc::new(self.symbols.finish());
        let shards: Vec<Arc<Shard>> = self.shards.into_iter().map(Arc::new).collect();
        let mut domain = Domain::new(node, orders, symbols, shards.into(), counts, self.variables);
        domain.depends_on_variables |= self.depends_on_variables;
        domain
    }
}

/// Whether there is anything to be found: no pointer, and enabled.
fn is_served(user: &UserRow) -> bool {
    user.node.enabled && !is_pointer(&user.node.attributes)
}

impl Domain {
    /// A domain with all its users in `node`.
    pub fn of(node: &Node, variables: &Variables) -> Self {
        let users = users_of(node);
        let mut builder = UsersBuilder::new(users.len(), variables);
        users.iter().for_each(|user| builder.add(user));
        builder.finish_ordered(node, Orders::Places)
    }
}

/// The users below a domain, everywhere that FreeSWITCH looks for them.
fn users_of(domain: &Node) -> Vec<UserRow> {
    let groups = domain.children_named("groups").flat_map(|groups| groups.children_named("group"));
    let holders =
        groups.flat_map(|group| group.children_named("users")).chain(domain.children_named("users"));
    let rows = |holder: &Node| -> Vec<UserRow> {
        let users = Orders::Places.children(holder).filter(|(_, child)| &*child.tag == "user");
        users.map(|(order, user)| UserRow { node: user.clone(), parent: holder.id, order }).collect()
    };
    holders.chain([domain]).flat_map(rows).collect()
}

/// Whether a child of a section is something that can be asked for: not stray text, and enabled.
fn is_document(node: &Node) -> bool {
    node.enabled && &*node.tag != TEXT_TAG && is_name(&node.tag)
}

impl Instance {
    /// An instance from its whole tree. Where real users were left out of `document`, `domains` has the finished
    /// domains by their node.
    pub fn new(id: i64, name: &str, document: &Node, mut domains: HashMap<NodeId, Domain>) -> Self {
        let variables_node = document.child(SECTION_TAG).map(|node| node.id);
        let variables = document.child(SECTION_TAG).map(Variables::of).unwrap_or_default();
        let mut sections: BTreeMap<String, Arc<Section>> = BTreeMap::new();
        let mut directory = Directory::default();
        let mut has_directory = false;
        for section in document.children_named("section").filter(|section| section.enabled) {
            let name = section.attribute("name").unwrap_or_default();
            // FreeSWITCH takes the first of two sections of one name, and names without regard to case.
            if name.eq_ignore_ascii_case("directory") {
                if std::mem::replace(&mut has_directory, true) {
                    continue;
                }
                let all = section.children_named("domain").filter(|domain| domain.enabled);
                let all = all.map(|node| {
                    Arc::new(domains.remove(&node.id).unwrap_or_else(|| Domain::of(node, &variables)))
                });
                directory = Directory::new(open_tag(section, &[]), all.collect(), &variables);
                continue;
            }
            let documents = section
                .children
                .iter()
                .filter(|child| is_document(child))
                .map(|child| Arc::new(Document::new(child.clone())));
            sections
                .entry(name.to_ascii_lowercase())
                .or_insert_with(|| Arc::new(Section::new(section, documents.collect(), &variables)));
        }
        Self {
            id,
            name: name.to_owned(),
            variables_node,
            variables: Arc::new(variables),
            sections,
            directory: Arc::new(directory),
        }
    }

    /// The same with other global variables.
    ///
    /// # Errors
    /// Names or passwords of users hold variables, so that the domain with this node must be read again.
    pub fn with_variables(&self, section: &Node) -> Result<Self, BuildError> {
        if let Some(domain) = self.directory.domains.iter().find(|domain| domain.depends_on_variables) {
            return Err(BuildError(domain.id));
        }
        let variables = Variables::of(section);
        let directory = self.directory.with_domains(self.directory.domains.clone(), &variables);
        let again = |(name, section): (&String, &Arc<Section>)| {
            (name.clone(), Arc::new(section.of(section.documents.clone(), &variables)))
        };
        let sections = self.sections.iter().map(again).collect();
        Ok(Self { variables: Arc::new(variables), directory: Arc::new(directory), sections, ..self.clone() })
    }

    /// The same with one document changed, or taken away.
    ///
    /// # Errors
    /// The document was not there.
    pub fn with_document(&self, id: NodeId, node: Option<Node>) -> Result<Self, BuildError> {
        let node = node.filter(is_document).map(Document::new);
        for (name, section) in &self.sections {
            if section.documents.iter().any(|document| document.id == id) {
                let mut next = self.clone();
                next.sections.insert(
                    name.clone(),
                    Arc::new(section.with(id, node, &self.variables).ok_or(BuildError(id))?),
                );
                return Ok(next);
            }
        }
        Err(BuildError(id))
    }

    /// The same with another domain of the same name, in the place of the one with the same node.
    ///
    /// # Errors
    /// The domain was not there, or has another name now.
    pub fn with_domain(&self, domain: Domain) -> Result<Self, BuildError> {
        let id = domain.id;
        let directory = self.directory.with_domain(domain).ok_or(BuildError(id))?;
        Ok(Self { directory: Arc::new(directory), ..self.clone() })
    }

    /// The same with another head of a domain. `orders`: as in [`UsersBuilder::finish`].
    ///
    /// # Errors
    /// The domain was not there, or has another name now.
    pub fn with_domain_head(&self, node: &Node, orders: &HashMap<NodeId, i64>) -> Result<Self, BuildError> {
        self.with_domain(self.domain(node.id)?.with_head(node, orders, &self.variables))
    }

    /// The same with one user changed, added or taken away. `names`: everything that it was or is found under.
    ///
    /// # Errors
    /// The domain was not there.
    pub fn with_user(
        &self,
        domain: NodeId,
        id: NodeId,
        names: &[String],
        user: Option<&UserRow>,
    ) -> Result<Self, BuildError> {
        let domain = self.domain(domain)?;
        let user = user.filter(|user| is_served(user));
        self.with_domain(domain.with_user(id, names, user, &self.variables))
    }

    fn domain(&self, id: NodeId) -> Result<&Arc<Domain>, BuildError> {
        self.directory.domains.iter().find(|domain| domain.id == id).ok_or(BuildError(id))
    }
}

impl Snapshot {
    /// A snapshot of one instance that every switch gets; for tests and tools.
    pub fn of(document: &Node) -> Self {
        let instance = Instance::new(1, "default", document, HashMap::new());
        Self { default_instance: 1, ..Self::default() }.with_instance(instance)
    }
}
