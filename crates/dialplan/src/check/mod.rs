//! What can be said of a context without a call: what is wrong in it, what only the switch can know, where it leads.

mod calls;
mod findings;
mod places;
mod reach;
mod targets;
mod walk;

use std::fmt;

use custompbx_model::NodeId;

use crate::context::Context;
use crate::undecidable::Undecidable;

pub use targets::Target;
pub(crate) use targets::target_of;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, but perhaps otherwise than was meant.
    Notice,
    /// It does surely not do what was meant.
    Warning,
    /// It breaks calls, or matches nothing at all.
    Error,
}

/// Something wrong at a place of a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The extension.
    pub extension: String,
    /// The node: the extension, condition, `<regex>` or action.
    pub node: NodeId,
    /// The attribute, or `expression` and `data` for the text of an element too; empty for the element itself.
    pub attribute: &'static str,
    /// Byte offset in the attribute, if it is about a place in it.
    pub position: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// An expression that matches nothing, in the words of the library.
    Expression(String),
    /// No field of the caller profile has this name.
    UnknownField(String),
    /// No word for `break`.
    Break(String),
    /// No word for `regex`.
    Rule(String),
    /// An attribute about time that cannot be read to its end.
    Time(String),
    /// `dst` that is not true never passes.
    NeverDst,
    /// A word that is neither true nor false; it is false.
    NotABoolean(String),
    /// An extension without a condition never matches.
    NoCondition,
    /// The extension of this node matches every call that comes to it, and does not continue.
    Unreachable {
        /// The node of the extension before.
        after: NodeId,
        /// Its name.
        name: String,
    },
    /// An action without an application.
    NoApplication,
    /// No module of FreeSWITCH has the application; another module may.
    UnknownApplication(String),
    /// The application does nothing during the hunt.
    NotInline(String),
    /// No module of FreeSWITCH has the application; during the hunt that hangs the call up.
    UnknownInline(String),
    /// No module of FreeSWITCH has the API command, so it gives nothing.
    UnknownApi(String),
    /// The action is never taken.
    NeverTaken(String),
    /// Deeper conditions are not looked at.
    TooDeep,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(why) => write!(f, "the expression matches nothing: {why}"),
            Self::UnknownField(name) => {
                write!(
                    f,
                    "the caller profile has no field {name}, so it is always empty; a variable is ${{{name}}}"
                )
            }
            Self::Break(word) => write!(f, "\"{word}\" is no word for break; it means on-false"),
            Self::Rule(word) => write!(f, "\"{word}\" is no word for regex; it means any"),
            Self::Time(text) => write!(f, "\"{text}\" cannot be read to its end"),
            Self::NeverDst => f.write_str("dst passes only if it is true; this one never does"),
            Self::NotABoolean(word) => write!(f, "\"{word}\" is not a word for true, and so means false"),
            Self::NoCondition => f.write_str("an extension without a condition never matches"),
            Self::Unreachable { name, .. } => {
                write!(f, "no call comes here, because the extension {name} takes them all")
            }
            Self::NoApplication => f.write_str("the action has no application"),
            Self::UnknownApplication(name) => write!(f, "no module of FreeSWITCH has an application {name}"),
            Self::NotInline(name) => write!(f, "{name} cannot be executed inline, and does nothing"),
            Self::UnknownInline(name) => {
                write!(f, "FreeSWITCH has no application {name}; inline it hangs the call up")
            }
            Self::UnknownApi(name) => write!(f, "FreeSWITCH has no API command {name}, so it gives nothing"),
            Self::NeverTaken(times) => write!(f, "loop is \"{times}\", so the action is never taken"),
            Self::TooDeep => {
                f.write_str("conditions are nested more than 100 levels deep, and not looked at")
            }
        }
    }
}

impl Context {
    /// What is wrong in it, in the order of the extensions.
    pub fn findings(&self) -> Vec<Finding> {
        findings::of(self)
    }

    /// What can make an evaluation undecidable, whatever is known of the call. What a variable of the call holds can
    /// do it too.
    pub fn undecidable_places(&self) -> Vec<Undecidable> {
        places::of(self)
    }

    /// Where the actions lead that go to another extension.
    pub fn targets(&self) -> Vec<Target> {
        targets::of(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::globals::Globals;
    use crate::raw;

    fn context(extensions: &str) -> Context {
        let text = format!("<context name=\"c\">{extensions}</context>");
        let answer = raw::read(&text, &Globals::default()).unwrap();
        Context::of_answer(&answer.contexts[0], None)
    }

    fn problems(extensions: &str) -> Vec<(Severity, &'static str, Option<usize>, String)> {
        let found = context(extensions).findings();
        found
            .into_iter()
            .map(|finding| {
                (finding.severity, finding.attribute, finding.position, finding.problem.to_string())
            })
            .collect()
    }

    /// The words of each finding in one condition.
    fn in_condition(condition: &str) -> Vec<String> {
        let found = problems(&format!("<extension name=\"a\">{condition}</extension>"));
        found.into_iter().map(|(_, attribute, _, words)| format!("{attribute}: {words}")).collect()
    }

    #[test]
    fn expressions_have_their_place() {
        let found = problems(
            "<extension name=\"a\"><condition field=\"rdnis\" expression=\"/^[z-a]/i\"/>
             <condition regex=\"all\"><regex field=\"rdnis\" expression=\"(\"/></condition></extension>",
        );
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].0, found[0].1, found[0].2), (Severity::Error, "expression", Some(5)));
        assert_eq!((found[1].0, found[1].2), (Severity::Error, Some(1)));
    }

    #[test]
    fn words_that_mean_something_else() {
        let found = in_condition(
            "<condition field=\"destination\" expression=\"^1\" break=\"on_true\" require-nested=\"maybe\">
               <action application=\"set\" data=\"a=${nosuchapi(1)}\" inline=\"y\"/>
               <action application=\"answer\" inline=\"true\"/><action inline=\"true\" application=\"mine\"/>
               <action data=\"x\"/><action application=\"log\" loop=\"no\"/><action application=\"nosuch\"/>
             </condition><condition regex=\"or\"><regex/></condition>",
        );
        for word in [
            "field",
            "break",
            "require-nested",
            "inline: \"y\"",
            "answer cannot",
            "no application mine",
            "nosuchapi",
            "has no application",
            "application nosuch",
            "loop",
            "regex: \"or\"",
        ] {
            assert!(found.iter().any(|found| found.contains(word)), "{word}: {found:#?}");
        }
        assert_eq!(found.len(), 11, "{found:#?}");
    }

    #[test]
    fn times_that_cannot_be_read() {
        let found = in_condition(
            "<condition wday=\"monday\" hour=\"9 -17\" time-of-day=\"9-17\" date-time=\"x~y\" dst=\"false\" mon=\"1-3\"/>",
        );
        assert_eq!(found.len(), 5, "{found:?}");
    }

    #[test]
    fn only_what_certainly_takes_all_hides_others() {
        let last = "<extension name=\"last\"><condition/></extension>";
        let hidden = |first: &str| {
            let found = problems(&format!("<extension name=\"a\" {first}</extension>{last}"));
            found.iter().any(|found| found.3.starts_with("no call comes here"))
        };
        for takes_all in [
            "><condition/>",
            "><condition field=\"destination_number\" expression=\"^(.*)$\"/>",
            "><condition field=\"rdnis\" expression=\"^1\" break=\"never\"/><condition/>",
            "><condition><condition/></condition>",
            "><condition require-nested=\"false\"><condition field=\"ani\" expression=\"1\"/></condition>",
            "continue=\"no\"><condition break=\"on-true\"/><condition field=\"ani\" expression=\"1\"/>",
        ] {
            assert!(hidden(takes_all), "{takes_all}");
        }
        for lets_through in [
            "continue=\"true\"><condition/>",
            "><condition hour=\"1\"/>",
            "><condition field=\"ani\" expression=\"1\"/>",
            "><condition/><condition field=\"ani\" expression=\"1\"/>",
            "><condition><condition field=\"ani\" expression=\"1\"/></condition>",
            "><condition regex=\"any\"/>",
            ">",
        ] {
            assert!(!hidden(lets_through), "{lets_through}");
        }
    }

    #[test]
    fn places_that_only_the_switch_can_decide() {
        let places = context(
            "<extension name=\"a\"><condition field=\"${module_exists(mod_x)}\" expression=\"true\"/>
             <condition field=\"rdnis\" expression=\"${db select/a/b}\">
               <action application=\"set\" data=\"x=${hash(select/a/b)}\"/>
               <action application=\"set\" data=\"x=${hash(select/a/b)}\" inline=\"true\"/>
               <action application=\"lua\" data=\"x\" inline=\"true\"/>
               <condition hour=\"1\" field=\"rdnis\" expression=\"(1)\"><action application=\"log\"/></condition>
             </condition><condition field=\"${aleg_uuid}\" expression=\"a{,2}\"/></extension>",
        )
        .undecidable_places();
        let shown: Vec<_> =
            places.iter().map(|place| format!("{:?} {}", place.place.condition, place.place.what)).collect();
        assert_eq!(
            shown,
            [
                "[1] field",
                "[2] expression",
                "[2] data",
                "[2] application",
                "[2, 1] expression",
                "[3] field",
                "[3] expression"
            ],
            "{places:#?}"
        );
        assert!(
            context("<extension><condition field=\"${x}\" expression=\"1\"/></extension>")
                .undecidable_places()
                .is_empty()
        );
    }

    #[test]
    fn targets_are_as_they_are_written() {
        let targets = context(
            "<extension name=\"a\"><condition><action application=\"transfer\" data=\"-both 100 XML public\"/>
             <action application=\"Execute_Extension\" data=\"is_secure\"/>
             <anti-action application=\"transfer\">$1 xml ${x}</anti-action><condition>
             <action application=\"transfer\" data=\"a\"/></condition></condition></extension>",
        )
        .targets();
        let shown: Vec<_> = targets
            .iter()
            .map(|target| {
                (
                    target.extension.as_str(),
                    target.dialplan.as_deref(),
                    target.context.as_deref(),
                    target.is_fixed,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("100", Some("XML"), Some("public"), true),
                ("is_secure", None, None, true),
                ("$1", Some("xml"), Some("${x}"), false),
                ("a", None, None, true)
            ]
        );
    }
}
