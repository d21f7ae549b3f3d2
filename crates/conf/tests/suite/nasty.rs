//! Trees and files that nobody would write by hand, and that must come back all the same.

use custompbx_conf::{ReadOptions, read_text};
use custompbx_model::{Node, Text};
use proptest::prelude::*;

use crate::support::{assert_comes_back, differences, files, findings, node, pasted, read_one};

fn document(sections: &str) -> Node {
    node(&format!("<document type=\"freeswitch/xml\">{sections}</document>"))
}

#[test]
fn content_of_every_kind_comes_back() {
    for content in [
        "<configuration name='a' undeclared='1' x:y='2'/>",
        "<configuration name='a'>text</configuration>",
        "<configuration name='a'> blanks around\n lines </configuration>",
        "<configuration name='a'><![CDATA[ <b> & ]]]]><![CDATA[> ]]></configuration>",
        "<configuration name='a'>one <b/> two <b/> three</configuration>",
        "<configuration name='a'><p/><p/><p name='1'/><p name='1'/></configuration>",
        "<configuration name='mod_that_is_not_there.conf'><deep><deeper><deepest/></deeper></deep></configuration>",
        "<configuration name='a'><param name='x' value='&lt;X-PRE-PROCESS cmd=\"exec\" data=\"touch /tmp/x\"/&gt;'/></configuration>",
        "<configuration name='a'>&lt;X-PRE-PROCESS cmd=\"set\" data=\"a=b\"/&gt;</configuration>",
        "<configuration name='a'><include ><param name='x'/></include ></configuration>",
        "<configuration name='a'><param value='&lt;include&gt; &lt;!--#set a=b--&gt; &lt;?x?&gt; --&gt;'/></configuration>",
        "<configuration name='a'><param value='a&#10;b&#13;c&#9;d'/>x&#10;y</configuration>",
        "<configuration name='a'><param value='$${a} ${b} $${c'/></configuration>",
        "<configuration name='a'><größe wert='😀'/></configuration>",
        "<configuration/><configuration name=''/>",
        "<param name='no document'/><configuration name='b'/><other/>",
        "<configuration name='a'/>text between<configuration name='b'/>",
    ] {
        assert_comes_back(&document(&format!(
            "<section name='configuration' description='&lt;x&gt;'>{content}</section>"
        )));
    }
}

#[test]
fn conditions_in_conditions_come_back() {
    assert_comes_back(&document(
        "<section name='dialplan'><context name='c'><extension name='e' continue='true'>\
         <condition regex='any'><regex field='a' expression='^(?&lt;n>\\d+)$'/><action application='log' data='&amp;'/>\
         <condition field='b' expression='.*' break='never'><anti-action application='x'/>\
         <condition wday='2-6'><action application='y'/></condition></condition></condition>\
         </extension><extension name='e'/></context></section>",
    ));
}

#[test]
fn sections_of_any_name_come_back() {
    assert_comes_back(&document(
        "<section name='dialplan'/><section name='Directory'><domain name='a'/></section><section name='lang'>\
         <x name='1'/><x name='1'/><y/></section><section name='..'><z id='1'/></section><section/>\
         <section name='freeswitch.xml'><a/></section>",
    ));
}

/// Every one of them in every section that has files.
#[test]
fn names_of_any_kind_come_back() {
    let long = "x".repeat(10_000);
    let names = [
        "<>&\"'",
        "&lt;",
        "😀",
        "..",
        ".",
        "/",
        "../../../etc/passwd",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "CON",
        "nul",
        "com1.conf",
        "Default",
        "default",
        "DEFAULT",
        "X-PRE-PROCESS",
        "<include>",
        "*",
        "?",
        "[a]",
        "{a}",
        "$${domain}",
        "a b",
        " a ",
        "-rf",
        ".hidden",
        "a\"b",
        "a\nb",
        "tab\t",
        "ünï",
        &long,
    ];
    let mut sections = Node::new("document").with("type", "freeswitch/xml");
    for (section, tag) in [
        ("configuration", "configuration"),
        ("dialplan", "context"),
        ("chatplan", "context"),
        ("directory", "domain"),
        ("languages", "language"),
        ("phrases", "macros"),
    ] {
        let documents = names.iter().map(|name| Node::new(tag).with("name", *name));
        sections.children.push(Node::new("section").with("name", section).containing(documents));
    }
    let dir = assert_comes_back(&sections);
    assert!(!dir.path().parent().unwrap().join("passwd.xml").exists());
    let count = std::fs::read_dir(dir.path().join("dialplan")).unwrap().count();
    assert_eq!(count, names.len());
}

#[test]
fn a_very_long_value_comes_back() {
    let long = "ü<".repeat(100_000);
    let param = Node::new("param").with("value", long);
    let configuration = Node::new("configuration").with("name", "a").containing([param]);
    assert_comes_back(
        &document("")
            .containing([Node::new("section").with("name", "configuration").containing([configuration])]),
    );
}

#[test]
fn variables_come_back_with_their_commands() {
    let variable = |name: &str, value: &str, cmd: &str| {
        Node::new("variable").with("name", name).with("value", value).with("cmd", cmd)
    };
    let variables = Node::new("variables").containing([
        variable("a", "x=y $${b} <&'>", "set"),
        variable("empty", "", "set"),
        variable("ip", "stun:stun.freeswitch.org", "stun-set"),
        variable("home", "$HOME", "env-set"),
        variable("trailing", "x ", "set"),
        variable("ünï", "😀", "set"),
    ]);
    assert_comes_back(&document("").containing([variables]));
}

/// The ends of lines and the byte order mark are the editor's business.
#[test]
fn files_of_any_editor_are_read() {
    let plain = "<include>\n<configuration name=\"a\">\n<!-- x -->\ntext\n</configuration>\n</include>\n";
    let expected = pasted(plain).unwrap().document;
    let crlf = plain.replace('\n', "\r\n");
    let mac = plain.replace('\n', "\r");
    for text in [&crlf, &mac, &format!("\u{feff}{plain}"), &format!("\u{feff}{crlf}")] {
        let mut found = Vec::new();
        differences(&expected, &pasted(text).unwrap().document, "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}

/// Nothing is something to say, and no error: FreeSWITCH's own `lang` has such files.
#[test]
fn nothing_is_read_as_nothing() {
    for text in [
        "",
        "\n\n",
        "<!-- only\n a comment -->\n",
        "\u{feff}",
        "<include>\n</include>\n",
        "<?xml version=\"1.0\"?>",
    ] {
        let reading = pasted(text).unwrap();
        assert_eq!(reading.document.children.len(), 0, "{text}");
        assert_eq!(findings(&reading), ["there is nothing in what was read"]);
    }
    let dir = files(&[("a.xml", ""), ("b.xml", "<context name=\"x\"/>")]);
    let reading = read_one(dir.path(), &ReadOptions::default()).unwrap();
    assert_eq!(reading.document.children.len(), 1);
}

#[test]
fn several_roots_of_different_sections_find_their_places() {
    let text = "<include>\n<configuration name=\"a\"/>\n<context name=\"c\"/>\n<domain name=\"d\"/>\n<language name=\"en\"/>\n<macros name=\"m\"/>\n<section name=\"configuration\"><configuration name=\"b\"/></section>\n</include>";
    let reading = pasted(text).unwrap();
    let sections: Vec<_> = reading.document.children.iter().filter_map(Node::natural_name).collect();
    assert_eq!(sections, ["configuration", "dialplan", "directory", "languages", "phrases"]);
    assert_eq!(reading.document.children[0].children.len(), 2);
    let options = ReadOptions { section: Some("chatplan".into()), ..Default::default() };
    let chat = read_text("pasted", b"<context name='c'/>", &options).unwrap();
    assert_eq!(chat.document.children[0].attribute("name"), Some("chatplan"));
}

/// Sections of one name are one, whatever is in them.
#[test]
fn sections_with_text_are_joined() {
    let text = "<section name=\"a\">one</section>\n<section name=\"a\">two</section>\n<section name=\"A\"><b/></section>\n";
    let reading = pasted(text).unwrap();
    let section = &reading.document.children[0];
    assert_eq!(section.text, None);
    assert_eq!(section.children.iter().map(|child| &*child.tag).collect::<Vec<_>>(), ["#text", "#text", "b"]);
}

fn any_text() -> impl Strategy<Value = Text> {
    let hostile = vec![
        "\n",
        "\t",
        "<",
        "&amp;",
        "\"",
        "'",
        "$${",
        "}",
        "X-PRE-PROCESS",
        "<include>",
        "<!--#",
        "-->",
        "<?",
        "]]>",
    ];
    let part = prop_oneof!["[ -~]{1,4}", "\\PC{1,3}", prop::sample::select(hostile).prop_map(str::to_owned)];
    prop::collection::vec(part, 0..6).prop_map(|parts| Text::from(parts.concat()))
}

fn any_node() -> impl Strategy<Value = Node> {
    let tag = prop::sample::select(vec!["a", "b", "include", "X-NO-PRE-PROCESS"]);
    let leaf = (tag, any_text(), any_text(), any_text()).prop_map(|(tag, name, value, text)| {
        let text = Some(text).filter(|text| !text.trim_ascii().is_empty());
        Node { text, ..Node::new(tag).with("name", name).with("v", value) }
    });
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop::collection::vec(inner, 1..4).prop_map(|children| Node::new("parent").containing(children))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_comes_back(
        names in prop::collection::vec(any_text(), 3),
        nodes in prop::collection::vec(any_node(), 1..4),
    ) {
        let documents = names.into_iter().map(|name| Node::new("context").with("name", name).containing(nodes.clone()));
        let section = Node::new("section").with("name", "dialplan").containing(documents);
        let other = Node::new("section").with("name", "other").containing(nodes.clone());
        assert_comes_back(&document("").containing([section, other]));
    }
}

proptest! {
    /// No text stops the reader but by an error.
    #[test]
    fn any_text_is_answered(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "<include>", "</include>", "<?", "?>", "<!--", "-->", "<!--#", "set ", "X-PRE-PROCESS", "\"", "/>", ">",
                "<X-PRE-PROCESS cmd=\"set\" data=\"", "a=", "$${", "$${a}", "}", "\n", "\r", "é", "😀", "<a>", "</a>",
                "<a b=\"", "cmd", "data", "=", " ", "<![CDATA[", "]]>", "<document>", "<section name=\"x\">", "</section>",
            ]),
            0..40,
        ),
        resolve in any::<bool>(),
    ) {
        let options = ReadOptions { resolve, into: Some("dialplan/params".into()), ..Default::default() };
        let _ = read_text("pasted", parts.concat().as_bytes(), &options);
    }
}
