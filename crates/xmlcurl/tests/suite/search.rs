//! Looking for users.

use custompbx_model::NodeId;
use custompbx_xmlcurl::Snapshot;
use custompbx_xmlcurl::snapshot::{Rank, Words};

use crate::asking::tree;

const USERS: &str = r#"<document><section name="directory"><domain name="d"><groups><group name="g"><users>
  <user id="1000" number-alias="77"><params><param name="password" value="secret-1"/><param value="4711" name="vm-password"/>
    </params><variables><variable name="effective_caller_id_name" value="Müller &amp; Söhne"/>
    <variable name="user_context" value="default"/></variables></user>
  <user id="1001"><secret-access-key>4711</secret-access-key><params><param name="password" value="secret-2"/></params>
    <variables><variable name="user_context" value="default"/></variables></user>
  <user id="21000" cidr="192.0.2.7/32"><variables><variable name="user_context" value="default"/></variables>
    <gateways><gateway name="uplink-1000"/></gateways></user>
  <user id="5"><variables><variable name="user_context" value="default"/>
    <variable name="note" value="1000"/></variables></user>
  <user id="6"><variables><variable name="user_context" value="default"/></variables></user>
</users></group></groups></domain></section></document>"#;

fn search(text: &str, most: usize) -> (Vec<(Rank, String)>, usize) {
    let tree = tree(USERS);
    let snapshot = Snapshot::of(&tree);
    let (hits, total) = snapshot.instances[&1].search(&Words::of(text).unwrap(), most);
    let name = |id: NodeId| {
        let mut found = None;
        tree.walk(&mut |node| {
            if node.id == id {
                found = node.attribute("id").map(str::to_owned);
            }
        });
        found.unwrap()
    };
    (hits.iter().map(|hit| (hit.rank, name(hit.user))).collect(), total)
}

fn names(text: &str) -> Vec<String> {
    search(text, 100).0.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn users_are_found_by_names_numbers_and_values_best_first() {
    let expected = [(Rank::Name, "1000"), (Rank::Value, "5"), (Rank::Somewhere, "21000")];
    let (hits, total) = search("1000", 100);
    assert_eq!(hits, expected.map(|(rank, name)| (rank, name.to_owned())));
    assert_eq!(total, 3);
    assert_eq!(search("100", 100).0[0], (Rank::NameBegins, "1000".to_owned()));
    assert_eq!(names("77"), ["1000"], "the second number is a name too");
    assert_eq!(names("192.0.2"), ["21000"]);
    assert_eq!(names("UPLINK"), ["21000"]);
    assert_eq!(names("default").len(), 5, "what all have is found in all");
    assert_eq!(names("default 77"), ["1000"], "all words must be there");
    assert_eq!(names("& s"), ["1000"], "what is escaped is found as it is");
    assert_eq!(names("amp"), Vec::<String>::new());
    assert_eq!(names("nobody"), Vec::<String>::new());
}

#[test]
fn nobody_is_found_by_a_secret_or_by_the_name_of_a_parameter() {
    for text in ["secret-1", "secret", "4711", "vm-password", "effective_caller", "user_context"] {
        assert_eq!(names(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_best_are_kept_and_all_are_counted() {
    let (hits, total) = search("default", 2);
    assert_eq!((hits.len(), total), (2, 5));
    assert_eq!(search("100", 1).0, [(Rank::NameBegins, "1000".to_owned())]);
}
