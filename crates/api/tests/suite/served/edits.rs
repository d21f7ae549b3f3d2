//! Each kind of edit gives the same answers as a server that starts anew.

use std::collections::BTreeMap;

use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_testkit::server::{Engine, TestPbx, find, named};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::engines::on_both_engines;

on_both_engines!(
    an_edit_is_in_the_next_answer,
    what_is_disabled_is_not_served,
    users_are_served_in_their_order,
    edits_at_random_give_what_a_new_start_gives,
);

/// A small directory.
pub(crate) const DIRECTORY: &str = r#"<document type="freeswitch/xml">
<section name="configuration"><configuration name="acl.conf"><network-lists><list name="lan" default="deny"/></network-lists></configuration></section>
<section name="directory"><domain name="example.com">
  <params><param name="dial-string" value="d"/></params>
  <groups>
    <group name="default"><users>
      <user id="1000"><params><param name="password" value="pw-1000"/></params></user>
      <user id="1001" number-alias="77"><params><param name="password" value="pw-1001"/></params></user>
      <user id="1002"><params><param name="password" value="pw-1002"/></params></user>
    </users></group>
    <group name="sales"><users><user id="1000" type="pointer"/></users></group>
  </groups>
</domain></section></document>"#;

const USERS: &str = "section/directory domain/example.com groups group/default users";

/// What FreeSWITCH gets for a user of example.com.
pub(crate) async fn user_answer(pbx: &TestPbx, user: &str) -> String {
    let reply = pbx.ask(&user_form("example.com", user)).await;
    assert_eq!(reply.status, 200);
    reply.text().to_owned()
}

pub(super) fn user_form(domain: &str, user: &str) -> String {
    format!(
        "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value={domain}&Event-Name=R\
         &action=sip_auth&key=id&user={user}&domain={domain}"
    )
}

/// The edit that gives a user another password.
pub(crate) fn set_password(tree: &Node, user: &str, password: &str) -> Edit {
    let param = find(tree, &format!("{USERS} user/{user} params param/password"));
    let mut param = param.clone();
    param.set_attribute("value", password);
    Edit::Update { id: param.id, attributes: param.attributes, text: None }
}

async fn an_edit_is_in_the_next_answer(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DIRECTORY).await;
    let others = [user_answer(&pbx, "1001").await, user_answer(&pbx, "1002").await];
    for at in 0..20 {
        let password = format!("pw <{at}> & \"${{x}}\"");
        pbx.change(vec![set_password(&pbx.tree().await, "1000", &password)]).await;
        let answer = user_answer(&pbx, "1000").await;
        assert!(answer.contains(&format!("pw &lt;{at}&gt; &amp; &quot;${{x}}&quot;")), "{answer}");
    }
    assert_eq!([user_answer(&pbx, "1001").await, user_answer(&pbx, "1002").await], others);
    // The same again changes nothing.
    let revision = pbx.pbx.snapshot().unwrap().revision;
    let changed = pbx.change(vec![set_password(&pbx.tree().await, "1001", "pw-1001")]).await;
    assert_eq!((changed.revision, pbx.pbx.snapshot().unwrap().revision), (None, revision));
    pbx.stop().await;
}

async fn what_is_disabled_is_not_served(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DIRECTORY).await;
    let acl = "hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value=acl.conf";
    let gone = |text: &str| text.contains("not found");
    for (way, form) in [
        (format!("{USERS} user/1001"), user_form("example.com", "1001")),
        (format!("{USERS} user/1001"), user_form("example.com", "77")),
        (USERS.to_owned(), user_form("example.com", "1001")),
        (
            "section/directory domain/example.com groups group/default".to_owned(),
            user_form("example.com", "1001"),
        ),
        ("section/directory domain/example.com groups".to_owned(), user_form("example.com", "1001")),
        ("section/directory domain/example.com".to_owned(), user_form("example.com", "1001")),
        ("section/directory".to_owned(), user_form("example.com", "1001")),
        ("section/configuration configuration/acl.conf".to_owned(), acl.to_owned()),
        ("section/configuration".to_owned(), acl.to_owned()),
    ] {
        let id = find(&pbx.tree().await, &way).id;
        let before = pbx.ask(&form).await.text().to_owned();
        assert!(!gone(&before), "{way}");
        pbx.change(vec![Edit::Enable { id, enabled: false }]).await;
        assert!(gone(pbx.ask(&form).await.text()), "{way}");
        pbx.change(vec![Edit::Enable { id, enabled: true }]).await;
        assert_eq!(pbx.ask(&form).await.text(), before, "{way}");
    }
    // A disabled password is none.
    let id = find(&pbx.tree().await, &format!("{USERS} user/1001 params param/password")).id;
    pbx.change(vec![Edit::Enable { id, enabled: false }]).await;
    assert!(gone(&user_answer(&pbx, "1001").await));
    pbx.stop().await;
}

/// So many are put into the same place that all are numbered anew; pointers stand beside the users.
async fn users_are_served_in_their_order(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DIRECTORY).await;
    let list = find(&pbx.tree().await, USERS).clone();
    let mut expected = vec!["1000".to_owned(), "1001".to_owned(), "1002".to_owned()];
    let whole = "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value=example.com&Event-Name=R\
                 &domain=example.com";
    let listed = async |pbx: &TestPbx| {
        let answer = pbx.ask(whole).await.text().to_owned();
        let (default, _) = answer.split_once("</group>").unwrap();
        let users = default.split("<user id=\"").skip(1);
        users.map(|user| user.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&pbx).await, expected);
    let mut last = list.children[0].id;
    for number in 0..45 {
        let id = (2_000 + number).to_string();
        let kind = if number % 5 == 0 { "pointer" } else { "user" };
        let nodes = vec![Node::new("user").with("id", &*id).with("type", kind)];
        let at = At::After(list.children[0].id);
        let new = pbx.change(vec![Edit::Insert { parent: list.id, at, nodes }]).await.inserted[0];
        expected.insert(1, id);
        if number % 7 == 6 {
            // The one before goes to the end, and is away for a while.
            pbx.change(vec![Edit::Move { id: last, parent: list.id, at: At::Last }]).await;
            pbx.change(vec![Edit::Enable { id: last, enabled: false }]).await;
            let moved = expected.remove(2);
            assert_eq!(listed(&pbx).await, expected);
            pbx.change(vec![Edit::Enable { id: last, enabled: true }]).await;
            expected.push(moved);
        }
        last = new;
        assert_eq!(listed(&pbx).await, expected);
    }
    let anew = pbx.beside().await;
    assert_eq!(listed(&anew).await, expected);
    anew.stop().await;
    let pbx = pbx.restart().await;
    assert_eq!(listed(&pbx).await, expected);
    pbx.stop().await;
}

/// Every question that can be asked about a tree, and its answer.
fn answers(pbx: &TestPbx, tree: &Node, names: &[String]) -> BTreeMap<String, String> {
    let mut forms = Vec::new();
    let directory = "hostname=fs1&section=directory&tag_name=domain&key_name=name";
    for section in ["configuration", "dialplan", "languages", "directory"] {
        forms.push(format!("hostname=fs1&section={section}&tag_name=&key_name=&key_value="));
    }
    tree.walk(&mut |node| {
        if &*node.tag == "configuration" || &*node.tag == "context" {
            let name = node.attribute("name").unwrap_or_default();
            forms.push(format!(
                "hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value={name}"
            ));
            forms.push(format!(
                "hostname=fs1&section=dialplan&tag_name=&key_name=&key_value=&Hunt-Context={name}"
            ));
        }
    });
    for domain in ["example.com", "renamed.example", "new.example", "var.example", "other.example"] {
        for user in names {
            forms.push(user_form(domain, user));
            forms.push(format!("{directory}&key_value={domain}&Event-Name=R&user={user}&domain={domain}"));
        }
        for rest in [
            "",
            "&purpose=network-list",
            "&purpose=gateways",
            "&action=group_call&group_name=default",
            "&group_name=sales",
            "&group_name=sales&purpose=publish-vm",
        ] {
            forms.push(format!("{directory}&key_value={domain}&domain={domain}{rest}"));
        }
    }
    let answer = |form: String| {
        let reply = match pbx.pbx.answer(form.as_bytes()) {
            custompbx_pbx::questions::Reply::Document(bytes) => String::from_utf8(bytes).unwrap(),
            other => format!("{other:?}"),
        };
        (form, reply)
    };
    let mut answers: BTreeMap<String, String> = forms.into_iter().map(answer).collect();
    answers.insert("users".to_owned(), pbx.pbx.snapshot().unwrap().users().to_string());
    answers
}

async fn edits_at_random_give_what_a_new_start_gives(engine: Engine) {
    for seed in 0..2 {
        let mut pbx = TestPbx::on(engine).await;
        pbx.import_xml(&format!("<X-PRE-PROCESS cmd=\"set\" data=\"d=var.example\"/>\n{DIRECTORY}")).await;
        let mut maker = Maker { random: StdRng::seed_from_u64(seed), names: Vec::new(), number: 2000 };
        maker.names.extend(["1000", "1001", "1002", "77"].map(str::to_owned));
        let mut done = BTreeMap::<&str, usize>::new();
        for step in 0..60 {
            let tree = pbx.tree().await;
            let (kind, edits) = maker.edits(&tree);
            if let Err(error) = pbx.try_change(edits.clone()).await {
                assert!(!error.is_unavailable(), "seed {seed}, step {step}: {}", error.chain());
                continue;
            }
            *done.entry(kind).or_default() += 1;
            let after = pbx.tree().await;
            let followed = answers(&pbx, &after, &maker.names);
            // Another server that has never seen anything but the outcome.
            let anew = pbx.beside().await;
            let expected = answers(&anew, &after, &maker.names);
            for (form, expected) in &expected {
                assert_eq!(&followed[form], expected, "seed {seed}, step {step}, {kind}: {edits:?}\n{form}");
            }
            let users = |pbx: &TestPbx| pbx.pbx.snapshot().unwrap().users();
            assert_eq!(users(&pbx), users(&anew), "seed {seed}, step {step}, {kind}: {edits:?}");
            anew.stop().await;
            if step % 20 == 19 {
                // The saved snapshot says the same.
                pbx = pbx.restart().await;
                assert_eq!(
                    answers(&pbx, &after, &maker.names),
                    expected,
                    "seed {seed}, step {step}: restart"
                );
            }
        }
        assert!(done.len() > 12, "{done:?}");
        pbx.stop().await;
    }
}

/// Makes edits of every kind.
struct Maker {
    random: StdRng,
    /// Every name that a user ever had.
    names: Vec<String>,
    number: u32,
}

impl Maker {
    fn one_of<'n>(&mut self, nodes: &[&'n Node]) -> Option<&'n Node> {
        (!nodes.is_empty()).then(|| nodes[self.random.random_range(0..nodes.len())])
    }

    fn user(&mut self) -> Node {
        self.number += 1;
        let id = self.number.to_string();
        let alias = format!("a{id}");
        self.names.extend([id.clone(), alias.clone()]);
        let password = named("param", "password").with("value", format!("pw {id}"));
        let mut user =
            Node::new("user").with("id", &*id).containing([Node::new("params").containing([password])]);
        match self.random.random_range(0..5) {
            0 => user.set_attribute("number-alias", &*alias),
            1 => user.set_attribute("cidr", "192.0.2.0/24"),
            2 => user.children.push(Node::new("gateways").containing([named("gateway", &id)])),
            3 => user = user.with("type", "pointer"),
            _ => {}
        }
        user
    }

    fn at(&mut self, parent: &Node) -> At {
        match (self.random.random_range(0..3), parent.children.is_empty()) {
            (0, _) => At::First,
            (1, false) => At::After(parent.children[self.random.random_range(0..parent.children.len())].id),
            _ => At::Last,
        }
    }

    fn update(node: &Node, name: &str, value: &str) -> Vec<Edit> {
        let mut node = node.clone();
        node.set_attribute(name, value);
        vec![Edit::Update { id: node.id, attributes: node.attributes, text: node.text }]
    }

    fn edits(&mut self, tree: &Node) -> (&'static str, Vec<Edit>) {
        loop {
            if let Some(made) = self.try_edits(tree) {
                return made;
            }
        }
    }

    fn try_edits(&mut self, tree: &Node) -> Option<(&'static str, Vec<Edit>)> {
        let all = |tag: &str| {
            let mut found = Vec::new();
            tree.walk(&mut |node| {
                if &*node.tag == tag {
                    found.push(node);
                }
            });
            found
        };
        let (users, holders) = (all("user"), all("users"));
        let (domains, groups) = (all("domain"), all("group"));
        let kind = self.random.random_range(0..20);
        Some(match kind {
            0..=2 => {
                let parent = self.one_of(&holders)?;
                let at = self.at(parent);
                let nodes = (0..self.random.random_range(1..3)).map(|_| self.user()).collect();
                ("insert users", vec![Edit::Insert { parent: parent.id, at, nodes }])
            }
            3 => {
                let (user, parent) = (self.one_of(&users)?, self.one_of(&holders)?);
                let at = self.at(parent);
                ("move a user", vec![Edit::Move { id: user.id, parent: parent.id, at }])
            }
            4 => ("delete a user", vec![Edit::Delete { id: self.one_of(&users)?.id }]),
            5 => {
                self.number += 1;
                let name = format!("r{}", self.number);
                self.names.push(name.clone());
                ("rename a user", Self::update(self.one_of(&users)?, "id", &name))
            }
            6 => {
                self.number += 1;
                let alias = format!("b{}", self.number);
                self.names.push(alias.clone());
                ("change an alias", Self::update(self.one_of(&users)?, "number-alias", &alias))
            }
            7 => {
                let user = self.one_of(&users)?;
                (
                    "change a kind",
                    Self::update(
                        user,
                        "type",
                        if user.attribute("type") == Some("pointer") { "user" } else { "pointer" },
                    ),
                )
            }
            8 => {
                let id = self.one_of(&users)?.id;
                ("enable a user", vec![Edit::Enable { id, enabled: self.random.random() }])
            }
            9 => {
                let id = self.one_of(&groups)?.id;
                ("enable a group", vec![Edit::Enable { id, enabled: self.random.random_bool(0.6) }])
            }
            10 => {
                let group = self.one_of(&groups)?;
                self.number += 1;
                ("rename a group", Self::update(group, "name", &format!("g{}", self.number)))
            }
            11 => {
                let names = ["example.com", "renamed.example", "$${d}", "$${none}"];
                let name = names[self.random.random_range(0..names.len())];
                ("rename a domain", Self::update(self.one_of(&domains)?, "name", name))
            }
            12 => {
                let section = find(tree, "section/directory");
                let users = Node::new("users").containing([self.user(), self.user()]);
                let groups = Node::new("groups").containing([named("group", "default").containing([users])]);
                let domain = named("domain", "new.example").containing([groups]);
                let at = self.at(section);
                ("a new domain", vec![Edit::Insert { parent: section.id, at, nodes: vec![domain] }])
            }
            13 => {
                self.number += 1;
                let section = find(tree, "section/configuration");
                let document = named("configuration", &format!("n{}.conf", self.number));
                let at = self.at(section);
                ("a new document", vec![Edit::Insert { parent: section.id, at, nodes: vec![document] }])
            }
            14 => {
                let document = self.one_of(&all("configuration"))?;
                if document.attribute("name") == Some("acl.conf") {
                    ("change a document", Self::update(document, "description", &self.number.to_string()))
                } else {
                    ("delete a document", vec![Edit::Delete { id: document.id }])
                }
            }
            15 => {
                let variable = find(tree, "variables variable/d");
                let value = ["var.example", "other.example"][self.random.random_range(0..2)];
                ("change a variable", Self::update(variable, "value", value))
            }
            16 => {
                let params = self.one_of(&all("param"))?;
                ("change a parameter", Self::update(params, "value", &format!("v{}", self.number)))
            }
            17 => {
                let group = self.one_of(&groups)?;
                let parent = self.one_of(&all("groups"))?;
                let at = self.at(parent);
                ("move a group", vec![Edit::Move { id: group.id, parent: parent.id, at }])
            }
            18 => {
                let domain = self.one_of(&domains)?;
                (domains.len() > 2).then_some(())?;
                ("delete a domain", vec![Edit::Delete { id: domain.id }])
            }
            _ => {
                let parent = self.one_of(&groups)?;
                let params = Node::new("params").containing([named("param", "x").with("value", "y")]);
                let nodes = vec![params];
                ("parameters of a group", vec![Edit::Insert { parent: parent.id, at: At::First, nodes }])
            }
        })
    }
}

/// An edit that names what is not there changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_made_whole_or_not_at_all() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    pbx.import_xml(DIRECTORY).await;
    let before = pbx.tree().await;
    let edits = vec![set_password(&before, "1000", "half"), Edit::Delete { id: NodeId(999_999) }];
    pbx.try_change(edits).await.unwrap_err();
    assert_eq!(pbx.tree().await, before);
    assert!(user_answer(&pbx, "1000").await.contains("pw-1000"));
    pbx.stop().await;
}
