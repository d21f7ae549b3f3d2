//! Parts of documents, which need to be told where they go.

use custompbx_conf::{ReadOptions, read_text};
use custompbx_model::xml::{Style, print};

use crate::support::{files, node, pasted, read_one};

fn into(into: &str) -> ReadOptions {
    ReadOptions { into: Some(into.into()), ..Default::default() }
}

#[test]
fn a_fragment_without_a_place_is_refused_with_an_example() {
    for (tag, example) in [
        ("user", "directory/example.com/default"),
        ("extension", "dialplan/default"),
        ("gateway", "configuration/sofia.conf/profiles/external/gateways"),
        ("menu", "configuration/ivr.conf/menus"),
        ("anything", "configuration/NAME.conf"),
    ] {
        let error = pasted(&format!("<include>\n  <{tag} name=\"x\"/>\n</include>")).unwrap_err();
        let expected = format!(
            "pasted:2:3: <{tag}> does not say where it belongs; give its place, for example --into {example}"
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_fragment_goes_where_it_is_told_to() {
    let dir = files(&[
        ("1-domain.xml", "<domain name=\"example.com\"><groups><group name=\"default\"/></groups></domain>"),
        (
            "2-user.xml",
            "<include>\n<user id=\"1000\"><params><param name=\"password\" value=\"x\"/></params></user>\n</include>",
        ),
    ]);
    let reading = read_one(dir.path(), &into("directory/example.com/default")).unwrap();
    let text = print(&reading.document, Style::Compact);
    assert!(text.contains("<group name=\"default\"><users><user id=\"1000\">"), "{text}");
}

#[test]
fn a_name_that_is_not_there_is_said() {
    let error = read_text("pasted", b"<user id='1'/>", &into("directory/example.com/default")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "--into directory/example.com/default: there is no example.com in section directory; import that first, or correct the name"
    );
}

/// What is stored serves as the place, and goes along whole.
#[test]
fn a_fragment_goes_into_what_is_stored() {
    let base = node(
        "<document><section name='configuration'><configuration name='sofia.conf'><profiles>\
         <profile name='external'><gateways><gateway name='a' x='old'/></gateways></profile></profiles></configuration></section></document>",
    );
    let options = ReadOptions {
        base: Some(base.into()),
        ..into("configuration/sofia.conf/profiles/external/gateways")
    };
    let reading = read_text("pasted", b"<gateway name='a' x='new'/><gateway name='b'/>", &options).unwrap();
    let text = print(&reading.document, Style::Compact);
    assert!(
        text.contains(
            "<gateways><gateway name=\"a\" x=\"new\"/><gateway name=\"b\"/></gateways></profile></profiles>"
        ),
        "{text}"
    );
}

#[test]
fn only_sections_with_contexts_can_be_named() {
    let options = ReadOptions { section: Some("directory".into()), ..Default::default() };
    let error = read_text("pasted", b"", &options).unwrap_err();
    assert_eq!(error.to_string(), "--section directory holds no contexts; it must be dialplan or chatplan");
}
