//! Puts the built web interface into the binary: each file of `ui/dist`, compressed where that helps.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(env("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    let out = PathBuf::from(env("OUT_DIR"));
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    let mut table = String::from("&[\n");
    for (index, (name, path)) in files.iter().enumerate() {
        println!("cargo::rerun-if-changed={}", path.display());
        let content =
            fs::read(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
        let compressed = compress(&content);
        let is_compressed = compressed.len() < content.len();
        let target = out.join(format!("ui-{index}"));
        let kept = if is_compressed { &compressed } else { &content };
        fs::write(&target, kept).unwrap_or_else(|error| panic!("cannot write {}: {error}", target.display()));
        let _ = writeln!(
            table,
            "    Asset {{ name: {name:?}, content: include_bytes!({target:?}), is_compressed: {is_compressed} }},"
        );
    }
    table.push(']');
    let target = out.join("assets.rs");
    fs::write(&target, table).unwrap_or_else(|error| panic!("cannot write {}: {error}", target.display()));
}

fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

/// The files below `directory` with their names relative to `root`; none when the interface was not built.
fn collect(root: &Path, directory: &Path, into: &mut Vec<(String, PathBuf)>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for path in entries.filter_map(|entry| entry.ok()).map(|entry| entry.path()) {
        if path.is_dir() {
            collect(root, &path, into);
        } else if let Ok(name) = path.strip_prefix(root) {
            into.push((name.to_string_lossy().replace('\\', "/"), path));
        }
    }
}

fn compress(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.unwrap_or_else(|error| panic!("cannot compress: {error}"))
}
