//! A snapshot as bytes, so that a start needs no database.
//!
//! Layout: a mark with a version, everything in order, and a checksum. Users are as they are in memory; other
//! documents are XML with the ids of their nodes. A file of another version, or a damaged one, is not taken; the
//! snapshot is then built from the database.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use custompbx_model::variables::Variables;
use custompbx_model::xml::{self, Limits, Style};
use custompbx_model::{Node, NodeId};

use super::bytes::{Reader, put_bytes, put_number, put_signed};
use super::directory::Directory;
use super::document::{Document, Section};
use super::domain::{Counts, Domain};
use super::shard::{Shard, hash};
use super::symbols::Symbols;
use super::{Instance, Snapshot};

/// Changes whenever the layout does.
const MARK: &[u8] = b"CustomPBX snapshot 5\n";

/// Why bytes are no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Not a snapshot, or one of another version.
    #[error("it is not a snapshot of this version")]
    Version,
    /// Changed or cut off since it was written.
    #[error("it is damaged")]
    Damaged,
}

impl Snapshot {
    /// The snapshot as bytes.
    pub fn save(&self) -> Vec<u8> {
        let mut out = MARK.to_vec();
        put_number(&mut out, u64::try_from(self.revision).unwrap_or_default());
        put_bytes(&mut out, self.store.as_bytes());
        put_id(&mut out, self.default_instance);
        put_number(&mut out, self.switches.len() as u64);
        for (name, instance) in self.switches.iter() {
            put_bytes(&mut out, name.as_bytes());
            put_id(&mut out, *instance);
        }
        put_number(&mut out, self.instances.len() as u64);
        for instance in self.instances.values() {
            save_instance(&mut out, instance);
        }
        let sum = checksum(&out);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    /// The snapshot that was saved.
    ///
    /// # Errors
    /// The bytes are of another version or damaged.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let Some(content) = bytes.strip_prefix(MARK) else { return Err(LoadError::Version) };
        let (_, sum) = bytes.split_last_chunk::<8>().ok_or(LoadError::Damaged)?;
        if u64::from_le_bytes(*sum) != checksum(&bytes[..bytes.len() - 8]) {
            return Err(LoadError::Damaged);
        }
        load(Reader(&content[..content.len().saturating_sub(8)])).ok_or(LoadError::Damaged)
    }
}

/// FNV over words instead of bytes: it only has to notice a torn or damaged file, in a few milliseconds.
fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let start = hash(std::str::from_utf8(MARK).unwrap_or_default());
    let sum = words.iter().fold(start, |sum, word| {
        (sum ^ u64::from_le_bytes(*word)).wrapping_mul(0x0100_0000_01b3).rotate_left(29)
    });
    rest.iter().fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn put_id(out: &mut Vec<u8>, id: i64) {
    put_number(out, u64::try_from(id).unwrap_or_default());
}

fn put_node(out: &mut Vec<u8>, node: &Node) {
    put_bytes(out, xml::print(node, Style::Compact).as_bytes());
}

fn node(reader: &mut Reader<'_>) -> Option<Node> {
    xml::parse(reader.text()?, &Limits::default()).ok()?.roots.into_iter().next()
}

/// The ids of a node and all below it, parents first. They mostly count up by one.
fn put_ids(out: &mut Vec<u8>, node: &Node) {
    put_number(out, node.count() as u64);
    let mut last = 0;
    node.walk(&mut |node| {
        put_signed(out, node.id.0.wrapping_sub(last));
        last = node.id.0;
    });
}

fn ids(reader: &mut Reader<'_>) -> Option<Vec<NodeId>> {
    let count = reader.length()?;
    let mut ids = Vec::with_capacity(count.min(1 << 20));
    let mut last = 0_i64;
    for _ in 0..count {
        last = last.wrapping_add(reader.signed()?);
        ids.push(NodeId(last));
    }
    Some(ids)
}

/// A node that was read with the ids that it and those below it had. Should it have been read as another number of nodes,
/// only its own id is certain.
fn with_ids(mut node: Node, ids: &[NodeId]) -> Node {
    fn give(node: &mut Node, ids: &mut impl Iterator<Item = NodeId>) {
        node.id = ids.next().unwrap_or_default();
        node.children.iter_mut().for_each(|child| give(child, ids));
    }
    let certain = if node.count() == ids.len() { ids } else { ids.get(..1).unwrap_or_default() };
    give(&mut node, &mut certain.iter().copied());
    node
}

fn save_instance(out: &mut Vec<u8>, instance: &Instance) {
    put_id(out, instance.id);
    put_bytes(out, instance.name.as_bytes());
    put_id(out, instance.variables_node.unwrap_or_default().0);
    put_node(out, &instance.variables.to_node());
    put_number(out, instance.sections.len() as u64);
    for (name, section) in &instance.sections {
        put_bytes(out, name.as_bytes());
        put_bytes(out, &section.open);
        put_number(out, section.documents.len() as u64);
        for document in &section.documents {
            put_ids(out, &document.node);
            put_bytes(out, &document.xml);
        }
    }
    put_bytes(out, &instance.directory.open);
    put_number(out, instance.directory.domains.len() as u64);
    for domain in &instance.directory.domains {
        domain.save(out);
        domain.symbols.save(out);
        let counts = domain.counts;
        for number in [counts.users, counts.with_cidr, counts.with_gateways, domain.shards.len()] {
            put_number(out, number as u64);
        }
        for shard in domain.shards.iter() {
            shard.save(out);
        }
    }
}

fn load(mut reader: Reader<'_>) -> Option<Snapshot> {
    let reader = &mut reader;
    let revision = reader.id()?;
    let store = reader.text()?.to_owned();
    let default_instance = reader.id()?;
    let mut switches = HashMap::new();
    for _ in 0..reader.length()? {
        switches.insert(reader.text()?.to_owned(), reader.id()?);
    }
    let mut instances = BTreeMap::new();
    for _ in 0..reader.length()? {
        let instance = load_instance(reader)?;
        instances.insert(instance.id, Arc::new(instance));
    }
    Some(Snapshot { revision, store, instances, default_instance, switches: Arc::new(switches) })
}

fn load_instance(reader: &mut Reader<'_>) -> Option<Instance> {
    let id = reader.id()?;
    let name = reader.text()?.to_owned();
    let variables_node = Some(NodeId(reader.id()?)).filter(|id| *id != NodeId::NEW);
    let variables = Variables::saved(&node(reader)?);
    let mut sections = BTreeMap::new();
    for _ in 0..reader.length()? {
        let name = reader.text()?.to_owned();
        let open = reader.bytes()?.to_vec();
        let mut documents = Vec::new();
        for _ in 0..reader.length()? {
            let ids = ids(reader)?;
            documents.push(Arc::new(Document::new(with_ids(node(reader)?, &ids))));
        }
        let mut section = Section::new(&Node::new("section"), documents, &variables);
        section.open = open;
        sections.insert(name, Arc::new(section));
    }
    let open = reader.bytes()?.to_vec();
    let mut domains = Vec::new();
    for _ in 0..reader.length()? {
        domains.push(Arc::new(load_domain(reader)?));
    }
    let directory = Directory::new(open, domains, &variables);
    Some(Instance {
        id,
        name,
        variables_node,
        variables: Arc::new(variables),
        sections,
        directory: Arc::new(directory),
    })
}

fn load_domain(reader: &mut Reader<'_>) -> Option<Domain> {
    let mut domain = Domain::load(reader)?;
    domain.symbols = Arc::new(Symbols::load(reader)?);
    let counts =
        Counts { users: reader.length()?, with_cidr: reader.length()?, with_gateways: reader.length()? };
    let count = reader.length()?;
    let mut shards = Vec::with_capacity(count.min(1 << 20));
    for _ in 0..count {
        shards.push(Arc::new(Shard::load(reader)?));
    }
    domain.shards = shards.into();
    domain.counts = counts;
    Some(domain)
}
