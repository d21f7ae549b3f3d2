//! `xml_curl_server.cacheable` in the file: a text, which is empty where there is none.

use custompbx_xmlcurl::Cacheable;
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(value: &Option<Cacheable>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(value.as_ref().map_or("", Cacheable::as_str))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cacheable>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|error| D::Error::custom(format!("{text:?} is {error}; leave it empty for not at all")))
}
