//! What the tests share.

use std::fs;
use std::path::{Path, PathBuf};

use custompbx_conf::{ReadError, ReadOptions, Reading, WriteOptions, read, read_text, write};
use custompbx_model::Node;
use custompbx_model::xml::{Limits, parse};
use tempfile::TempDir;

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/fixtures")
}

/// A directory with these files.
pub(crate) fn files(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

pub(crate) fn read_one(path: &Path, options: &ReadOptions) -> Result<Reading, ReadError> {
    read(&[path.to_owned()], options, &mut |_| {})
}

/// Reads a directory whose main file holds `content`, beside other files.
pub(crate) fn main_file(content: &str, others: &[(&str, &str)]) -> (TempDir, Result<Reading, ReadError>) {
    let dir = files(others);
    fs::write(dir.path().join("freeswitch.xml"), content).unwrap();
    let reading = read_one(dir.path(), &ReadOptions::default());
    (dir, reading)
}

pub(crate) fn pasted(text: &str) -> Result<Reading, ReadError> {
    read_text("pasted", text.as_bytes(), &ReadOptions::default())
}

pub(crate) fn node(text: &str) -> Node {
    parse(text, &Limits::default()).unwrap().roots.remove(0)
}

/// The message of an error without the temporary directory, and the messages behind it.
pub(crate) fn message(error: &ReadError, dir: &Path) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    let real = fs::canonicalize(dir).unwrap();
    text.replace(&format!("{}/", real.display()), "").replace(&real.display().to_string(), "DIR")
}

/// `line: message` of every finding.
pub(crate) fn findings(reading: &Reading) -> Vec<String> {
    reading
        .report
        .findings
        .iter()
        .map(|finding| {
            let place = finding.place.as_ref().map(|place| {
                format!("{}:{}: ", place.file.file_name().unwrap().to_string_lossy(), place.line)
            });
            format!("{}{}", place.unwrap_or_default(), finding.message)
        })
        .collect()
}

/// Writes the document, reads it again, and says that nothing changed.
pub(crate) fn assert_comes_back(document: &Node) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(document, dir.path(), &WriteOptions::default()).unwrap();
    let again = read_one(dir.path(), &ReadOptions::default()).unwrap();
    if let Some(difference) = difference(document, &again.document) {
        panic!("{difference}");
    }
    dir
}

/// The first place where two trees differ.
pub(crate) fn difference(left: &Node, right: &Node) -> Option<String> {
    let mut all = Vec::new();
    differences(left, right, "", &mut all);
    all.into_iter().next()
}

/// Every place where two trees differ, as `path: left | right`.
pub(crate) fn differences(left: &Node, right: &Node, path: &str, found: &mut Vec<String>) {
    let path = format!("{path}/{}", left.natural_name().unwrap_or(&left.tag));
    if !left.same_head(right) {
        found.push(format!("{path}: {} | {}", head(left, right), head(right, left)));
    }
    for (left, right) in left.children.iter().zip(&right.children) {
        differences(left, right, &path, found);
    }
    if left.children.len() != right.children.len() {
        found.push(format!("{path}: {} children | {} children", left.children.len(), right.children.len()));
    }
}

/// The parts of the first that are not the same in the second.
fn head(node: &Node, other: &Node) -> String {
    let tag = (node.tag != other.tag).then(|| node.tag.to_string());
    let text = (node.text != other.text).then(|| format!("{:?}", node.text));
    let attributes = node.attributes.iter().filter(|(name, value)| other.attribute(name) != Some(value));
    let attributes = attributes.map(|(name, value)| format!("{name}={value}"));
    tag.into_iter().chain(text).chain(attributes).collect::<Vec<_>>().join(" ")
}
