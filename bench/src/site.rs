//! The site that is asked about: users in 20 domains, 13 nodes each.
//!
//! Everything has a fixed length, so that all answers have the same and a reference can answer as many bytes.

use custompbx_model::Node;

/// How many domains the users are in, in turns.
pub(crate) const DOMAINS: usize = 20;
/// Ids count from here.
const FIRST_ID: usize = 1_000_000;
/// The param that edits change.
pub(crate) const EDITED: &str = "vm-password";

/// A user's id.
pub(crate) fn id(index: usize) -> String {
    format!("{:07}", FIRST_ID + index)
}

/// Which user has this id.
pub(crate) fn index(id: &str) -> Option<usize> {
    id.parse::<usize>().ok()?.checked_sub(FIRST_ID)
}

/// The name of a domain.
pub(crate) fn domain(index: usize) -> String {
    format!("site-{:02}.example.com", index % DOMAINS)
}

/// The value of [`EDITED`] after an edit, and with 0 before all of them.
pub(crate) fn edited(edit: usize) -> String {
    format!("{edit:08}")
}

/// A user.
pub(crate) fn user(index: usize) -> Node {
    let id = id(index);
    let named = |tag: &str, name: &str, value: String| Node::new(tag).with("name", name).with("value", value);
    // Not a secret, but different and without a pattern, as real ones are: it cannot be kept once for all users.
    let password = (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
    let params = [
        named("param", "password", format!("{password:016x}")),
        named("param", EDITED, edited(0)),
        named("param", "vm-mailto", format!("{id}@mail.example.com")),
        named("param", "vm-email-all-messages", "true".to_owned()),
    ];
    let variables = [
        named("variable", "toll_allow", "domestic,international,local".to_owned()),
        named("variable", "accountcode", id.clone()),
        named("variable", "user_context", "default".to_owned()),
        named("variable", "effective_caller_id_name", format!("Extension {id}")),
        named("variable", "effective_caller_id_number", id.clone()),
        named("variable", "callgroup", "techsupport".to_owned()),
    ];
    Node::new("user")
        .with("id", id)
        .containing([Node::new("params").containing(params), Node::new("variables").containing(variables)])
}

/// Those of `users` users that are in the domain of this number.
pub(crate) fn of_domain(number: usize, users: usize) -> impl Iterator<Item = usize> {
    (number..users).step_by(DOMAINS)
}

/// A domain with these users.
pub(crate) fn domain_node(number: usize, users: impl IntoIterator<Item = Node>) -> Node {
    let dial = "{^^:sip_invite_domain=${dialed_domain}}${sofia_contact(*/${dialed_user}@${dialed_domain})}";
    let params =
        Node::new("params").containing([Node::new("param").with("name", "dial-string").with("value", dial)]);
    let users = Node::new("users").containing(users);
    let group = Node::new("group").with("name", "default").containing([users]);
    let groups = Node::new("groups").containing([group]);
    Node::new("domain").with("name", domain(number)).containing([params, groups])
}

/// The directory with this many users.
pub(crate) fn directory(users: usize) -> Node {
    let domains = (0..DOMAINS).map(|number| domain_node(number, of_domain(number, users).map(user)));
    Node::new("section").with("name", "directory").containing(domains)
}
