//! What cannot be known without the switch, and where.

use std::fmt;

use custompbx_model::NodeId;

use crate::value::Value;

/// Why an evaluation cannot go on. It never guesses: what stands before is what the switch does, what comes behind is
/// not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The result of an API call is needed, with its arguments expanded.
    Api {
        /// The command.
        name: Value,
        /// Its argument.
        argument: Value,
    },
    /// An application that runs during the hunt and can change what comes behind.
    Application(Value),
    /// Whether the switch has the application at all depends on a module.
    ModuleOfApplication(Value),
    /// A global variable whose value only the switch has.
    Global(Value),
    /// A field of the caller profile of the other leg.
    OtherLeg(Value),
    /// Matching took more steps, or more memory, than is allowed here.
    RegexLimit,
    /// What the regular expression means depends on the version of the library.
    RegexVersion,
    /// The expression is no text after expansion.
    RegexNotText,
    /// FreeSWITCH's own code does not define what happens.
    UndefinedInSwitch(&'static str),
    /// The zone is in no line of `timezones.conf`.
    Timezone(Value),
    /// It depends on the time zone of the switch's process, of which no more than an offset is known, or nothing.
    ProcessZone,
    /// More than is done here.
    TooMuch(&'static str),
}

impl Why {
    /// In words that hold nothing of the call.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Api { .. } => "the result of an API command is known to the switch only",
            Self::Application(_) => "an application runs during the hunt that only the switch can run",
            Self::ModuleOfApplication(_) => "whether the switch has an application depends on its modules",
            Self::Global(_) => "a global variable is known to the switch only",
            Self::OtherLeg(_) => "something is of the call's other leg, which is not known",
            Self::RegexLimit => "a regular expression takes too many steps",
            Self::RegexVersion => "what a regular expression means depends on the version of PCRE2",
            Self::RegexNotText => "an expression is not UTF-8 after expansion",
            Self::UndefinedInSwitch(what) => what,
            Self::Timezone(_) => "a time zone is not in timezones.conf",
            Self::ProcessZone => "the time zone of the switch's process is not known",
            Self::TooMuch(what) => what,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api { name, argument } => {
                write!(f, "the result of the API command {name}({argument}) is known to the switch only")
            }
            Self::Application(name) => {
                write!(
                    f,
                    "the application {name} runs during the hunt, and what it does is known to the switch only"
                )
            }
            Self::ModuleOfApplication(name) => {
                write!(
                    f,
                    "whether the switch has the application {name} depends on the modules it has loaded"
                )
            }
            Self::Global(name) => write!(f, "the global variable {name} is known to the switch only"),
            Self::OtherLeg(name) => write!(f, "{name} is of the call's other leg, which is not known"),
            Self::RegexLimit => f.write_str("the regular expression takes too many steps on this text"),
            Self::RegexVersion => {
                f.write_str("what the regular expression means depends on the version of PCRE2")
            }
            Self::RegexNotText => f.write_str("the expression is not UTF-8 after expansion"),
            Self::UndefinedInSwitch(what) => write!(f, "FreeSWITCH does not define what happens: {what}"),
            Self::Timezone(name) => write!(f, "the time zone {name} is not in timezones.conf"),
            Self::ProcessZone => f.write_str("the time zone of the switch's process is not known"),
            Self::TooMuch(what) => write!(f, "there is more to do than is done here: {what}"),
        }
    }
}

/// A place in a context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The name of the extension; none before the first one.
    pub extension: Option<String>,
    /// Which condition, counted from 1, and below it the nested ones.
    pub condition: Vec<usize>,
    /// The node it is about.
    pub node: NodeId,
    /// The attribute, or what else of the node.
    pub what: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.extension {
            Some(name) => write!(f, "extension {name}")?,
            None => f.write_str("the context")?,
        }
        for (level, number) in self.condition.iter().enumerate() {
            write!(f, "{}{number}", if level == 0 { ", condition " } else { "." })?;
        }
        if self.what.is_empty() { Ok(()) } else { write!(f, ", {}", self.what) }
    }
}

/// Where an evaluation ended because it could not go on, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecidable {
    /// Where.
    pub place: Place,
    /// Why.
    pub why: Why,
}

impl fmt::Display for Undecidable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}

/// An answer, or why there is none; the evaluator knows where.
pub(crate) type Known<T> = Result<T, Box<Why>>;

/// The error of [`Known`].
pub(crate) fn unknown<T>(why: Why) -> Known<T> {
    Err(Box::new(why))
}
