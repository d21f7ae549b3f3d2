//! Which state of an element somebody saw.

use custompbx_model::Node;
use custompbx_store::{InstanceId, Store};
use sha2::{Digest as _, Sha256};

use super::find::Element;
use crate::error::Result;

/// Up to so many nodes, an element's version is that of what is in it.
pub(super) const MOST_HASHED: u32 = 2_000;

/// Says that nothing of an element is different.
///
/// Of an element with up to 2,000 nodes it is a hash of these: it stays when others change other things. Of a larger one
/// it is the last revision of the instance, which also changes when something else does: a comparison can fail for
/// nothing, and never pass wrongly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub String);

/// What must be so for a change to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// `If-Match`: the element is there, in one of these versions; any will do when there are none.
    pub is: Option<Vec<Version>>,
    /// `If-None-Match`: the element is not there, or in none of these versions.
    pub is_not: Option<Vec<Version>>,
}

impl Condition {
    /// Whether it is met by an element of this version, or by none.
    pub fn is_met(&self, version: Option<&Version>) -> bool {
        let among = |versions: &[Version]| {
            version.is_some_and(|version| versions.is_empty() || versions.contains(version))
        };
        self.is.as_deref().is_none_or(among) && !self.is_not.as_deref().is_some_and(among)
    }

    /// Whether there is nothing to be looked at.
    pub fn is_none(&self) -> bool {
        self.is.is_none() && self.is_not.is_none()
    }
}

impl Version {
    /// The version of nodes.
    pub(super) fn of(node: &Node) -> Self {
        let mut hash = Sha256::new();
        add(&mut hash, node);
        Self(format!("h{}", short(hash)))
    }

    /// The version of what is too large to be looked at.
    pub(super) async fn of_instance(store: &Store, instance: InstanceId) -> Result<Self> {
        Ok(Self(format!("r{}.{}", instance.0, store.head_of(instance).await?.0)))
    }

    /// The version of an element.
    pub(super) async fn of_element(store: &Store, instance: InstanceId, element: &Element) -> Result<Self> {
        // Asked for first: when somebody changes something in between, the version is older than what is shown.
        let revision = Self::of_instance(store, instance).await?;
        let cut = store.cut(&[element.id()], usize::MAX, MOST_HASHED).await?;
        Ok(cut.and_then(|cut| cut.nodes.first().map(Self::of)).unwrap_or(revision))
    }
}

/// A hash as text.
pub(super) fn short(hash: Sha256) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
}

fn add(hash: &mut Sha256, node: &Node) {
    let mut text = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    text(&node.tag);
    for (name, value) in &node.attributes {
        text(name);
        text(value);
    }
    if let Some(of) = &node.text {
        text("\0text");
        text(of);
    }
    hash.update(node.id.0.to_le_bytes());
    hash.update([u8::from(node.enabled)]);
    hash.update(node.children.len().to_le_bytes());
    hash.update(node.attributes.len().to_le_bytes());
    for child in &node.children {
        add(hash, child);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_of_everything_in_it() {
        let version = |node: &Node| Version::of(node);
        let one = Node::new("a").with("x", "1").containing([Node::new("b")]);
        assert_eq!(version(&one), version(&one.clone()));
        let others = [
            Node::new("a").with("x", "2").containing([Node::new("b")]),
            Node::new("a").with("x1", "").containing([Node::new("b")]),
            Node::new("a").with("x", "1").containing([Node::new("b"), Node::new("b")]),
            Node::new("a").with("x", "1").containing([Node { enabled: false, ..Node::new("b") }]),
            Node::new("a").with("x", "1").containing([Node { text: Some("".into()), ..Node::new("b") }]),
        ];
        for other in others {
            assert_ne!(version(&one), version(&other), "{other:?}");
        }
    }

    #[test]
    fn conditions() {
        let version = Version("h1".into());
        let other = Version("h2".into());
        let is = |is: Vec<Version>| Condition { is: Some(is), is_not: None };
        let is_not = |is_not: Vec<Version>| Condition { is: None, is_not: Some(is_not) };
        assert!(Condition::default().is_met(None) && Condition::default().is_met(Some(&version)));
        assert!(is(vec![]).is_met(Some(&version)) && !is(vec![]).is_met(None));
        assert!(is(vec![version.clone(), other.clone()]).is_met(Some(&version)));
        assert!(!is(vec![other.clone()]).is_met(Some(&version)) && !is(vec![other.clone()]).is_met(None));
        assert!(is_not(vec![]).is_met(None) && !is_not(vec![]).is_met(Some(&version)));
        assert!(
            is_not(vec![other]).is_met(Some(&version))
                && !is_not(vec![version.clone()]).is_met(Some(&version))
        );
    }
}
