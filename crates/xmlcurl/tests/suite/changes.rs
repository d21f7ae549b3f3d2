//! New snapshots after edits: what changed is seen, what did not is shared.

use std::collections::HashMap;
use std::sync::Arc;

use custompbx_model::variables::Variables;
use custompbx_model::{Node, NodeId};
use custompbx_xmlcurl::Snapshot;
use custompbx_xmlcurl::snapshot::{Domain, Instance, UserRow, UsersBuilder};

use crate::asking::{text, tree};

const DOMAIN: NodeId = NodeId(3);
const USERS: NodeId = NodeId(4);

fn snapshot(users: usize) -> Snapshot {
    let users: String = (0..users).map(|id| format!("<user id=\"{id}\" number-alias=\"a{id}\"><params><param name=\"password\" value=\"p{id}\"/></params></user>")).collect();
    Snapshot::of(&tree(&format!(
        "<document><section name=\"directory\"><domain name=\"d\"><users>{users}</users></domain></section></document>"
    )))
}

fn instance(snapshot: &Snapshot) -> &Arc<Instance> {
    &snapshot.instances[&1]
}

fn ask(snapshot: &Snapshot, user: &str) -> String {
    text(snapshot, &format!("section=directory&Event-Name=R&domain=d&user={user}"))
}

/// A user behind all others.
fn row(id: i64, name: &str) -> UserRow {
    let node = Node { id: NodeId(id), ..Node::new("user").with("id", name) };
    UserRow { node, parent: USERS, order: i64::MAX }
}

#[test]
fn one_user_is_exchanged_and_the_others_shared() {
    let old = snapshot(5_000);
    // Nodes are numbered 5, 8, 11, ...: a user has three.
    let names = ["7".to_owned(), "a7".to_owned(), "renamed".to_owned()];
    let id = NodeId(5 + 7 * 3);
    let new =
        old.with_instance(instance(&old).with_user(DOMAIN, id, &names, Some(&row(id.0, "renamed"))).unwrap());
    assert!(ask(&old, "7").contains("p7"), "whoever has the old one keeps it");
    assert_eq!(ask(&new, "7"), "NotFound");
    assert_eq!(ask(&new, "a7"), "NotFound");
    assert!(ask(&new, "renamed").contains("<user id=\"renamed\"/>"));
    assert_eq!(ask(&new, "8"), ask(&old, "8"));
    assert_eq!((old.users(), new.users()), (5_000, 5_000));
}

#[test]
fn users_come_and_go() {
    let old = snapshot(100);
    let added =
        instance(&old).with_user(DOMAIN, NodeId(9_000), &["new".into()], Some(&row(9_000, "new"))).unwrap();
    let added = old.with_instance(added);
    assert!(ask(&added, "new").contains("<user id=\"new\"/>"));
    assert_eq!(added.users(), 101);
    let whole = text(&added, "section=directory&Event-Name=R&domain=d");
    assert!(whole.trim_end().ends_with("<user id=\"new\"/></users></domain>"), "a new one is the last");
    let gone = instance(&added).with_user(DOMAIN, NodeId(9_000), &["new".into()], None).unwrap();
    let gone = added.with_instance(gone);
    assert_eq!(ask(&gone, "new"), "NotFound");
    assert_eq!(
        text(&gone, "section=directory&Event-Name=R&domain=d"),
        text(&old, "section=directory&Event-Name=R&domain=d")
    );
    let mut disabled = row(9_000, "new");
    disabled.node.enabled = false;
    let disabled = added.with_instance(
        instance(&added).with_user(DOMAIN, NodeId(9_000), &["new".into()], Some(&disabled)).unwrap(),
    );
    assert_eq!(ask(&disabled, "new"), "NotFound");
}

#[test]
fn heads_documents_and_variables() {
    let tree = tree(
        "<document><variables><variable name='n' value='one' cmd='set'/></variables><section name='directory'><domain name='$${n}'><params/><users><user id='1'/></users></domain></section><section name='configuration'><configuration name='a'><x/></configuration></section></document>",
    );
    let old = Snapshot::of(&tree);
    let ask = |snapshot: &Snapshot, domain: &str| {
        text(snapshot, &format!("section=directory&Event-Name=R&user=1&domain={domain}"))
    };
    assert!(ask(&old, "one").contains("<params/>"));

    let mut domain = tree.children[1].children[0].clone();
    domain.children[0].children.push(Node::new("param").with("name", "new"));
    let head = old.with_instance(instance(&old).with_domain_head(&domain, &HashMap::new()).unwrap());
    assert!(
        ask(&head, "one").contains("<param name=\"new\"/>") && ask(&head, "one").contains("<user id=\"1\"/>")
    );

    let mut variables = tree.children[0].clone();
    variables.children[0].set_attribute("value", "two");
    let renamed = old.with_instance(instance(&old).with_variables(&variables).unwrap());
    assert_eq!(ask(&renamed, "one"), "NotFound");
    assert!(ask(&renamed, "two").contains("<user"));

    let document = &tree.children[2].children[0];
    let form = "section=configuration&tag_name=configuration&key_name=name&key_value=a";
    let changed = Node { children: vec![Node::new("y")], ..document.clone() };
    let changed = old.with_instance(instance(&old).with_document(document.id, Some(changed)).unwrap());
    assert!(text(&changed, form).contains("<y/>"));
    let removed = old.with_instance(instance(&old).with_document(document.id, None).unwrap());
    assert_eq!(text(&removed, form), "NotFound");
    assert!(instance(&old).with_document(NodeId(99), None).is_err());
    assert!(instance(&old).with_user(NodeId(99), NodeId(1), &[], None).is_err());
}

#[test]
fn names_with_variables_are_found_by_what_they_mean() {
    let tree = tree(
        "<document><variables><variable name='n' value='one' cmd='set'/></variables><section name='directory'><domain name='d'><user id='$${n}' number-alias='7$${n}'/></domain></section><section name='dialplan'><context name='c-$${n}'/></section></document>",
    );
    let old = Snapshot::load(&Snapshot::of(&tree).save()).unwrap();
    assert!(ask(&old, "one").contains("<user id=\"$${n}\""));
    assert!(ask(&old, "7one").contains("<user id=\"$${n}\""));
    assert!(text(&old, "section=dialplan&Hunt-Context=c-one").contains("c-$${n}"));
    assert!(instance(&old).with_variables(&tree.children[0]).is_err(), "the users have to be read again");
    let user = &tree.children[1].children[0].children[0];
    let names = ["$${n}".to_owned(), "7$${n}".to_owned()];
    let gone = instance(&old).with_user(tree.children[1].children[0].id, user.id, &names, None).unwrap();
    let gone = old.with_instance(gone);
    assert_eq!((ask(&gone, "one"), ask(&gone, "7one")), ("NotFound".into(), "NotFound".into()));
}

/// The first member of a group is called first; it must not become the last one by being away for a while.
/// FreeSWITCH replaces what is in a value when it is set, so that a variable may name itself.
#[test]
fn variables_have_the_values_of_the_moment_they_were_set_at() {
    let files = "<X-PRE-PROCESS cmd=\"set\" data=\"a=$${a}b\"/>\n<X-PRE-PROCESS cmd=\"set\" data=\"d=one\"/>\n\
        <X-PRE-PROCESS cmd=\"set\" data=\"d=$${d}.$${a}.$${late}example\"/>\n\
        <X-PRE-PROCESS cmd=\"set\" data=\"late=x\"/>\n<document><section name='directory'>\n\
        <domain name='$${d}'><user id='$${a}$${late}'/></domain></section></document>";
    let reading = custompbx_conf::read_text("pasted", files.as_bytes(), &Default::default()).unwrap();
    let snapshot = Snapshot::of(&reading.document);
    for snapshot in [&snapshot, &Snapshot::load(&snapshot.save()).unwrap()] {
        let found = text(snapshot, "section=directory&Event-Name=R&domain=one.b.example&user=bx");
        assert!(found.contains("<user id=\"$${a}$${late}\""), "{found}");
    }
}

#[test]
fn a_user_keeps_its_place_while_it_is_disabled() {
    let old = snapshot(10);
    let id = NodeId(5 + 3 * 3);
    let row = |enabled| UserRow { node: Node { enabled, ..row(id.0, "3").node }, parent: USERS, order: 4 };
    let names = ["3".to_owned(), "a3".to_owned()];
    let away = old.with_instance(instance(&old).with_user(DOMAIN, id, &names, Some(&row(false))).unwrap());
    assert_eq!((ask(&away, "3"), away.users()), ("NotFound".to_owned(), 9));
    let away = Snapshot::load(&away.save()).unwrap();
    let back = away.with_instance(instance(&away).with_user(DOMAIN, id, &names, Some(&row(true))).unwrap());
    assert_eq!(back.users(), 10);
    let whole = text(&back, "section=directory&Event-Name=R&domain=d");
    let place = |id: &str| whole.find(&format!("<user id=\"{id}\"")).unwrap();
    assert!(place("2") < place("3") && place("3") < place("4"), "{whole}");
}

/// The order decides, whoever was read first, and whatever stands between: users in groups are called in it.
#[test]
fn users_and_pointers_stand_in_their_order() {
    let user = |id: i64, order| UserRow { order, ..row(id, &id.to_string()) };
    let pointer = |id: i64| Node {
        id: NodeId(id),
        ..Node::new("user").with("id", id.to_string()).with("type", "pointer")
    };
    let holder = |pointers: &[i64]| {
        let users = Node::new("users").containing(pointers.iter().map(|id| pointer(*id)));
        let users = Node { id: USERS, ..users };
        Node { id: DOMAIN, ..Node::new("domain").with("name", "d").containing([users]) }
    };
    let orders = |of: &[(i64, i64)]| of.iter().map(|(id, order)| (NodeId(*id), *order)).collect();
    let variables = Variables::default();
    let mut builder = UsersBuilder::new(4, &variables);
    [user(13, 1 << 40), user(11, -(1 << 33)), user(12, 7)].iter().for_each(|user| builder.add(user));
    let domain = builder.finish(&holder(&[21, 22]), &orders(&[(21, 0), (22, 1 << 41)]));
    let listed = |instance: &Instance| {
        let saved = Snapshot { default_instance: 1, ..Snapshot::default() }.with_instance(instance.clone());
        let saved = Snapshot::load(&saved.save()).unwrap();
        let whole = text(&saved, "section=directory&Event-Name=R&domain=d");
        let ids: Vec<String> = whole.split("<user id=\"").skip(1).map(|user| user[..2].to_owned()).collect();
        ids.join(" ")
    };
    let document = Node::new("document")
        .containing([Node::new("section").with("name", "directory").containing([holder(&[21, 22])])]);
    let domains: HashMap<NodeId, Domain> = HashMap::from([(DOMAIN, domain)]);
    let old = Instance::new(1, "default", &document, domains);
    assert_eq!(listed(&old), "11 21 12 13 22");
    let with = |instance: &Instance, id: i64, order| {
        let user = user(id, order);
        instance.with_user(DOMAIN, NodeId(id), &[id.to_string()], Some(&user)).unwrap()
    };
    let between = with(&old, 14, 3);
    assert_eq!(listed(&between), "11 21 14 12 13 22");
    let moved = with(&between, 11, 1 << 41 | 1);
    assert_eq!(listed(&moved), "21 14 12 13 22 11");
    let head = moved.with_domain_head(&holder(&[22, 23]), &orders(&[(23, 5), (22, i64::MIN)])).unwrap();
    assert_eq!(listed(&head), "22 14 23 12 13 11");
}

#[test]
fn a_saved_document_has_the_ids_of_all_its_nodes() {
    let dialplan = "<context name=\"c\"><extension name=\"a\"><condition field=\"x\"><action application=\"log\">a &lt; b\n</action>\
                    </condition></extension><extension name=\"b\"/></context>";
    let text =
        format!("<document><section name=\"dialplan\">{dialplan}<context name=\"d\"/></section></document>");
    let old = Snapshot::of(&tree(&text));
    let new = Snapshot::load(&old.save()).unwrap();
    let documents = |snapshot: &Snapshot| -> Vec<Node> {
        let section = &instance(snapshot).sections["dialplan"];
        section.documents.iter().map(|document| document.node.clone()).collect()
    };
    assert_eq!(documents(&new), documents(&old));
    assert!(documents(&old)[0].children[1].id.0 > 0);
}
