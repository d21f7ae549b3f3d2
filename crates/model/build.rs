//! Puts the catalogues of what has no declaration, and the lists beside them, into the crate: every file of two
//! directories, so that nothing names them.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("catalogue");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    for folder in ["undeclared", "lists"] {
        println!("cargo::rerun-if-changed=catalogue/{folder}");
        let mut files: Vec<_> = fs::read_dir(root.join(folder))?.collect::<Result<_, _>>()?;
        files.sort_by_key(fs::DirEntry::file_name);
        let lines = files.iter().map(|file| {
            let name = file.file_name();
            let name = name.to_string_lossy();
            format!("({:?}, include_str!({:?})),\n", name.trim_end_matches(".json"), file.path())
        });
        fs::write(
            Path::new(&out).join(format!("{folder}.rs")),
            format!("&[\n{}]", lines.collect::<String>()),
        )?;
    }
    Ok(())
}
