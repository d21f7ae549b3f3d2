//! The parts of the state that are read at once, and the commands that read them.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::ops::{BitOr, BitOrAssign};

use super::kind::Kind;
use super::parse::{self, Broken};
use super::rows::{
    Agent, Channel, Conference, ConferenceMember, Gateway, Host, Member, Module, Profile, Queue,
    Registration, Tier, VertoClient,
};

/// What is read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The switch itself.
    Host,
    /// SIP registrations.
    Registrations,
    /// Channels.
    Channels,
    /// Profiles and gateways of mod_sofia.
    Sofia,
    /// Loaded modules.
    Modules,
    /// Queues, agents, tiers and members of mod_callcenter: one command for each queue.
    Callcenter,
    /// Conferences and who is in them.
    Conferences,
    /// Profiles and clients of mod_verto.
    Verto,
}

impl Part {
    /// All parts.
    pub const ALL: &'static [Self] = &[
        Self::Host,
        Self::Registrations,
        Self::Channels,
        Self::Sofia,
        Self::Modules,
        Self::Callcenter,
        Self::Conferences,
        Self::Verto,
    ];

    /// The kinds of rows whose newest state is known only by reading them: of these an answer tells more than events do,
    /// so that one that was asked for before an event came is asked for once more.
    pub(crate) fn read_only(self) -> &'static [Kind] {
        match self {
            Self::Host | Self::Registrations | Self::Channels => &[],
            Self::Sofia => &[Kind::Profiles, Kind::Gateways],
            Self::Modules => &[Kind::Modules],
            Self::Callcenter => &[Kind::Agents, Kind::Tiers],
            Self::Conferences => &[Kind::Conferences],
            Self::Verto => &[Kind::VertoClients],
        }
    }
}

/// The parts that have to be read again, because an event told too little.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[must_use]
pub struct Wanted(u8);

impl Wanted {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self(u8::MAX);

    /// Whether nothing has to be read.
    pub fn is_empty(self) -> bool {
        self.parts().next().is_none()
    }

    /// Whether this part has to be read.
    pub fn contains(self, part: Part) -> bool {
        self.0 & Self::from(part).0 != 0
    }

    /// The parts.
    pub fn parts(self) -> impl Iterator<Item = Part> {
        Part::ALL.iter().copied().filter(move |part| self.contains(*part))
    }

    /// This part, if it is so.
    pub(super) fn when(condition: bool, part: Part) -> Self {
        if condition { part.into() } else { Self::NONE }
    }
}

impl From<Part> for Wanted {
    fn from(part: Part) -> Self {
        Self(1 << part as u8)
    }
}

impl BitOr for Wanted {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Wanted {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.parts()).finish()
    }
}

/// What was read of one part.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// The switch itself.
    Host(Box<Host>),
    /// All registrations.
    Registrations(Vec<Registration>),
    /// All channels.
    Channels(Vec<Channel>),
    /// All profiles and gateways of mod_sofia.
    Sofia {
        /// The profiles.
        profiles: Vec<Profile>,
        /// The gateways.
        gateways: Vec<Gateway>,
    },
    /// All modules.
    Modules(Vec<Module>),
    /// All of mod_callcenter.
    Callcenter {
        /// The queues.
        queues: Vec<Queue>,
        /// The agents.
        agents: Vec<Agent>,
        /// Which agent serves which queue.
        tiers: Vec<Tier>,
        /// Who is in the queues.
        members: Vec<Member>,
    },
    /// All conferences.
    Conferences {
        /// The conferences.
        conferences: Vec<Conference>,
        /// Who is in them.
        members: Vec<ConferenceMember>,
    },
    /// All of mod_verto.
    Verto {
        /// The profiles.
        profiles: Vec<Profile>,
        /// Who is logged in.
        clients: Vec<VertoClient>,
    },
}

/// Something that takes commands of FreeSWITCH and gives the texts of the answers.
pub(crate) trait Ask {
    /// Why there is no answer.
    type Error;

    /// The answer to a command.
    fn ask(&self, command: &str) -> impl Future<Output = Result<String, Self::Error>> + Send;
}

/// Why a part could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError<E> {
    /// There was no answer.
    Ask {
        /// What was asked.
        command: String,
        /// Why there was none.
        error: E,
    },
    /// The answer cannot be read.
    Broken {
        /// What was asked.
        command: String,
        /// What is wrong with the answer.
        why: String,
    },
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask { command, error } => write!(f, "no answer to {command:?}: {error}"),
            Self::Broken { command, why } => write!(f, "the answer to {command:?} cannot be read: {why}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for ReadError<E> {}

/// Asks the switch for a part.
///
/// # Errors
/// There is no answer, or one that cannot be read. That a module is not loaded is no error: it has no rows.
pub(crate) async fn read<A: Ask + Sync>(part: Part, switch: &A) -> Result<Reading, ReadError<A::Error>> {
    let reading = match part {
        Part::Host => {
            let mut host = ask(switch, "status", parse::status).await?;
            host.version = Some(ask(switch, "version", parse::version).await?);
            host.switchname = Some(ask(switch, "switchname", parse::name).await?);
            host.hostname = Some(ask(switch, "hostname", parse::name).await?);
            // Events tell it as well, but the first one may come late.
            host.core_uuid = ask(switch, "global_getvar core_uuid", |text| Ok(parse::core(text))).await?;
            Reading::Host(Box::new(host))
        }
        Part::Registrations => Reading::Registrations(
            ask(switch, "show registrations as json", |text| parse::lines(text, Registration::of_line))
                .await?,
        ),
        Part::Channels => Reading::Channels(
            ask(switch, "show channels as json", |text| {
                parse::lines(text, |row: Channel| (!row.uuid.is_empty()).then_some(row))
            })
            .await?,
        ),
        Part::Sofia => Reading::Sofia {
            profiles: ask(switch, "sofia xmlstatus", parse::sofia).await?,
            gateways: ask(switch, "sofia xmlstatus gateway", parse::gateways).await?,
        },
        Part::Modules => Reading::Modules(
            ask(switch, "show modules as json", |text| parse::lines(text, Module::of_line)).await?,
        ),
        Part::Callcenter => callcenter(switch).await?,
        Part::Conferences => {
            let (conferences, members) = ask(switch, "conference json_list", parse::conferences).await?;
            Reading::Conferences { conferences, members }
        }
        Part::Verto => {
            let (profiles, clients) = ask(switch, "verto xmlstatus", parse::verto).await?;
            Reading::Verto { profiles, clients }
        }
    };
    Ok(reading)
}

/// The parts whose rows are not as many as the switch says, or that change without an event.
///
/// A count is cheap where reading everything is not; that it is the same does not say that the rows are.
pub(crate) async fn differing<A: Ask + Sync>(known: impl Fn(Kind) -> usize, switch: &A) -> Vec<Part> {
    let mut parts = Vec::new();
    for (part, kind, command) in [
        (Part::Registrations, Kind::Registrations, "show registrations count"),
        (Part::Channels, Kind::Channels, "show channels count"),
    ] {
        // What changes while it is asked is not a difference that lasts.
        let before = known(kind);
        if let Ok(answer) = switch.ask(command).await
            && parse::count(&answer).is_some_and(|count| count != before && count != known(kind))
        {
            parts.push(part);
        }
    }
    // Of these some changes have no event: agents and tiers that go, gateways that are configured anew. FreeSWITCH's list
    // of modules is a moment behind: those that it was just loading when it was asked are not in it.
    for (part, kinds) in [
        (Part::Modules, &[Kind::Modules][..]),
        (Part::Callcenter, &[Kind::Queues, Kind::Agents]),
        (Part::Sofia, &[Kind::Profiles]),
        (Part::Conferences, &[Kind::Conferences]),
    ] {
        if kinds.iter().any(|kind| known(*kind) > 0) {
            parts.push(part);
        }
    }
    parts
}

async fn callcenter<A: Ask + Sync>(switch: &A) -> Result<Reading, ReadError<A::Error>> {
    let mut queues: Vec<Queue> =
        ask(switch, "callcenter_config queue list", |text| parse::columns(text, "record_template")).await?;
    let agents = ask(switch, "callcenter_config agent list", |text| parse::columns(text, "contact")).await?;
    let tiers = ask(switch, "callcenter_config tier list", |text| parse::columns(text, "agent")).await?;
    let mut members = Vec::new();
    for queue in queues.iter_mut().filter(|queue| is_word(&queue.name)) {
        let command = format!("callcenter_config queue list members {}", queue.name);
        let read: Vec<Member> = ask(switch, &command, |text| parse::columns(text, "cid_name")).await?;
        queue.count = Some(read.iter().filter(|member| member.waits()).count() as u64);
        members.extend(read);
    }
    Ok(Reading::Callcenter { queues, agents, tiers, members })
}

/// Whether a name is one word of a command, with nothing in it that a command is made of.
fn is_word(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\"`;${}|\\".contains(&byte))
}

async fn ask<A: Ask + Sync, T>(
    switch: &A,
    command: &str,
    parse: impl FnOnce(&str) -> Result<T, Broken>,
) -> Result<T, ReadError<A::Error>> {
    match switch.ask(command).await {
        Ok(answer) => {
            parse(&answer).map_err(|Broken(why)| ReadError::Broken { command: command.to_owned(), why })
        }
        Err(error) => Err(ReadError::Ask { command: command.to_owned(), error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_is_a_set() {
        let wanted = Wanted::from(Part::Sofia) | Part::Host.into();
        assert_eq!(wanted.parts().collect::<Vec<_>>(), [Part::Host, Part::Sofia]);
        assert_eq!(Wanted::ALL.parts().count(), Part::ALL.len());
        assert!(Wanted::NONE.is_empty() && !wanted.is_empty());
    }

    #[test]
    fn names_of_queues_are_words() {
        assert!(is_word("support@default") && is_word("a-b.c_d"));
        for name in ["", "a b", "a\n", "a;b", "${x}", "a|b", "é", "a'b", "\u{7f}"] {
            assert!(!is_word(name), "{name}");
        }
    }
}
