//! Users of a domain, found by name.
//!
//! A domain's users lie in many small shards by the hash of their name, so that changing one user copies some
//! kilobytes and not the domain. A shard is two allocations, whatever the number of users in it.

use std::sync::OnceLock;

use custompbx_model::NodeId;
use custompbx_model::edit::by_address;
use custompbx_model::variables::Variables;

use super::build::UserRow;
use super::bytes::{Reader, put_bytes, put_number, put_signed};
use super::encoded::{self, Shown};
use super::searchable::Searchable;
use super::secret::Secrets;
use super::symbols::{Intern, Symbols};

/// How many users a shard should hold.
pub(crate) const USERS_PER_SHARD: usize = 64;

/// FNV-1a. It must never change between versions, because saved snapshots are laid out by it; the names are the
/// operator's own, so collisions need not be feared.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The hash of a name as FreeSWITCH compares names: ASCII case does not matter.
pub(crate) fn hash_name(name: &str) -> u64 {
    hash(&name.to_ascii_lowercase())
}

/// Some of a domain's users.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shard {
    /// Sorted by hash.
    entries: Vec<Entry>,
    records: Vec<u8>,
    /// Made when it is searched; most never are.
    searchable: OnceLock<Box<Searchable>>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    start: u32,
}

/// What is known of a user without printing it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User<'a> {
    /// Its node.
    pub(crate) node: NodeId,
    /// The node that it is a child of: a `users` element, or the domain.
    pub(crate) parent: NodeId,
    /// [`super::UserRow::order`].
    pub(crate) order: i64,
    flags: u8,
    secrets: Secrets,
    /// What this record is found under: the user's `id`, or its `number-alias`.
    pub(crate) name: &'a str,
    /// For an alias the user's `id`.
    pub(crate) alias_of: Option<&'a str>,
    /// The value of `cacheable`, escaped.
    cacheable: &'a str,
    pub(crate) element: Reader<'a>,
}

const HAS_CIDR: u8 = 1;
const HAS_GATEWAYS: u8 = 2;
const IS_ALIAS: u8 = 4;
const IS_IP: u8 = 8;

impl<'a> User<'a> {
    fn read(record: &mut Reader<'a>) -> Option<Self> {
        let flags = record.byte()?;
        let secrets = Secrets::from_byte(record.byte()?);
        let node = NodeId(record.id()?);
        let parent = NodeId(record.id()?);
        let order = record.signed()?;
        let name = record.text()?;
        let alias_of = if flags & IS_ALIAS != 0 { Some(record.text()?) } else { None };
        let cacheable = record.text()?;
        let element = Reader(record.bytes()?);
        Some(Self { node, parent, order, flags, secrets, name, alias_of, cacheable, element })
    }

    /// What its own parameters say of passwords.
    pub(crate) fn secrets(&self) -> Secrets {
        self.secrets
    }

    /// Whether this record is found under the address of its user.
    pub(crate) fn is_ip(&self) -> bool {
        self.flags & IS_IP != 0
    }

    /// Whether this is a user's own record, of which it has one.
    pub(crate) fn counts(&self) -> bool {
        self.alias_of.is_none()
    }

    /// Whether it belongs on access lists.
    pub(crate) fn has_cidr(&self) -> bool {
        self.flags & HAS_CIDR != 0
    }

    /// Whether it has gateways.
    pub(crate) fn has_gateways(&self) -> bool {
        self.flags & HAS_GATEWAYS != 0
    }

    /// Prints it. `cacheable`: whether the switch may keep it, and for how long where the user itself says nothing.
    pub(crate) fn print(
        &self,
        out: &mut Vec<u8>,
        symbols: &Symbols,
        shown: Shown<'_>,
        cacheable: Option<&str>,
    ) {
        let mut extra = Vec::new();
        if let Some(default) = cacheable {
            let value = if self.cacheable.is_empty() { default } else { self.cacheable };
            if !value.is_empty() {
                extra.extend_from_slice(b" cacheable=\"");
                extra.extend_from_slice(value.as_bytes());
                extra.push(b'"');
            }
        }
        let before = out.len();
        if encoded::print(out, &mut self.element.clone(), symbols, shown, &extra).is_none() {
            // Cannot be: records are checked when a snapshot is loaded. Half an element would break the answer.
            out.truncate(before);
        }
    }
}

/// The records of one user: one under its id, one under its alias if it has one. Each with the name it is found by.
pub(crate) fn records(
    user: &UserRow,
    variables: &Variables,
    symbols: &mut impl Intern,
) -> Vec<(String, Vec<u8>)> {
    let UserRow { node, parent, order } = user;
    let Some(id) = node.attribute("id") else { return Vec::new() };
    // FreeSWITCH sees names with the variables replaced.
    let (id, _) = variables.expand(id);
    let id = id.as_str();
    let secrets = Secrets::of_user(node, variables);
    let head = |flags: u8| {
        let mut record = vec![flags, secrets.to_byte()];
        put_number(&mut record, u64::try_from(node.id.0).unwrap_or_default());
        put_number(&mut record, u64::try_from(parent.0).unwrap_or_default());
        put_signed(&mut record, *order);
        record
    };
    let mut flags = 0;
    if node.attribute("cidr").is_some_and(|cidr| !cidr.is_empty()) {
        flags |= HAS_CIDR;
    }
    if node
        .children_named("gateways")
        .any(|gateways| gateways.enabled && gateways.children.iter().any(|child| child.enabled))
    {
        flags |= HAS_GATEWAYS;
    }
    let mut record = head(flags);
    put_bytes(&mut record, id.as_bytes());
    put_bytes(
        &mut record,
        custompbx_model::xml::escape::escape(node.attribute("cacheable").unwrap_or_default()).as_bytes(),
    );
    let mut shown = node.clone();
    shown.attributes.retain(|(name, _)| &**name != "cacheable");
    let mut element = Vec::new();
    encoded::encode(&mut element, &shown, symbols);
    put_bytes(&mut record, &element);
    let mut all = vec![(id.to_owned(), record)];

    let other = |name: String, flags: u8| {
        let mut record = head(flags | IS_ALIAS);
        put_bytes(&mut record, name.as_bytes());
        put_bytes(&mut record, id.as_bytes());
        put_bytes(&mut record, b"");
        put_bytes(&mut record, b"");
        (name, record)
    };
    let expanded =
        |name| node.attribute(name).map(|value| variables.expand(value).0).filter(|value| !value.is_empty());
    let alias = expanded("number-alias").filter(|alias| !alias.eq_ignore_ascii_case(id));
    all.extend(alias.map(|alias| other(alias, 0)));
    all.extend(expanded("ip").map(|ip| other(by_address(&ip), IS_IP)));
    all
}

impl Shard {
    /// The records found under `name`.
    pub(crate) fn find<'s>(&'s self, name: &str) -> impl Iterator<Item = User<'s>> {
        let hash = short(hash_name(name));
        let first = self.entries.partition_point(|entry| entry.hash < hash);
        self.entries[first..]
            .iter()
            .take_while(move |entry| entry.hash == hash)
            .filter_map(|entry| self.read(*entry))
            .filter(move |user| user.name.eq_ignore_ascii_case(name))
    }

    /// All records, in no order, aliases too.
    pub(crate) fn users(&self) -> impl Iterator<Item = User<'_>> {
        self.entries.iter().filter_map(|entry| self.read(*entry))
    }

    /// What a search reads of it. `symbols` are those of its domain.
    pub(crate) fn searchable(&self, symbols: &Symbols) -> &Searchable {
        self.searchable.get_or_init(|| Box::new(Searchable::of(self.users(), symbols)))
    }

    fn read(&self, entry: Entry) -> Option<User<'_>> {
        User::read(&mut Reader(self.records.get(entry.start as usize..)?))
    }

    /// Adds a record that is found under `name`. Shards are filled in any order and then [`Shard::finish`]ed.
    pub(crate) fn add(&mut self, name: &str, record: &[u8]) {
        let Ok(start) = u32::try_from(self.records.len()) else { return };
        self.searchable = OnceLock::new();
        self.entries.push(Entry { hash: short(hash_name(name)), start });
        self.records.extend_from_slice(record);
    }

    pub(crate) fn finish(&mut self) {
        self.entries.sort_by_key(|entry| entry.hash);
        self.entries.shrink_to_fit();
        self.records.shrink_to_fit();
    }

    /// The same without the records of this node.
    pub(crate) fn without(&self, node: NodeId) -> Self {
        let mut next = Self::default();
        for (index, entry) in self.entries.iter().enumerate() {
            if self.read(*entry).is_some_and(|user| user.node != node) {
                let Ok(start) = u32::try_from(next.records.len()) else { continue };
                next.entries.push(Entry { hash: entry.hash, start });
                next.records.extend_from_slice(self.record(index));
            }
        }
        next
    }

    /// The bytes of a record: from its start to where its last part ends.
    fn record(&self, index: usize) -> &[u8] {
        let from = self.records.get(self.entries[index].start as usize..).unwrap_or_default();
        let mut reader = Reader(from);
        match User::read(&mut reader) {
            Some(_) => &from[..from.len() - reader.0.len()],
            None => &[],
        }
    }

    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        put_number(out, self.entries.len() as u64);
        for entry in &self.entries {
            put_number(out, u64::from(entry.hash));
            put_number(out, u64::from(entry.start));
        }
        put_bytes(out, &self.records);
    }

    pub(crate) fn load(reader: &mut Reader<'_>) -> Option<Self> {
        let count = reader.length()?;
        let mut entries = Vec::with_capacity(count.min(1 << 20));
        for _ in 0..count {
            let hash = u32::try_from(reader.number()?).ok()?;
            let start = u32::try_from(reader.number()?).ok()?;
            entries.push(Entry { hash, start });
        }
        let shard = Self { entries, records: reader.bytes()?.to_vec(), ..Self::default() };
        let whole = shard.entries.iter().all(|entry| shard.read(*entry).is_some());
        let sorted = shard.entries.is_sorted_by_key(|entry| entry.hash);
        (whole && sorted).then_some(shard)
    }
}

/// The part of a hash that is kept with an entry; the other part chose the shard.
fn short(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}
