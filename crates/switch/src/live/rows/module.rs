//! Loaded modules.

use serde::{Deserialize, Serialize};

use super::Word;
use crate::live::kind::{Kind, Of};
use crate::live::table::Row;
use crate::live::told;

/// A module that is loaded, by a line of `show modules as json` or by `MODULE_LOAD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Module {
    /// Its name, such as `mod_sofia`.
    #[serde(rename(deserialize = "ikey"), deserialize_with = "told::as_text")]
    pub name: Word,
    /// The file it was loaded from.
    #[serde(deserialize_with = "told::as_word")]
    pub filename: Option<Word>,
}

impl Row for Module {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        self.name.to_string()
    }
}

impl Module {
    /// A line as it was read: where the key is missing, the file has the name.
    pub(in crate::live) fn of_line(mut self) -> Option<Self> {
        if self.name.is_empty() {
            let file = self.filename.as_deref()?.rsplit(['/', '\\']).next().unwrap_or_default();
            self.name = file.split('.').next().unwrap_or_default().into();
        }
        (!self.name.is_empty()).then_some(self)
    }
}
