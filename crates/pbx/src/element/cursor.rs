//! Where a page of a list ended.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The value by which an item is sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Key {
    /// It has none.
    Missing(()),
    /// A number.
    Number(i64),
    /// Anything else.
    Text(String),
}

/// The last item of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// What it is sorted by.
    pub(super) keys: Vec<Key>,
    /// Its node, or its position where the list has no other order.
    pub(super) last: i64,
}

impl Cursor {
    /// As text, for the list that `list` describes.
    pub(super) fn write(&self, list: &str) -> String {
        let payload = serde_json::to_vec(self).unwrap_or_default();
        let bytes = [&check(list, &payload)[..], &payload].concat();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// `None` for a text that was never given out for this list. The check is no secret: with a cursor of one's own
    /// making one gets another page of the same list.
    pub(super) fn read(text: &str, list: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (sum, payload) = bytes.split_at_checked(CHECK)?;
        if sum != check(list, payload) {
            return None;
        }
        serde_json::from_slice(payload).ok()
    }
}

/// Bytes of the check.
const CHECK: usize = 8;

fn check(list: &str, payload: &[u8]) -> [u8; CHECK] {
    let mut hash = Sha256::new();
    hash.update(list.len().to_le_bytes());
    hash.update(list);
    hash.update(payload);
    let mut sum = [0; CHECK];
    sum.copy_from_slice(&hash.finalize()[..CHECK]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_list_only() {
        let cursor = Cursor { keys: vec![Key::Text("ü".into()), Key::Number(7), Key::Missing(())], last: 9 };
        let text = cursor.write("a");
        assert_eq!(Cursor::read(&text, "a"), Some(cursor));
        assert_eq!(Cursor::read(&text, "b"), None);
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(Cursor::read(&other, "a"), None, "{other}");
        }
        for text in ["", "x", "1", "AAAA", "%00", "😀"] {
            assert_eq!(Cursor::read(text, "a"), None);
        }
    }
}
