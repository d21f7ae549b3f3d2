//! What the switch must do before a change counts.
//!
//! Most of it is in the catalogue: each parameter there says what makes it effective ([`Parameter::effect`]), and
//! [`PHRASES`] says which command that is. What comes and goes as a whole, a gateway or a queue, is said by the element's
//! declaration ([`Element::effects`]), and for everything else there is the module's ([`Module::effect`]).
//!
//! [`Parameter::effect`]: super::Parameter::effect
//! [`Element::effects`]: super::Element::effects
//! [`Module::effect`]: super::Module::effect

/// What the switch must do before a change counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it asks each time.
    None,
    /// A command that disturbs nobody, run at once.
    Run(Act),
    /// A command that ends calls or registrations, or may: people are asked.
    Ask(Act),
    /// Only a restart.
    Restart,
}

/// A command of the switch, with what goes into its slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its name, such as `sofia.rescan`.
    pub command: &'static str,
    /// Slots with their values.
    pub with: &'static [(&'static str, From)],
}

/// Where the value of a slot is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// What names the nearest element with this tag, the changed one or one around it.
    Key(&'static str),
    /// An attribute of the changed element.
    Own(&'static str),
    /// This attribute of the nearest element with this tag; where there is none, there is no command.
    Of(&'static str, &'static str),
    /// The module that reads the document.
    Module,
    /// Each SIP profile that runs, one command for each.
    EachProfile,
}

/// What comes of a change of an element as a whole.
#[derive(Debug)]
pub struct Effects {
    /// It is new, or enabled.
    pub came: &'static [Effect],
    /// Something of it or in it is otherwise.
    pub changed: &'static [Effect],
    /// It is deleted, or disabled.
    pub gone: &'static [Effect],
    /// It was there under another name, and what takes that one away is done or offered.
    pub renamed: &'static [Effect],
}

impl Effects {
    /// What comes of it when it comes, changes and goes; under another name it comes as if it were new.
    pub(crate) const fn of(
        came: &'static [Effect],
        changed: &'static [Effect],
        gone: &'static [Effect],
    ) -> Self {
        Self { came, changed, gone, renamed: came }
    }
}

impl Act {
    /// A command without slots.
    pub const fn plain(command: &'static str) -> Self {
        Self::of(command, &[])
    }

    /// A command.
    pub const fn of(command: &'static str, with: &'static [(&'static str, From)]) -> Self {
        Self { command, with }
    }
}

const PROFILE: (&str, From) = ("profile", From::Key("profile"));
const GATEWAY: (&str, From) = ("gateway", From::Key("gateway"));

/// Parameters and most elements of a SIP profile.
pub(crate) const RESCAN: Effect = Effect::Run(Act::of("sofia.rescan", &[PROFILE]));
/// New domains and users' gateways are taken over by every profile that looks at the directory.
pub(crate) const RESCAN_EACH: Effect =
    Effect::Run(Act::of("sofia.rescan", &[("profile", From::EachProfile)]));
/// A profile that is not there yet.
pub(crate) const START: Effect = Effect::Run(Act::of("sofia.start", &[PROFILE]));
/// A profile that runs under its old name until that is stopped, and has its address as long.
pub(crate) const START_AGAIN: Effect = Effect::Ask(Act::of("sofia.start", &[PROFILE]));
/// A profile that is there no more.
pub(crate) const STOP: Effect = Effect::Ask(Act::of("sofia.stop", &[PROFILE]));
/// FreeSWITCH takes over nothing of a gateway that it has, so that it is taken away and made anew.
pub(crate) const KILL_GATEWAY: Effect = Effect::Run(Act::of("sofia.killgw", &[PROFILE, GATEWAY]));
/// The other half of it.
pub(crate) const START_GATEWAY: Effect = Effect::Run(Act::of("sofia.startgw", &[PROFILE, GATEWAY]));
/// The module of a document, as a whole.
pub(crate) const RELOAD: Effect = Effect::Ask(Act::of("module.reload", &[("module", From::Module)]));

const fn run(command: &'static str) -> Effect {
    Effect::Run(Act::plain(command))
}

/// How the catalogue begins to say it, and what that comes to. The first one that fits counts, so that a longer one stands
/// before one that it begins with. Commands that only help until a restart are none of these.
const PHRASES: &[(&str, &[Effect])] = &[
    ("none", &[Effect::None]),
    ("restart freeswitch", &[Effect::Restart]),
    ("fsctl", &[Effect::Restart]),
    ("reloadacl", &[run("reloadacl")]),
    ("reloadxml", &[run("reloadxml")]),
    ("xml_flush_cache", &[FLUSH_USER]),
    ("sofia profile NAME rescan", &[RESCAN]),
    ("sofia profile NAME restart", &[Effect::Ask(Act::of("sofia.restart", &[PROFILE]))]),
    ("sofia profile NAME killgw GATEWAY", &[KILL_GATEWAY, START_GATEWAY]),
    ("sofia loglevel", &[RELOAD]),
    ("callcenter_config queue reload NAME", &[QUEUE_RELOAD]),
    ("callcenter_config queue load NAME", &[QUEUE_LOAD]),
    ("callcenter_config agent reload NAME", &[AGENT_RELOAD]),
    ("callcenter_config tier reload QUEUE AGENT", &[TIER_RELOAD]),
    ("voicemail reload NAME", &[Effect::Run(Act::of("voicemail.reload", &[PROFILE]))]),
    ("rtmp profile NAME rescan", &[Effect::Run(Act::of("rtmp.rescan", &[PROFILE]))]),
    ("rtmp profile NAME restart", &[Effect::Ask(Act::of("rtmp.restart", &[PROFILE]))]),
    ("local_stream", &[Effect::Run(Act::of("local_stream.reload", &[("stream", From::Key("directory"))]))]),
    ("vpx reload", &[run("vpx.reload")]),
    ("amqp reload", &[run("amqp.reload")]),
    ("fifo reparse", &[run("fifo.reparse")]),
    ("avmd reload", &[run("avmd.reload")]),
    ("enum reload", &[run("enum.reload")]),
    ("hash_remote rescan", &[run("hash_remote.rescan")]),
    ("distributor_ctl reload", &[run("distributor.reload")]),
    ("blacklist reload", &[run("blacklist.reload")]),
    ("prefix reload", &[run("prefix.reload")]),
    ("reload mod_", &[RELOAD]),
    ("httapi debug_on or reload mod_", &[RELOAD]),
    ("load mod_", &[Effect::Ask(Act::of("module.load", &[("module", From::Own("module"))]))]),
];

/// Forgets what FreeSWITCH keeps of a user.
pub(crate) const FLUSH_USER: Effect =
    Effect::Run(Act::of("xml_flush_cache", &[("user", From::Key("user")), ("domain", From::Key("domain"))]));
/// Forgets what it keeps of a user by another number: users are kept once for each key that they were asked for by
/// (`switch_xml_locate_user_merged` in `switch_xml.c`, with `id:number-alias`).
pub(crate) const FLUSH_ALIAS: Effect = Effect::Run(Act::of(
    "xml_flush_cache.alias",
    &[("alias", From::Of("user", "number-alias")), ("domain", From::Key("domain"))],
));
/// Forgets what it keeps of all users.
pub(crate) const FLUSH_ALL: Effect = run("xml_flush_cache.all");

const QUEUE: (&str, From) = ("queue", From::Key("queue"));
const AGENT: (&str, From) = ("agent", From::Key("agent"));
const TIER: &[(&str, From)] = &[("queue", From::Own("queue")), ("agent", From::Own("agent"))];
/// Queues, agents and tiers of the call centre.
pub(crate) const QUEUE_LOAD: Effect = Effect::Run(Act::of("callcenter.queue.load", &[QUEUE]));
pub(crate) const QUEUE_RELOAD: Effect = Effect::Run(Act::of("callcenter.queue.reload", &[QUEUE]));
pub(crate) const QUEUE_UNLOAD: Effect = Effect::Ask(Act::of("callcenter.queue.unload", &[QUEUE]));
pub(crate) const AGENT_RELOAD: Effect = Effect::Run(Act::of("callcenter.agent.reload", &[AGENT]));
pub(crate) const AGENT_DELETE: Effect = Effect::Run(Act::of("callcenter.agent.delete", &[AGENT]));
pub(crate) const TIER_RELOAD: Effect = Effect::Run(Act::of("callcenter.tier.reload", TIER));
pub(crate) const TIER_DELETE: Effect = Effect::Run(Act::of("callcenter.tier.delete", TIER));

/// What the words of the catalogue come to; `None` for words that say nothing.
pub(crate) fn of_phrase(words: &str) -> Option<&'static [Effect]> {
    let found = PHRASES.iter().find(|(phrase, _)| words.starts_with(phrase));
    found.map(|(_, effects)| *effects)
}

/// Everything that the words of the catalogue may come to.
pub fn phrases() -> impl Iterator<Item = &'static Effect> {
    PHRASES.iter().flat_map(|(_, effects)| effects.iter())
}

#[cfg(test)]
mod tests {
    use super::super::{Parameter, undeclared};
    use super::*;
    use crate::modules;

    #[test]
    fn every_effect_in_the_catalogue_is_understood() {
        let declared = modules::ALL.iter().flat_map(|module| module.parameters());
        let undeclared = undeclared().iter().flat_map(|known| &known.parameters);
        for Parameter { name, effect, .. } in declared.chain(undeclared) {
            assert!(effect.is_empty() || of_phrase(effect).is_some(), "{name}: {effect:?}");
        }
    }

    #[test]
    fn each_phrase_is_reached() {
        for (at, (phrase, _)) in PHRASES.iter().enumerate() {
            let earlier = PHRASES[..at].iter().find(|(earlier, _)| phrase.starts_with(earlier));
            assert!(earlier.is_none(), "{phrase}: {earlier:?}");
        }
    }
}
