//! Texts that must not be seen.

use std::fmt;

use rand::RngExt as _;
use serde::{Deserialize, Serialize};

/// A password. `Debug` does not show it; writing the configuration file does.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret from its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Each use of this is a place where it may leak.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(none)" } else { "(hidden)" })
    }
}

/// Random letters and digits without those that look alike, from the system's generator; each has 5.7 bits.
pub fn random_text(length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut random = rand::rng();
    (0..length).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?} {:?}", Secret::new("geheim"), Secret::default()), "(hidden) (none)");
    }

    #[test]
    fn random_texts_differ() {
        assert_eq!(random_text(24).len(), 24);
        assert_ne!(random_text(24), random_text(24));
    }
}
