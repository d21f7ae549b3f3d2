use super::*;

fn planned(revision: i64, name: &'static str, values: &[(&str, &str)]) -> Planned {
    let command = Command::of(name, values).map_err(|error| error.to_string());
    Planned { revision: RevisionId(revision), how: How::Run, name, command, ends: Vec::new() }
}

fn lines(planned: &[Planned]) -> Vec<String> {
    collapse(planned).iter().map(|one| format!("{} {}", one.revision, one.line())).collect()
}

#[test]
fn a_command_is_sent_once_and_at_its_last_place() {
    let profile = [("profile", "internal")];
    let gateway = [("profile", "internal"), ("gateway", "g")];
    let all = vec![
        planned(1, "sofia.rescan", &profile),
        planned(1, "reloadacl", &[]),
        planned(2, "sofia.killgw", &gateway),
        planned(2, "sofia.startgw", &gateway),
        planned(3, "sofia.rescan", &profile),
    ];
    let expected = [
        "1 reloadacl",
        "2 sofia profile internal killgw g",
        "2 sofia profile internal startgw g",
        "3 sofia profile internal rescan",
    ];
    assert_eq!(lines(&all), expected);
}

#[test]
fn many_users_are_forgotten_at_once() {
    let user = |number: usize| {
        let id = number.to_string();
        planned(i64::try_from(number).unwrap(), "xml_flush_cache", &[("user", &id), ("domain", "d")])
    };
    assert_eq!(lines(&(0..3).map(user).collect::<Vec<_>>()).len(), 3);
    assert_eq!(lines(&(0..MANY_USERS).map(user).collect::<Vec<_>>()), ["49 xml_flush_cache"]);
    let mut some = vec![user(1), planned(2, "xml_flush_cache.all", &[]), user(1)];
    some.push(planned(3, "reloadacl", &[]));
    assert_eq!(lines(&some), ["3 xml_flush_cache", "3 reloadacl"]);
}

#[test]
fn values_are_expanded_and_never_guessed() {
    let mut section = Node::new("variables");
    section.children = vec![
        Node::new("variable").with("name", "domain").with("value", "example.com"),
        Node::new("variable").with("name", "list").with("value", "x"),
    ];
    let mut own = Variables::default();
    own.set("local_ip_v6", "2001:db8:0:0:0:0:0:1");
    let variables = Values { stored: Variables::of(&section).into(), own };
    let text = |text: &str| Value::Text(text.to_owned());
    let due = |domain: &str, user: &str| Due {
        how: How::Run,
        command: "xml_flush_cache",
        values: vec![("user", text(user)), ("domain", text(domain))],
    };
    let line = |due: Due| commands(due, RevisionId(1), &variables, &[])[0].line().to_owned();
    assert_eq!(line(due("$${domain}", "1000")), "xml_flush_cache id 1000 example.com");
    assert_eq!(line(due("$${local_ip_v4}", "1000")), "xml_flush_cache");
    assert_eq!(line(due("$${local_ip_v6}", "1000")), "xml_flush_cache id 1000 2001:db8:0:0:0:0:0:1");
    // No name to a command.
    assert_eq!(line(due("::1", "1000")), "xml_flush_cache");
    assert_eq!(line(due("example.com", "a b")), "xml_flush_cache");
    let each = Due { how: How::Run, command: "sofia.rescan", values: vec![("profile", Value::EachProfile)] };
    let profiles = ["a".to_owned(), "b".to_owned()];
    assert_eq!(commands(each.clone(), RevisionId(1), &variables, &profiles).len(), 2);
    assert!(commands(each, RevisionId(1), &variables, &[]).is_empty());
}

/// A declaration that names a command that there is not would fail at night.
#[test]
fn every_declared_effect_is_a_command_with_its_slots() {
    use custompbx_model::declare::{Act, Effect, Element};
    use custompbx_model::modules;
    fn act(effect: &Effect) -> Option<(&Act, bool)> {
        match effect {
            Effect::Run(act) => Some((act, false)),
            Effect::Ask(act) => Some((act, true)),
            Effect::None | Effect::Restart => None,
        }
    }
    fn below<'e>(elements: &'e [&'static Element], acts: &mut Vec<(&'e Act, bool)>, depth: usize) {
        for element in elements.iter().filter(|_| depth < 8) {
            if let Some(effects) = element.effects {
                let lists = [effects.came, effects.changed, effects.gone, effects.renamed];
                acts.extend(lists.into_iter().flatten().filter_map(act));
            }
            below(element.children, acts, depth + 1);
        }
    }
    let mut acts = Vec::new();
    for module in modules::ALL {
        acts.extend(act(&module.effect));
        below(module.elements, &mut acts, 0);
    }
    acts.extend(custompbx_model::declare::phrases().filter_map(act));
    assert!(acts.len() > 30);
    for (act, asks) in acts {
        let declared = Declared::find(act.command).unwrap_or_else(|| panic!("{}", act.command));
        let needed: Vec<&str> =
            declared.slots.iter().filter(|slot| !slot.optional).map(|slot| slot.name).collect();
        let given: Vec<&str> = act.with.iter().map(|(slot, _)| *slot).collect();
        assert_eq!(needed, given, "{}", act.command);
        // What runs by itself may run twice.
        assert!(declared.repeatable || asks, "{}", act.command);
    }
}

/// The commands for an element that is otherwise.
fn of_names(way: &[Node], before: &Node, after: &Node) -> Vec<String> {
    let variables = Values { stored: Arc::default(), own: Variables::default() };
    let profiles = ["internal".to_owned()];
    let due = of_update(way, Some(before), after);
    let all: Vec<Planned> =
        due.into_iter().flat_map(|due| commands(due, RevisionId(1), &variables, &profiles)).collect();
    collapse(&all).iter().map(|one| format!("{:?} {}", one.how, one.line())).collect()
}

fn document(name: &str, inner: &[Node]) -> Vec<Node> {
    let mut way = vec![
        Node::new("document"),
        Node::new("section").with("name", "configuration"),
        Node::new("configuration").with("name", name),
    ];
    way.extend_from_slice(inner);
    way
}

#[test]
fn what_has_another_name_goes_and_comes() {
    let named = |tag: &str, name: &str| Node::new(tag).with("name", name);
    let renamed = |way: &[Node], tag: &str| of_names(way, &named(tag, "old"), &named(tag, "new"));
    let profiles = document("sofia.conf", &[Node::new("profiles")]);
    // The new one would want the address of the old one, which goes on until somebody has it stopped.
    assert_eq!(renamed(&profiles, "profile"), ["Ask sofia profile old stop", "Ask sofia profile new start"]);
    let inside = [Node::new("profiles"), named("profile", "external"), Node::new("gateways")];
    assert_eq!(
        renamed(&document("sofia.conf", &inside), "gateway"),
        [
            "Run sofia profile external killgw old",
            "Run sofia profile external killgw new",
            "Run sofia profile external startgw new",
        ]
    );
    assert_eq!(
        renamed(&document("callcenter.conf", &[Node::new("queues")]), "queue"),
        ["Ask callcenter_config queue unload old", "Run callcenter_config queue load new"]
    );
    assert_eq!(
        renamed(&document("callcenter.conf", &[Node::new("agents")]), "agent"),
        ["Run callcenter_config agent del old", "Run callcenter_config agent reload new"]
    );
    let tier = |agent: &str, level: &str| {
        Node::new("tier").with("agent", agent).with("queue", "q").with("level", level)
    };
    let tiers = document("callcenter.conf", &[Node::new("tiers")]);
    assert_eq!(
        of_names(&tiers, &tier("a", "1"), &tier("b", "1")),
        ["Run callcenter_config tier del q a", "Run callcenter_config tier reload q b"]
    );
    assert_eq!(of_names(&tiers, &tier("a", "1"), &tier("a", "2")), ["Run callcenter_config tier reload q a"]);
    let modules = document("modules.conf", &[Node::new("modules")]);
    let load = |module: &str| Node::new("load").with("module", module);
    assert_eq!(of_names(&modules, &load("mod_a"), &load("mod_b")), ["Ask unload mod_a", "Ask load mod_b"]);
}

#[test]
fn what_is_kept_of_a_user_under_an_old_name_is_forgotten() {
    let directory = [Node::new("document"), Node::new("section").with("name", "directory")];
    let domain = |name: &str| Node::new("domain").with("name", name);
    assert_eq!(
        of_names(&directory, &domain("old"), &domain("new")),
        ["Run xml_flush_cache", "Run sofia profile internal rescan"]
    );
    let [document, section] = directory;
    let users = [document, section, domain("d"), Node::new("users")];
    let user = |id: &str, alias: &str| {
        let user = Node::new("user").with("id", id);
        if alias.is_empty() { user } else { user.with("number-alias", alias) }
    };
    assert_eq!(
        of_names(&users, &user("1", ""), &user("2", "")),
        ["Run xml_flush_cache id 1 d", "Run xml_flush_cache id 2 d"]
    );
    assert_eq!(
        of_names(&users, &user("1", "100"), &user("1", "200")),
        [
            "Run xml_flush_cache number-alias 100 d",
            "Run xml_flush_cache id 1 d",
            "Run xml_flush_cache number-alias 200 d",
        ]
    );
    assert_eq!(
        of_names(&users, &user("1", ""), &user("1", "200")),
        ["Run xml_flush_cache id 1 d", "Run xml_flush_cache number-alias 200 d"]
    );
    // What is in a user makes it be forgotten by both numbers.
    let mut inside = users.to_vec();
    inside.extend([user("1", "100"), Node::new("params")]);
    let param = |value: &str| Node::new("param").with("name", "password").with("value", value);
    assert_eq!(
        of_names(&inside, &param("a"), &param("b")),
        ["Run xml_flush_cache id 1 d", "Run xml_flush_cache number-alias 100 d"]
    );
}

/// From another domain, or from another profile.
#[test]
fn what_is_at_another_place_goes_there_and_comes_here() {
    let variables = Values { stored: Arc::default(), own: Variables::default() };
    let told = |from: &[Node], to: &[Node], node: &Node| {
        let all = moved(&way(from, node), &way(to, node)).into_iter();
        let all: Vec<Planned> = all.flat_map(|due| commands(due, RevisionId(1), &variables, &[])).collect();
        collapse(&all).iter().map(|one| one.line().to_owned()).collect::<Vec<_>>()
    };
    let users = |domain: &str| {
        let section = Node::new("section").with("name", "directory");
        [Node::new("document"), section, Node::new("domain").with("name", domain), Node::new("users")]
    };
    let user = Node::new("user").with("id", "1").with("number-alias", "100");
    assert_eq!(
        told(&users("a"), &users("b"), &user),
        [
            "xml_flush_cache id 1 a",
            "xml_flush_cache number-alias 100 a",
            "xml_flush_cache id 1 b",
            "xml_flush_cache number-alias 100 b",
        ]
    );
    assert_eq!(told(&users("a"), &users("a"), &user).len(), 2);
    let gateways = |profile: &str| {
        document(
            "sofia.conf",
            &[Node::new("profiles"), Node::new("profile").with("name", profile), Node::new("gateways")],
        )
    };
    assert_eq!(
        told(&gateways("a"), &gateways("b"), &Node::new("gateway").with("name", "g")),
        ["sofia profile a killgw g", "sofia profile b killgw g", "sofia profile b startgw g"]
    );
}
