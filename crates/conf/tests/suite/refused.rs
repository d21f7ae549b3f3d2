//! What is refused, and whether the message leads to the place.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use custompbx_conf::{ReadError, ReadOptions, read, read_text};

use crate::support::{files, main_file, message, pasted, read_one};

const INCLUDE: &str = "<document>\n<X-PRE-PROCESS cmd=\"include\" data=\"PATH\"/>\n</document>\n";

fn including(path: &str) -> String {
    INCLUDE.replace("PATH", path)
}

fn refused(content: &str, others: &[(&str, &str)]) -> String {
    let (dir, reading) = main_file(content, others);
    message(&reading.unwrap_err(), dir.path())
}

#[test]
fn malformed_xml_is_shown_where_it_is() {
    assert_eq!(
        refused(
            &including("a.xml"),
            &[(
                "a.xml",
                "<include>\n  <section name=\"a\">\n\n    <configuration>\n    </configuratoin>\n  </section>\n</include>\n"
            )]
        ),
        "a.xml:5:5: ill-formed document: expected `</configuration>`, but `</configuratoin>` was found (inside of <configuration>, which begins at a.xml:4:5)\n    </configuratoin>"
    );
    assert_eq!(
        refused(&including("a.xml"), &[("a.xml", "<section name=\"a\">\n<configuration>\n</section>\n")]),
        "a.xml:3:1: ill-formed document: expected `</configuration>`, but `</section>` was found (inside of <configuration>, which begins at a.xml:2:1)\n    </section>"
    );
    // The end is missing in one file, and noticed in another.
    assert_eq!(
        refused(&including("a.xml"), &[("a.xml", "<section name=\"a\">\n")]),
        "freeswitch.xml:3:1: ill-formed document: expected `</section>`, but `</document>` was found (inside of <section>, which begins at a.xml:1:1)\n    </document>"
    );
    let broken = pasted("<a>\r\n<b>\r\n <c x=1/>\r\n</b></a>").unwrap_err().to_string();
    assert!(broken.starts_with("pasted:3:2: in <c>: "), "{broken}");
    let open = pasted("<document>\n<section>\n").unwrap_err().to_string();
    assert!(open.starts_with("pasted:3:1: the element <section> is never closed (inside of <section>, which begins at pasted:2:1)"), "{open}");
}

/// Text that the preprocessor replaced or dropped does not move the places of what comes after.
#[test]
fn places_are_those_of_the_original() {
    let text = "<?xml version=\"1.0\"?>\n<X-PRE-PROCESS cmd=\"set\" data=\"a=long long long\"/>\n<!--#comment\n\n--> <x v=\"$${a}\"> </y>\n";
    let options = ReadOptions { resolve: true, ..Default::default() };
    let error = read_text("pasted", text.as_bytes(), &options).unwrap_err().to_string();
    assert!(error.starts_with("pasted:5:19: ill-formed document: expected `</x>`"), "{error}");
    assert!(error.ends_with("<x v=\"long long long\"> </y>"), "{error}");
}

#[test]
fn bombs_are_refused() {
    let entities =
        "<!DOCTYPE a [\n<!ENTITY x \"y\">\n<!ENTITY z \"&x;&x;&x;&x;\">\n]>\n<document>&z;</document>";
    let error = pasted(entities).unwrap_err().to_string();
    assert!(error.starts_with("pasted:1:1: the document type declares entities"), "{error}");
    let deep = pasted(&"<a>\n".repeat(10_000)).unwrap_err().to_string();
    assert!(deep.starts_with("pasted:201:1: elements are nested more than 200 levels deep"), "{deep}");
    let doubling = "<X-PRE-PROCESS cmd=\"set\" data=\"a=$${a}$${a}xx\"/>\n".repeat(40);
    let seed = format!("<X-PRE-PROCESS cmd=\"set\" data=\"a=x\"/>\n{doubling}");
    let error = pasted(&seed).unwrap_err().to_string();
    assert!(error.ends_with("the variable a grows beyond 1024 KiB"), "{error}");
    let options = ReadOptions { resolve: true, max_bytes: 10_000, ..Default::default() };
    let value = "x".repeat(1_000);
    let text = format!("<X-PRE-PROCESS cmd=\"set\" data=\"a={value}\"/>\n<a>{}</a>", "$${a}".repeat(100));
    assert!(matches!(read_text("pasted", text.as_bytes(), &options), Err(ReadError::TooMuch { .. })));
}

/// Each value is short enough, and all together are not.
#[test]
fn many_long_values_are_refused() {
    let value = "x".repeat(10_000);
    let copies: String =
        (0..1_000).map(|copy| format!("<X-PRE-PROCESS cmd=\"set\" data=\"b{copy}=$${{a}}\"/>\n")).collect();
    let text = format!("<X-PRE-PROCESS cmd=\"set\" data=\"a={value}\"/>\n{copies}");
    let options = ReadOptions { max_bytes: 1_000_000, ..Default::default() };
    assert!(matches!(read_text("pasted", text.as_bytes(), &options), Err(ReadError::TooMuch { .. })));
}

/// Many remarks, places and variables in one long line must not cost the square of it.
#[test]
fn long_lines_take_no_time() {
    let remarks = format!("<a>{}</a>", "<b c='' c=''/>".repeat(200_000));
    let options = ReadOptions { into: Some("dialplan/params".into()), resolve: true, ..Default::default() };
    let reading = read_text("pasted", remarks.as_bytes(), &options).unwrap();
    assert_eq!(reading.report.findings.len(), 52);
    let text = format!("<X-PRE-PROCESS cmd=\"set\" data=\"a=1\"/>\n<a>{}</a>", "$${a}$${b}".repeat(200_000));
    assert_eq!(read_text("pasted", text.as_bytes(), &options).unwrap().report.counts.others, 1);
    let lines = format!("<a>\n{}</b>", "<b/>\n".repeat(200_000));
    let error = read_text("pasted", lines.as_bytes(), &options).unwrap_err().to_string();
    assert!(error.starts_with("pasted:200002:1: "), "{error}");
}

/// Each file includes the next one twice.
#[test]
fn includes_that_double_at_each_level_are_refused() {
    let twice = |next: usize| format!("<X-PRE-PROCESS cmd=\"include\" data=\"{next}.xml\"/>\n").repeat(2);
    let levels: Vec<(String, String)> =
        (0..40).map(|level| (format!("{level}.xml"), twice(level + 1))).collect();
    let mut levels: Vec<(&str, &str)> =
        levels.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    levels.push(("40.xml", " "));
    let dir = files(&levels);
    let options = ReadOptions { max_bytes: 100_000, ..Default::default() };
    assert!(matches!(read_one(&dir.path().join("0.xml"), &options), Err(ReadError::TooMuch { .. })));
}

#[test]
fn large_files_are_refused_unread() {
    let dir = files(&[("b.xml", &" ".repeat(600))]);
    let path = dir.path().join("a.xml");
    File::create(&path).unwrap().set_len(200 * 1024 * 1024).unwrap();
    let error = read_one(&path, &ReadOptions::default()).unwrap_err();
    assert_eq!(
        message(&error, dir.path()),
        "a.xml has 200 MiB, more than the limit of 128 MiB; --max-size raises it"
    );
    fs::write(&path, " ".repeat(600)).unwrap();
    let options = ReadOptions { max_bytes: 1_000, ..Default::default() };
    let paths = ["a.xml", "b.xml"].map(|name| dir.path().join(name));
    let error = read(&paths, &options, &mut |_| {}).unwrap_err();
    assert_eq!(
        message(&error, dir.path()),
        "with b.xml it would be more than the limit of 1000 bytes in all; --max-size raises it"
    );
}

#[test]
fn circles_are_shown() {
    let to = |path: &str| format!("\n<X-PRE-PROCESS cmd=\"include\" data=\"{path}\"/>\n");
    assert_eq!(
        refused(&including("a.xml"), &[("a.xml", &to("b/b.xml")), ("b/b.xml", &to("../a.xml"))]),
        "the files include each other in a circle:\n    a.xml:2\n    b/b.xml:2"
    );
    assert_eq!(
        refused(&including("freeswitch.xml"), &[]),
        "the files include each other in a circle:\n    freeswitch.xml:2"
    );
}

#[test]
fn freeswitch_includes_a_hundred_levels() {
    let level = |next: usize| format!("<X-PRE-PROCESS cmd=\"include\" data=\"{next}.xml\"/>\n");
    let levels: Vec<(String, String)> = (1..=101).map(|at| (format!("{at}.xml"), level(at + 1))).collect();
    let mut levels: Vec<(&str, &str)> =
        levels.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(refused(&level(1), &levels), "100.xml:1: includes are nested more than 100 levels deep");
    levels[99].1 = "<section name=\"a\"/>";
    assert!(main_file(&level(1), &levels).1.is_ok());
}

#[test]
fn nothing_outside_of_the_directory_is_read() {
    let outside = files(&[("secret.xml", "<section name=\"secret\"/>\n")]);
    let secret = fs::canonicalize(outside.path()).unwrap().join("secret.xml");
    let (name, dir) = (outside.path().file_name().unwrap().to_str().unwrap(), secret.parent().unwrap());
    let leads = format!(
        "leads to {}, which is outside of DIR; --allow-outside DIR lets a directory in",
        secret.display()
    );
    let relative = format!("../{name}/secret.xml");
    assert_eq!(refused(&including(&relative), &[]), format!("freeswitch.xml:2: {relative} {leads}"));
    let absolute = secret.to_str().unwrap();
    assert_eq!(refused(&including(absolute), &[]), format!("freeswitch.xml:2: {absolute} {leads}"));
    // A pattern would list a directory.
    let pattern = format!("../{name}/*.xml");
    let lists = leads.replace("/secret.xml,", ",");
    assert_eq!(refused(&including(&pattern), &[]), format!("freeswitch.xml:2: {pattern} {lists}"));

    let link = files(&[("freeswitch.xml", &including("link.xml"))]);
    symlink(&secret, link.path().join("link.xml")).unwrap();
    let error = read_one(link.path(), &ReadOptions::default()).unwrap_err();
    assert_eq!(message(&error, link.path()), format!("freeswitch.xml:2: link.xml {leads}"));
    fs::remove_file(link.path().join("freeswitch.xml")).unwrap();
    assert!(matches!(
        read_one(link.path(), &ReadOptions::default()),
        Err(ReadError::Outside { place: None, .. })
    ));
    symlink(&secret, link.path().join("freeswitch.xml")).unwrap();
    assert!(matches!(read_one(link.path(), &ReadOptions::default()), Err(ReadError::Outside { .. })));

    let allowed = files(&[("freeswitch.xml", &including(absolute))]);
    let options = ReadOptions { allow_outside: vec![dir.to_owned()], ..Default::default() };
    assert_eq!(read_one(allowed.path(), &options).unwrap().document.children.len(), 1);
}

#[test]
fn a_pasted_text_includes_nothing() {
    let error = pasted(&including("/etc/passwd")).unwrap_err().to_string();
    assert_eq!(
        error,
        "pasted:2: /etc/passwd cannot be included, because a pasted text has no directory; paste what is in it"
    );
}

#[test]
fn text_that_is_not_utf8_is_shown_where_it_is() {
    let error = |bytes: &[u8]| read_text("pasted", bytes, &ReadOptions::default()).unwrap_err().to_string();
    assert_eq!(error(b"<a>\n  \xc3\xa4 \xff</a>"), "pasted:2:5: byte 9 of the file is not UTF-8");
    assert_eq!(error(b"\xff\xfe<\0"), "pasted:1:1: byte 0 of the file is not UTF-8 but UTF-16");
    assert_eq!(
        error(b"<a>\n\0</a>"),
        "pasted:2:1: byte 4 of the file is NUL, which ends FreeSWITCH's strings"
    );
}

#[test]
fn what_cannot_be_opened_is_named_with_the_reason() {
    let dir = files(&[]);
    let missing = read_one(&dir.path().join("no.xml"), &ReadOptions::default()).unwrap_err();
    assert_eq!(message(&missing, dir.path()), "cannot read no.xml: No such file or directory (os error 2)");
    assert!(matches!(read(&[], &ReadOptions::default(), &mut |_| {}), Err(ReadError::NoPaths)));
    let device = read_one(Path::new("/dev/zero"), &ReadOptions::default()).unwrap_err();
    assert_eq!(device.to_string(), "cannot read /dev/zero: it is no regular file");
    symlink("nowhere", dir.path().join("freeswitch.xml")).unwrap();
    fs::write(dir.path().join("a.xml"), including("gone*.xml")).unwrap();
    symlink("nowhere", dir.path().join("gone.xml")).unwrap();
    let dangling = read_one(&dir.path().join("a.xml"), &ReadOptions::default()).unwrap_err();
    assert!(message(&dangling, dir.path()).starts_with("cannot read gone.xml: No such file"), "{dangling}");
}
