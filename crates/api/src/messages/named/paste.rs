//! Taking over XML that somebody pasted.

use custompbx_model::NodeId;
use custompbx_model::declare::message::{Content, Key, Part, What};
use custompbx_model::modules;
use custompbx_model::modules::directory::kinds::{DOMAIN, USER};
use custompbx_pbx::Error;
use custompbx_pbx::paste::{Pasted, Unreadable};
use serde_json::json;

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};
use crate::messages::tree::answer;

/// The words of refusals.
pub(super) struct Words {
    /// It is no XML.
    syntax: &'static str,
    /// It is XML of something else.
    unrecognized: &'static str,
    /// There is nothing in it.
    nothing: &'static str,
}

const DOMAINS: Words =
    Words { syntax: "can't parse", unrecognized: "domain not recognized", nothing: "domains not found" };
const USERS: Words =
    Words { syntax: "cant parse", unrecognized: "users not recognized", nothing: "users not recognized" };
pub(super) const CONFIGURATION: Words =
    Words { syntax: "cant parse", unrecognized: "config not recognized", nothing: "config not recognized" };

/// Takes over domains. The answer has all domains, in both forms.
pub(crate) async fn domains(asked: Asked<'_>) -> Outcome {
    let text = text(&asked)?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    let pasted = pbx.paste_domains(instance, &asked.by()?, text).await;
    let pasted = pasted.map_err(|error| refusal(error, &DOMAINS))?;
    // What the list of domains answers, under its first and its documented name.
    let listed = modules::message("GetDirectoryDomains");
    let parts: Vec<_> = listed
        .into_iter()
        .flat_map(|message| message.names.iter().flat_map(|name| message.parts(name)))
        .collect();
    Ok(reported(answer::reply(pbx, instance, &parts, &[]).await?, &pasted))
}

/// The users of a domain, in both forms.
static ALL_USERS: &[Part] = &[
    Part { at: &[Key::Name("data"), Key::Own], content: Content::Whole, what: What::Below(&USER) },
    Part {
        at: &[Key::Name("directory_users"), Key::Id(&DOMAIN), Key::Own],
        content: modules::directory::USER_SHOWN,
        what: What::Below(&USER),
    },
];

/// Takes over users of a domain.
pub(crate) async fn users(asked: Asked<'_>) -> Outcome {
    let domain = NodeId(asked.data.id("id")?);
    let text = text(&asked)?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    let pasted = pbx.paste_users(instance, &asked.by()?, domain, text).await;
    let pasted = pasted.map_err(|error| refusal(error, &USERS))?;
    let domain = pbx.object(instance, &DOMAIN, domain).await?;
    let parts: Vec<&'static Part> = ALL_USERS.iter().collect();
    Ok(reported(answer::reply(pbx, instance, &parts, &[domain]).await?, &pasted))
}

/// The pasted text.
pub(super) fn text<'a>(asked: &Asked<'a>) -> Result<&'a str, Refusal> {
    asked.data.raw("file").filter(|text| !text.trim().is_empty()).ok_or(Refusal::EMPTY_DATA)
}

/// With what became of it.
pub(super) fn reported(reply: Reply, pasted: &Pasted) -> Reply {
    let counts = pasted.counts;
    let reply = reply.with(
        "imported",
        json!({
            "added": counts.added,
            "changed": counts.changed,
            "removed": counts.removed,
            "kept": counts.kept,
        }),
    );
    if pasted.notes.is_empty() { reply } else { reply.with("notes", pasted.notes.clone()) }
}

/// An error in the documented words, with what exactly is wrong beside it.
pub(super) fn refusal(error: Error, words: &Words) -> Stop {
    let (code, text) = match &error {
        Error::Unreadable(unreadable) => match unreadable {
            Unreadable::Syntax { .. } => ("syntax", words.syntax),
            Unreadable::Command(_) => ("preprocessor", words.syntax),
            Unreadable::Unrecognized(_) | Unreadable::Twice(_) => ("unrecognized", words.unrecognized),
            Unreadable::Nothing(_) => ("nothing", words.nothing),
        },
        Error::NotFound { .. } => ("not_found", "domain not found"),
        Error::Object(_) | Error::Invalid(_) => ("invalid", words.unrecognized),
        _ => return error.into(),
    };
    Refusal::new(code, text).detailed(error.to_string()).into()
}
