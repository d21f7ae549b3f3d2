//! Figures, on demand: `cargo test --release -p custompbx-conf --test suite -- --ignored --nocapture bulk`.

use std::fmt::Write as _;
use std::time::Instant;

use custompbx_conf::{ReadOptions, WriteOptions, write};

use crate::support::{files, read_one};

#[test]
#[ignore = "figures, not a check; takes seconds and hundreds of megabytes"]
fn a_hundred_thousand_users() {
    let mut text = String::from(
        "<document type=\"freeswitch/xml\">\n<section name=\"directory\">\n<domain name=\"example.com\">\n<users>\n",
    );
    for id in 100_000..200_000 {
        writeln!(text, "  <user id=\"{id}\">\n    <params>\n      <param name=\"password\" value=\"pw{id}xyz\"/>\n      <param name=\"vm-password\" value=\"{id}\"/>\n    </params>\n    <variables>").unwrap();
        for (name, value) in [
            ("toll_allow", "domestic,international,local"),
            ("accountcode", ""),
            ("user_context", "default"),
            ("effective_caller_id_name", "Extension "),
            ("effective_caller_id_number", ""),
            ("outbound_caller_id_name", "$${outbound_caller_name}"),
            ("outbound_caller_id_number", "$${outbound_caller_id}"),
            ("callgroup", "techsupport"),
        ] {
            let own = if value.is_empty() || value.ends_with(' ') { id.to_string() } else { String::new() };
            writeln!(text, "      <variable name=\"{name}\" value=\"{value}{own}\"/>").unwrap();
        }
        writeln!(text, "    </variables>\n  </user>").unwrap();
    }
    text.push_str("</users>\n</domain>\n</section>\n</document>\n");
    let dir = files(&[("freeswitch.xml", &text)]);
    println!("{} MiB of XML", text.len() / (1024 * 1024));
    drop(text);
    println!("before: {}", peak());
    for _ in 0..5 {
        let start = Instant::now();
        let reading = read_one(dir.path(), &ReadOptions::default()).unwrap();
        println!("read {} elements in {:?}, {}", reading.document.count(), start.elapsed(), peak());
        assert_eq!(reading.report.counts.users, 100_000);
    }
    let reading = read_one(dir.path(), &ReadOptions::default()).unwrap();
    let start = Instant::now();
    let out = files(&[]);
    write(&reading.document, out.path(), &WriteOptions::default()).unwrap();
    println!("written in {:?}, {}", start.elapsed(), peak());
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown").replace('\t', " ")
}
