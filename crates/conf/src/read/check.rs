//! What a person should know of a configuration that was read: names that FreeSWITCH never gets to see, users that
//! nobody can register as, passwords that everybody knows.

use std::collections::{HashMap, HashSet};

use custompbx_model::Text;

use super::facts::{Facts, Named, Spot};
use super::flat::{Files, Flat};
use super::locate::{Nth, offsets};
use crate::report::{Place, Severity};

/// So many findings of one kind are shown, the others only counted.
const SHOWN: usize = 20;

/// A finding whose places are not looked up yet.
struct Draft {
    severity: Severity,
    spot: Spot,
    message: String,
    /// The place that the message ends with.
    other: Option<Spot>,
}

/// All findings, in the order of their kinds.
pub(super) fn check(facts: &Facts, texts: &[Flat], files: &Files) -> Vec<(Severity, Option<Place>, String)> {
    let mut drafts = Vec::new();
    let mut more = Vec::new();
    let twice = |named: &Named| {
        format!("{} stands here again; FreeSWITCH never sees it, and uses the one at", label(named))
    };
    // Sections of one name in different texts are parts of one; in one text the second is lost.
    let in_one_text = |named: &Named| format!("{}", named.spot.text);
    collect(&mut drafts, &mut more, again(&facts.sections, in_one_text), "sections", twice);
    collect(
        &mut drafts,
        &mut more,
        again(&facts.documents, |named| named.within.clone()),
        "documents",
        twice,
    );
    collect(&mut drafts, &mut more, again(&facts.users, |named| named.within.clone()), "users", twice);
    let open = |id: &Text| {
        format!(
            "user {id} has no password and no a1-hash: not answered at sip_auth, because FreeSWITCH lets anybody register as such a user"
        )
    };
    if facts.open.len() > SHOWN {
        more.push((
            Severity::Warning,
            format!("{} users more have no password either", facts.open.len() - SHOWN),
        ));
    }
    drafts.extend(facts.open.iter().take(SHOWN).map(|(id, spot)| Draft {
        severity: Severity::Warning,
        spot: spot.clone(),
        message: open(id),
        other: None,
    }));
    drafts.extend(weak(&facts.weak));

    let places = look_up(&drafts, texts, files);
    let place = |spot: &Spot| places.get(&(spot.text, (spot.tag.to_string(), spot.nth))).cloned();
    drafts
        .iter()
        .map(|draft| {
            let other =
                draft.other.as_ref().and_then(place).map(|place| format!(" {place}")).unwrap_or_default();
            (draft.severity, place(&draft.spot), format!("{}{other}", draft.message))
        })
        .chain(more.into_iter().map(|(severity, message)| (severity, None, message)))
        .collect()
}

/// `configuration acl.conf`, `user 1000`.
fn label(named: &Named) -> String {
    format!("{} {}", named.spot.tag, named.name)
}

/// Each one whose tag and name another in the same `scope` had before; FreeSWITCH does not tell `a` from `A`.
fn again(all: &[Named], scope: impl Fn(&Named) -> String) -> Vec<(&Named, &Named)> {
    let mut first: HashMap<(String, &str, String), &Named> = HashMap::new();
    let mut again = Vec::new();
    for named in all {
        let key = (scope(named), &*named.spot.tag, named.name.to_ascii_lowercase());
        match first.get(&key) {
            Some(earlier) => again.push((*earlier, named)),
            None => {
                first.insert(key, named);
            }
        }
    }
    again
}

fn collect(
    drafts: &mut Vec<Draft>,
    more: &mut Vec<(Severity, String)>,
    found: Vec<(&Named, &Named)>,
    kind: &str,
    message: impl Fn(&Named) -> String,
) {
    if found.len() > SHOWN {
        more.push((Severity::Warning, format!("{} {kind} more stand twice", found.len() - SHOWN)));
    }
    drafts.extend(found.into_iter().take(SHOWN).map(|(first, second)| Draft {
        severity: Severity::Warning,
        spot: second.spot.clone(),
        message: message(second),
        other: Some(first.spot.clone()),
    }));
}

/// One finding for all, because there is one remedy.
fn weak(found: &[(Text, Spot)]) -> Option<Draft> {
    let (first, spot) = found.first()?;
    let message = match found.len() {
        1 => format!("the password of user {first} is 1234, which everybody knows"),
        number => {
            let ids: Vec<&str> = found.iter().take(SHOWN).map(|(id, _)| &**id).collect();
            let more = if number > SHOWN { ", ..." } else { "" };
            format!("the password of {number} users is 1234, which everybody knows: {}{more}", ids.join(", "))
        }
    };
    Some(Draft { severity: Severity::Notice, spot: spot.clone(), message, other: None })
}

fn look_up(drafts: &[Draft], texts: &[Flat], files: &Files) -> HashMap<(usize, Nth), Place> {
    let mut wanted: HashMap<usize, HashSet<Nth>> = HashMap::new();
    for spot in drafts.iter().flat_map(|draft| std::iter::once(&draft.spot).chain(&draft.other)) {
        wanted.entry(spot.text).or_default().insert((spot.tag.to_string(), spot.nth));
    }
    let mut places = HashMap::new();
    for (index, wanted) in wanted {
        let Some(flat) = texts.get(index) else { continue };
        for (nth, offset) in offsets(flat.text(), &wanted) {
            if let Some(place) = flat.place(offset, files) {
                places.insert((index, nth), Place { column: None, ..place });
            }
        }
    }
    places
}
