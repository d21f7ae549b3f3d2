//! Questions about the directory, on a tree that has every place where a user can stand.

use custompbx_xmlcurl::{Answer, Notice, Settings, Snapshot};

use crate::asking::{ask_with, inner, text, tree};

const TREE: &str = r#"<document type="freeswitch/xml">
<variables><variable name="second" value="two.example" cmd="set"/></variables>
<section name="directory" description="Users">
  <domain name="$${local_ip_v4}" x="1">
    <params><param name="dial-string" value="user/${dialed_user}"/></params>
    <variables><variable name="v" value="1"/></variables>
    <groups>
      <group name="default">
        <params><param name="gp" value="1"/></params>
        <users>
          <user id="1000" number-alias="77" cidr="192.0.2.0/24"><params><param name="password" value="a&lt;b"/></params></user>
          <user id="1001"><params><param name="a1-hash" value="abc"/></params><gateways><gateway name="g"><param name="p" value="v"/></gateway></gateways></user>
          <user id="1002" cacheable="9000"><params><param name="vm-password" value="1"/></params></user>
          <user id="1003"><params><param name="password" value=""/></params><gateways/></user>
        </users>
      </group>
      <group name="sales"><users><user id="1000" type="pointer"/><user id="own"><params><param name="password" value="x"/></params></user><user id="2000" type="pointer"/></users></group>
      <group name="empty"/>
    </groups>
    <users><user id="2000"><params><param name="password" value="x"/></params></user><user id="1000"/></users>
    <user id="3000" mac="aa:bb"><params><param name="password" value="x"/></params></user>
    <vendor-thing a="1">text</vendor-thing>
  </domain>
  <domain name="$${second}"><params><param name="password" value="shared"/></params><user id="1"/></domain>
  <domain name="empty.example"/>
</section></document>"#;

const HEAD: &str = r#"<section name="directory" description="Users"><domain name="192.0.2.1" x="1"><params><param name="dial-string" value="user/${dialed_user}"/></params><variables><variable name="v" value="1"/></variables><vendor-thing a="1">text</vendor-thing>"#;

fn snapshot() -> Snapshot {
    let snapshot = Snapshot::of(&tree(TREE));
    // What is saved and loaded again answers the same.
    Snapshot::load(&snapshot.save()).unwrap()
}

fn form(rest: &str) -> String {
    format!(
        "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value=192.0.2.1&Event-Name=GENERAL&FreeSWITCH-IPv4=192.0.2.1&{rest}"
    )
}

fn user(id: &str) -> String {
    text(&snapshot(), &form(&format!("key=id&user={id}&domain=192.0.2.1")))
}

#[test]
fn a_user_comes_with_its_domain_and_group() {
    let expected = format!(
        r#"{HEAD}<groups><group name="default"><params><param name="gp" value="1"/></params><users><user id="1000" number-alias="77" cidr="192.0.2.0/24"><params><param name="password" value="a&lt;b"/></params></user></users></group></groups></domain>"#
    );
    assert_eq!(user("1000"), expected);
    assert_eq!(user("77"), user("1000"), "by number-alias");
    assert!(user("OWN").contains(r#"<group name="sales"><users><user id="own">"#), "case does not matter");
    assert!(user("2000").contains(r#"</vendor-thing><users><user id="2000">"#));
    assert!(user("3000").contains(r#"</vendor-thing><user id="3000" mac="aa:bb">"#));
    assert_eq!(user("4711"), "NotFound");
    assert_eq!(text(&snapshot(), &form("key=mac&user=aa:bb&domain=192.0.2.1")), user("3000"));
    assert_eq!(text(&snapshot(), &form("key=mac&user=aa&domain=192.0.2.1")), "NotFound");
}

/// FreeSWITCH would find the one in the groups first.
#[test]
fn of_two_users_the_one_that_freeswitch_would_find() {
    assert!(user("1000").contains("a&lt;b"));
}

#[test]
fn domains_by_name_variable_and_switch() {
    let snapshot = snapshot();
    let ask = |domain: &str, ip: &str| {
        text(
            &snapshot,
            &format!("hostname=x&section=directory&Event-Name=R&user=1&domain={domain}&FreeSWITCH-IPv4={ip}"),
        )
    };
    assert!(ask("two.example", "192.0.2.9").contains(r#"<domain name="two.example">"#));
    assert!(ask("TWO.example", "192.0.2.9").contains("<user id=\"1\"/>"));
    assert_eq!(ask("192.0.2.1", "192.0.2.1"), "NotFound", "no such user there");
    assert_eq!(ask("other.example", "192.0.2.1"), "NotFound");
    // The same domain is found under whatever address the asking switch has.
    let by_ip = |ip: &str| {
        text(
            &snapshot,
            &format!("hostname=x&section=directory&Event-Name=R&user=1000&domain={ip}&FreeSWITCH-IPv4={ip}"),
        )
    };
    assert!(by_ip("198.51.100.1").contains(r#"<domain name="198.51.100.1" x="1">"#));
}

#[test]
fn without_a_secret_nobody_can_authenticate() {
    let ask = |user: &str, action: &str| {
        let form = form(&format!("{action}key=id&user={user}&domain=192.0.2.1"));
        ask_with(&snapshot(), &Settings { cacheable: Some("5000".parse().unwrap()) }, &form)
    };
    for user in ["1002", "1003"] {
        let (answer, notices) = ask(user, "action=sip_auth&");
        assert_eq!(answer, Answer::NotFound);
        assert_eq!(notices.len(), 2, "{notices:?}");
        assert!(notices.contains(&Notice::NoSecret { user: user.into(), domain: "192.0.2.1".into() }));
        // Any other question is answered, but the switch must not keep the answer: it would use it for the first.
        let (answer, _) = ask(user, "action=user_call&");
        let Answer::Found(bytes) = answer else { panic!("{answer:?}") };
        assert!(!String::from_utf8(bytes).unwrap().contains("cacheable"));
    }
    for user in ["1000", "1001", "own", "3000"] {
        assert!(matches!(ask(user, "action=sip_auth&").0, Answer::Found(_)), "{user}");
    }
    // A password of the domain counts (recorded: password-in-domain-params).
    let domain = "hostname=x&section=directory&Event-Name=R&action=sip_auth&user=1&domain=two.example";
    assert!(text(&snapshot(), domain).contains("<user id=\"1\"/>"));
    // With enable-post-var the question does not say what it is about.
    let bare = "hostname=x&section=directory&tag_name=domain&key_name=name&key_value=two.example&user=1";
    assert!(text(&snapshot(), bare).contains("<user id=\"1\"/>"));
}

#[test]
fn users_are_cacheable_by_setting() {
    let ask = |cacheable: &str, user: &str| {
        let settings = Settings { cacheable: cacheable.parse().ok() };
        match ask_with(&snapshot(), &settings, &form(&format!("user={user}&domain=192.0.2.1"))).0 {
            Answer::Found(bytes) => String::from_utf8(bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert!(ask("60000", "1001").contains(r#"<user id="1001" cacheable="60000">"#));
    assert!(!ask("", "1001").contains("cacheable"));
    // Its own word counts, but this one has no password.
    assert!(!ask("60000", "1002").contains("cacheable"));
}

#[test]
fn gateways_of_users_and_all_domains() {
    let found = text(
        &snapshot(),
        "hostname=x&section=directory&tag_name=&key_name=&key_value=&Event-Name=R&purpose=gateways&profile=external&FreeSWITCH-IPv4=192.0.2.1",
    );
    assert_eq!(
        found.trim(),
        r#"<section name="directory" description="Users"><domain name="192.0.2.1" x="1"><groups><group name="default"><params><param name="gp" value="1"/></params><users><user id="1001"><gateways><gateway name="g"><param name="p" value="v"/></gateway></gateways></user></users></group></groups></domain><domain name="two.example"></domain><domain name="empty.example"></domain>"#
    );
}

#[test]
fn users_on_access_lists() {
    let found = text(&snapshot(), &form("domain=192.0.2.1&purpose=network-list"));
    assert_eq!(
        found.trim(),
        r#"<section name="directory" description="Users"><domain name="192.0.2.1" x="1"><groups><group name="default"><params><param name="gp" value="1"/></params><users><user id="1000" number-alias="77" cidr="192.0.2.0/24"/></users></group></groups></domain>"#
    );
}

#[test]
fn groups_in_the_order_of_their_members() {
    let found = text(&snapshot(), &form("action=group_call&group=sales&group_name=sales&domain=192.0.2.1"));
    assert!(found.contains(r#"<groups><group name="sales"><users><user id="1000" type="pointer"/><user id="own"><params><param name="password" value="x"/></params></user><user id="2000" type="pointer"/></users></group></groups></domain>"#), "{found}");
    assert!(
        text(&snapshot(), &form("action=group_call&group_name=empty&domain=192.0.2.1"))
            .contains(r#"<group name="empty"></group>"#)
    );
    assert_eq!(text(&snapshot(), &form("action=group_call&group_name=none&domain=192.0.2.1")), "NotFound");
}

/// mod_voicemail puts a message into the boxes of those that a group's pointers point to without asking again.
#[test]
fn messages_for_a_group_find_their_users() {
    let found = text(&snapshot(), &form("group=sales&domain=192.0.2.1&purpose=publish-vm"));
    assert!(found.contains(r#"<groups><group name="default">"#), "{found}");
    assert!(found.contains("a&lt;b") && found.contains(r#"<user id="1000" type="pointer"/>"#), "{found}");
    assert_eq!(found.matches("<groups>").count(), 1);
    assert!(found.contains(r#"<users><user id="2000">"#), "{found}");
    assert!(!found.contains("1001"), "{found}");
    let all = text(&snapshot(), &form("user=_all_&domain=192.0.2.1&purpose=publish-vm"));
    assert_eq!(all, text(&snapshot(), &form("domain=192.0.2.1")));
}

#[test]
fn a_whole_domain_is_what_is_stored() {
    let found = ask_with(&snapshot(), &Settings::default(), &form("domain=192.0.2.1")).0;
    let Answer::Found(bytes) = found else { panic!("{found:?}") };
    let text = inner(&String::from_utf8(bytes).unwrap());
    assert_eq!(text.matches("<groups>").count(), 1);
    assert_eq!(text.matches("<user ").count(), 10);
    for id in ["1000", "1001", "1002", "1003", "own", "2000", "3000"] {
        assert!(text.contains(&format!("<user id=\"{id}\"")), "{id}");
    }
}

#[test]
fn an_answer_that_freeswitch_would_not_take_is_none() {
    let mut users = String::new();
    for id in 0..6_000 {
        users.push_str(&format!("<user id=\"{id}\" cidr=\"192.0.2.1/32\"><params><param name=\"password\" value=\"{id:0>180}\"/></params></user>"));
    }
    let tree = tree(&format!(
        "<document><section name=\"directory\"><domain name=\"d\"><users>{users}</users></domain></section></document>"
    ));
    let snapshot = Snapshot::of(&tree);
    let ask = |form: &str| ask_with(&snapshot, &Settings::default(), form).0;
    let whole = ask("hostname=x&section=directory&Event-Name=R&domain=d");
    assert_eq!(whole, Answer::TooLarge { document: "directory domain=d".into() });
    assert!(matches!(
        ask("hostname=x&section=directory&Event-Name=R&domain=d&purpose=network-list"),
        Answer::Found(_)
    ));
    assert!(matches!(ask("hostname=x&section=directory&Event-Name=R&domain=d&user=5999"), Answer::Found(_)));
}

#[test]
fn disabled_nodes_are_not_there() {
    let mut tree = tree(TREE);
    let domain = &mut tree.children[1].children[0];
    domain.children[2].children[0].enabled = false;
    domain.children[0].enabled = false;
    let snapshot = Snapshot::of(&tree);
    let ask = |user: &str| text(&snapshot, &form(&format!("user={user}&domain=192.0.2.1")));
    // The one in the disabled group is gone; the one in `users` is found now, and has no group.
    assert!(ask("1000").contains(r#"<users><user id="1000"/></users>"#), "{}", ask("1000"));
    assert_eq!(ask("1001"), "NotFound");
    assert!(!ask("2000").contains("dial-string"));
}

#[test]
fn hostile_names_stay_text() {
    let hostile = r#"<document><section name="directory"><domain name="d"><user id="&lt;X-PRE-PROCESS cmd=&quot;exec&quot; data=&quot;x&quot;/&gt;" a="&lt;include&gt;&#10;&lt;?xml&#13;😀"><params><param name="password" value="X-PRE-PROCESS"/></params></user></domain></section></document>"#;
    let tree = tree(hostile);
    let snapshot = Snapshot::of(&tree);
    let form = "hostname=x&section=directory&Event-Name=R&domain=d&user=%3CX-PRE-PROCESS%20cmd%3D%22exec%22%20data%3D%22x%22/%3E";
    let answer = crate::asking::ask(&snapshot, form).unwrap();
    let user = answer.children[0].child("domain").unwrap().child("user").unwrap();
    assert!(user.same_content(tree.children[0].children[0].child("user").unwrap()));
}

/// FreeSWITCH looks for the address a caller comes from before the name it says it has (`find_user_in_tag`).
#[test]
fn users_are_found_by_their_address() {
    let tree = tree(
        "<document><section name='directory'><domain name='d'><users><user id='a'/><user id='trunk' ip='192.0.2.9'/>\
         <user id='192.0.2.8' ip='192.0.2.7'/></users></domain></section></document>",
    );
    let snapshot = Snapshot::load(&Snapshot::of(&tree).save()).unwrap();
    let ask = |rest: &str| text(&snapshot, &format!("section=directory&Event-Name=R&domain=d&{rest}"));
    assert!(ask("user=anything&ip=192.0.2.9").contains("trunk"));
    assert!(ask("user=a&ip=192.0.2.9").contains("trunk"));
    assert!(ask("user=a&ip=192.0.2.1").contains("<user id=\"a\"/>"));
    assert_eq!(ask("user=ip%3D192.0.2.9"), "NotFound");
    assert_eq!(ask("user=x&ip=192.0.2.8"), "NotFound", "an id is no address");
}

/// With enable-post-var a question may be about authentication without saying so, and without a user.
#[test]
fn a_listing_that_may_be_for_authentication_has_no_user_without_a_secret() {
    let bare = "section=directory&tag_name=domain&key_name=name&key_value=two.example";
    let whole = text(&snapshot(), bare);
    assert!(whole.contains("<user id=\"1\"/>"), "the domain has a password: {whole}");
    let listed = text(
        &snapshot(),
        "section=directory&tag_name=domain&key_name=name&key_value=192.0.2.1&FreeSWITCH-IPv4=192.0.2.1",
    );
    for (user, is_there) in [("1000", true), ("1001", true), ("1002", false), ("1003", false), ("own", true)]
    {
        assert_eq!(
            listed.contains(&format!("<user id=\"{user}\""))
                && !listed.contains(&format!("<user id=\"{user}\" cacheable")),
            is_there,
            "{user}"
        );
    }
}

#[test]
fn sections_are_found_whatever_their_case_and_the_first_counts() {
    let tree = tree(
        "<document><section name='Directory'><domain name='d'><user id='1'/></domain></section>\
         <section name='directory'><domain name='d'><user id='2'/></domain></section>\
         stray<section name='Dialplan'>text --&gt;<context name='c'/></section></document>",
    );
    let snapshot = Snapshot::load(&Snapshot::of(&tree).save()).unwrap();
    assert!(text(&snapshot, "section=directory&Event-Name=R&domain=d&user=1").contains("id=\"1\""));
    assert_eq!(text(&snapshot, "section=directory&Event-Name=R&domain=d&user=2"), "NotFound");
    assert!(text(&snapshot, "section=dialplan&Hunt-Context=c").contains("<context"));
}
