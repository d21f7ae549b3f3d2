//! Questions about the directory.

use std::sync::Arc;

use custompbx_model::variables::has_variable;

use super::{Answer, Asked, Cacheable, MAX_ANSWER, Notice, document};
use crate::snapshot::{Domain, Item, Of, Shown};

/// Room for a user's answer, in bytes.
const USER_ROOM: usize = 2048;

pub(super) fn answer(asked: &Asked<'_>, tell: &mut dyn FnMut(Notice)) -> Answer {
    let question = asked.question;
    let purpose = question.text("purpose");
    match purpose.as_deref() {
        // A profile asks for all domains at once: those become its aliases, their users' gateways its gateways.
        Some("gateways") => return list(asked, &asked.instance.directory.domains, Item::Gateways),
        Some("network-list") => return one_domain(asked, Item::Cidr),
        _ => {}
    }
    let publish = purpose.as_deref() == Some("publish-vm");
    // mod_voicemail's name for every user of the domain.
    if question.text("user").is_some_and(|user| !(publish && user == "_all_")) {
        return user(asked, tell);
    }
    if let Some(group) = question.text("group_name").or_else(|| question.text("group")) {
        // A message for a group is put into the boxes of the users that its pointers point to, without asking again.
        return self::group(asked, &group, publish);
    }
    if asked_domain(asked).is_some() {
        return one_domain(asked, Item::All);
    }
    list(asked, &asked.instance.directory.domains, Item::All)
}

/// The name of the domain that is asked for. With mod_xml_curl's `enable-post-var` it may stand in `key_value` only.
fn asked_domain<'a>(asked: &Asked<'a>) -> Option<std::borrow::Cow<'a, str>> {
    let named =
        || asked.element().filter(|(tag, key, _)| tag == "domain" && key == "name").map(|(.., value)| value);
    asked.question.text("domain").or_else(named)
}

/// The asked domain, with the name it has in the answer: FreeSWITCH looks for the name it asked for, and expands
/// variables by its own values.
fn find<'a>(asked: &Asked<'a>) -> Option<(&'a Arc<Domain>, String)> {
    let name = asked_domain(asked)?;
    let domain = asked.instance.directory.find(&name, || asked.question.switch_variables())?;
    let shown = if has_variable(&domain.name) { name.into_owned() } else { domain.name.clone() };
    Some((domain, shown))
}

fn user(asked: &Asked<'_>, tell: &mut dyn FnMut(Notice)) -> Answer {
    let name = asked.question.text("user").unwrap_or_default();
    let Some((domain, domain_name)) = find(asked) else { return Answer::NotFound };
    let key = asked.question.text("key").filter(|key| !key.eq_ignore_ascii_case("id"));
    let found = match &key {
        Some(key) => domain.find_by(key, &name),
        None => domain.find(&name, asked.question.text("ip").as_deref()),
    };
    let Some((user, container)) = found else { return Answer::NotFound };
    let has_secret = domain.has_secret(&user, container);
    if !has_secret && asked.question.may_be_sip_auth() {
        tell(Notice::NoSecret { user: name.clone().into_owned(), domain: domain_name });
        return Answer::NotFound;
    }
    // What the switch keeps answers every later question, also the one that would have got no answer.
    let default = asked.settings.cacheable.as_ref().map_or("", Cacheable::as_str);
    let cacheable = has_secret.then_some(default);
    Answer::Found(document(&asked.instance.directory.open, USER_ROOM, |out| {
        domain.open(out, &domain_name);
        domain.content(out);
        container.around(out, |out| user.print(out, &domain.symbols, Shown::All, cacheable));
        out.extend_from_slice(b"</domain>");
    }))
}

fn group(asked: &Asked<'_>, name: &str, pointed: bool) -> Answer {
    let Some((domain, domain_name)) = find(asked) else { return Answer::NotFound };
    let Some(group) = domain.group(name) else { return Answer::NotFound };
    let mut whole = true;
    let answer = document(&asked.instance.directory.open, USER_ROOM, |out| {
        domain.open(out, &domain_name);
        domain.content(out);
        whole = domain.list(out, Item::All, &Of::Group { group, pointed }, |_| true, MAX_ANSWER);
        out.extend_from_slice(b"</domain>");
    });
    if whole { Answer::Found(answer) } else { asked.too_large() }
}

fn one_domain(asked: &Asked<'_>, item: Item) -> Answer {
    match find(asked) {
        Some((domain, _)) => list(asked, std::slice::from_ref(domain), item),
        None => Answer::NotFound,
    }
}

fn list(asked: &Asked<'_>, domains: &[Arc<Domain>], item: Item) -> Answer {
    if domains.is_empty() {
        return Answer::NotFound;
    }
    let switch = asked.question.switch_variables();
    // A question that does not say what it is about may be the one that must not see users without a password.
    // A question about no domain is not that one.
    let guarded = item == Item::All && asked_domain(asked).is_some() && asked.question.may_be_sip_auth();
    let mut whole = true;
    let answer = document(&asked.instance.directory.open, USER_ROOM, |out| {
        for domain in domains {
            let name = shown_name(asked, &domain.name, &switch);
            domain.open(out, &name);
            if item == Item::All {
                domain.content(out);
            }
            whole = whole
                && domain.list(
                    out,
                    item,
                    &Of::Domain,
                    |user| !guarded || domain.can_authenticate(user),
                    MAX_ANSWER,
                );
            out.extend_from_slice(b"</domain>");
            if !whole {
                break;
            }
        }
    });
    if whole { Answer::Found(answer) } else { asked.too_large() }
}

/// A domain's name in a list: with what is known replaced, where that is everything.
fn shown_name(asked: &Asked<'_>, name: &str, switch: &custompbx_model::variables::Variables) -> String {
    let (expanded, _) = asked.instance.variables.expand(name);
    switch.expand_all(&expanded).unwrap_or_else(|| name.to_owned())
}
