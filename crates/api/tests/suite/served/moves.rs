//! Users that go to another domain.

use custompbx_model::{At, Edit, Node};
use custompbx_testkit::server::{Engine, Setup, TestPbx, find};

use super::edits::user_form;
use crate::engines::on_both_engines;

on_both_engines!(
    a_moved_user_leaves_its_old_domain,
    a_user_that_is_renamed_and_moved_leaves_nothing_behind,
    moves_that_were_made_in_between_are_followed,
);

/// Users of two domains; all but one look the same but for their names.
const TWO_DOMAINS: &str = r#"<document type="freeswitch/xml"><section name="directory">
  <domain name="a.example"><groups><group name="sales"><users>
    <user id="1000" number-alias="77" cidr="192.0.2.1/32" office="here"><params><param name="password" value="pw-1000"/></params></user>
    <user id="1001" office="here"><params><param name="password" value="pw-1001"/></params></user>
  </users></group></groups></domain>
  <domain name="b.example">
    <groups><group name="support"><users>
      <user id="2000"><params><param name="password" value="pw-2000"/></params></user>
    </users></group></groups>
    <users><user id="2001"><params><param name="password" value="pw-2001"/></params></user></users>
  </domain>
</section></document>"#;

const SALES: &str = "section/directory domain/a.example groups group/sales users";
const SUPPORT: &str = "section/directory domain/b.example groups group/support users";
const USERS: &str = "section/directory domain/b.example users";

fn edit_of_move(tree: &Node, user: &str, to: &str) -> Edit {
    Edit::Move { id: find(tree, user).id, parent: find(tree, to).id, at: At::Last }
}

fn edit_of_rename(tree: &Node, user: &str, name: &str) -> Edit {
    let mut node = find(tree, user).clone();
    node.set_attribute("id", name);
    Edit::Update { id: node.id, attributes: node.attributes, text: None }
}

async fn is_found(pbx: &TestPbx, domain: &str, user: &str) -> bool {
    let reply = pbx.ask(&user_form(domain, user)).await;
    assert_eq!(reply.status, 200);
    reply.text().contains("name=\"password\"")
}

/// Which of these names are found in a.example, and which in b.example.
async fn found(pbx: &TestPbx, names: &[&'static str]) -> [Vec<&'static str>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for (domain, found) in ["a.example", "b.example"].into_iter().zip(&mut found) {
        for name in names {
            if is_found(pbx, domain, name).await {
                found.push(*name);
            }
        }
    }
    found
}

/// How many users the snapshot has in each domain, seen or not.
fn users(pbx: &TestPbx) -> Vec<usize> {
    let snapshot = pbx.pbx.snapshot().unwrap();
    let instance = snapshot.instances.values().next().unwrap();
    instance.directory.domains.iter().map(|domain| domain.users()).collect()
}

/// The lists of a domain: all users, those on access lists, a group.
async fn lists(pbx: &TestPbx, domain: &str, group: &str) -> String {
    let mut all = String::new();
    for rest in ["", "&purpose=network-list", &format!("&group_name={group}")] {
        let form = format!(
            "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value={domain}&domain={domain}{rest}"
        );
        all += pbx.ask(&form).await.text();
    }
    all
}

/// What is in memory is what a start on the same database makes.
async fn is_as_after_a_start(pbx: &TestPbx) {
    let anew = pbx.beside().await;
    assert_eq!(users(pbx), users(&anew));
    for (domain, group) in [("a.example", "sales"), ("b.example", "support")] {
        assert_eq!(lists(pbx, domain, group).await, lists(&anew, domain, group).await);
    }
    anew.stop().await;
}

async fn a_moved_user_leaves_its_old_domain(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(TWO_DOMAINS).await;
    let names = ["1000", "77", "1001", "2000", "2001"];
    let at_home = [vec!["1000", "77", "1001"], vec!["2000", "2001"]];
    let away = [vec!["1001"], vec!["1000", "77", "2000", "2001"]];
    assert_eq!(found(&pbx, &names).await, at_home);
    // Also into a group of another domain, and to where it came from.
    for to in [USERS, SUPPORT] {
        pbx.change(vec![edit_of_move(&pbx.tree().await, &format!("{SALES} user/1000"), to)]).await;
        assert_eq!(found(&pbx, &names).await, away, "{to}");
        assert_eq!(users(&pbx), [1, 3], "{to}");
        let lists = lists(&pbx, "a.example", "sales").await;
        assert!(!lists.contains("1000") && !lists.contains("192.0.2.1"), "{lists}");
        // One that is not there any more does not stand before the one that is.
        let by_office = user_form("a.example", "here").replace("&key=id", "&key=office");
        assert!(pbx.ask(&by_office).await.text().contains("pw-1001"), "{to}");
        is_as_after_a_start(&pbx).await;

        // An edit of it there does not bring it back.
        pbx.set(&format!("{to} user/1000 params param/password"), "value", "another").await;
        assert_eq!((found(&pbx, &names).await, users(&pbx)), (away.clone(), vec![1, 3]), "{to}");

        pbx.change(vec![edit_of_move(&pbx.tree().await, &format!("{to} user/1000"), SALES)]).await;
        assert_eq!((found(&pbx, &names).await, users(&pbx)), (at_home.clone(), vec![2, 2]), "{to}");
        is_as_after_a_start(&pbx).await;
    }
    pbx.stop().await;
}

async fn a_user_that_is_renamed_and_moved_leaves_nothing_behind(engine: Engine) {
    for rename_first in [true, false] {
        let pbx = TestPbx::on(engine).await;
        pbx.import_xml(TWO_DOMAINS).await;
        let tree = pbx.tree().await;
        let user = format!("{SALES} user/1000");
        let mut edits = vec![edit_of_rename(&tree, &user, "3000"), edit_of_move(&tree, &user, SUPPORT)];
        if !rename_first {
            edits.reverse();
        }
        pbx.change(edits).await;
        let names = ["1000", "3000", "77", "1001", "2000", "2001"];
        let expected = [vec!["1001"], vec!["3000", "77", "2000", "2001"]];
        assert_eq!(found(&pbx, &names).await, expected, "rename first: {rename_first}");
        is_as_after_a_start(&pbx).await;

        // A user that becomes a pointer on the way is in neither.
        let tree = pbx.tree().await;
        let user = format!("{SUPPORT} user/3000");
        let mut pointer = find(&tree, &user).clone();
        pointer.set_attribute("type", "pointer");
        let (id, attributes) = (pointer.id, pointer.attributes);
        pbx.change(vec![edit_of_move(&tree, &user, SALES), Edit::Update { id, attributes, text: None }])
            .await;
        assert_eq!(found(&pbx, &names).await, [vec!["1001"], vec!["2000", "2001"]]);
        is_as_after_a_start(&pbx).await;
        pbx.stop().await;
    }
}

/// There and back, told all at once; then a whole group.
async fn moves_that_were_made_in_between_are_followed(engine: Engine) {
    let pbx = Setup::on(engine).start().await;
    pbx.import_xml(TWO_DOMAINS).await;
    let beside = pbx.beside().await;
    let place = pbx.stop().await;
    let names = ["1000", "77", "1001", "2000", "2001"];
    for (from, to) in [(SALES, SUPPORT), (SUPPORT, SALES), (SALES, USERS)] {
        let edit = edit_of_move(&beside.tree().await, &format!("{from} user/1000"), to);
        beside.change(vec![edit]).await;
    }
    let pbx = place.start().await;
    let expected = [vec!["1001"], vec!["1000", "77", "2000", "2001"]];
    assert_eq!((found(&pbx, &names).await, users(&pbx)), (expected, vec![1, 3]));
    is_as_after_a_start(&pbx).await;

    let tree = pbx.tree().await;
    let sales = find(&tree, "section/directory domain/a.example groups group/sales").id;
    let groups = find(&tree, "section/directory domain/b.example groups").id;
    pbx.change(vec![Edit::Move { id: sales, parent: groups, at: At::Last }]).await;
    let expected = [vec![], vec!["1000", "77", "1001", "2000", "2001"]];
    assert_eq!((found(&pbx, &names).await, users(&pbx)), (expected, vec![0, 4]));
    is_as_after_a_start(&pbx).await;
    beside.stop().await;
    pbx.stop().await;
}
