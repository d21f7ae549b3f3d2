//! A call that asks for the dialplan.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::globals::Globals;
use crate::profile::{Profile, ProfileField};
use crate::time::{ProcessZone, Timezones};
use crate::value::Value;
use crate::variables::Variables;
use crate::words::{is_space, same_word};

/// What is known of the other leg of a call: `aleg_` is the one that made this one, `bleg_` the one it made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OtherLeg {
    /// There is none.
    #[default]
    None,
    /// Perhaps there is one.
    Unknown,
    /// Its caller profile.
    Is(Box<Profile>),
}

/// Everything that an evaluation depends on, apart from the context.
#[derive(Clone, Debug)]
pub struct Call {
    /// The caller profile.
    pub profile: Profile,
    /// The variables of the channel.
    pub variables: Variables,
    /// The switch's global variables; shared by all calls.
    pub globals: Arc<Globals>,
    /// The moment of the evaluation.
    pub at: Timestamp,
    /// The time zone of the switch's process.
    pub zone: ProcessZone,
    /// `timezones.conf`; shared by all calls.
    pub timezones: Arc<Timezones>,
    /// The leg that made this one.
    pub originator: OtherLeg,
    /// The leg that this one made.
    pub originatee: OtherLeg,
    /// A field of the form whose value may be another one: FreeSWITCH sends a `%24` in a value as it is, and it cannot be
    /// told from a character that was encoded. It is said where that is sure, and where it would matter for
    /// expansions; a `%20` that somebody wrote is read as a blank.
    pub ambiguous: Option<String>,
    /// What API calls give; see [`Call::set_api`].
    api: HashMap<(Vec<u8>, Vec<u8>), Value>,
}

impl Call {
    /// A call to a number in a context, at 1970-01-01 UTC; the other fields are public.
    pub fn new(context: impl Into<Value>, destination: impl Into<Value>) -> Self {
        let mut profile = Profile::default();
        profile.set(ProfileField::Dialplan, "XML");
        profile.set(ProfileField::Context, context);
        profile.set(ProfileField::DestinationNumber, destination);
        Self {
            profile,
            variables: Variables::new(),
            globals: Arc::default(),
            at: Timestamp::UNIX_EPOCH,
            zone: ProcessZone::Unknown,
            timezones: Arc::default(),
            originator: OtherLeg::None,
            originatee: OtherLeg::None,
            ambiguous: None,
            api: HashMap::new(),
        }
    }

    /// Says what an API call gives, such as `module_exists` with `mod_enum`. A call that needs another one of a command
    /// that FreeSWITCH has cannot be decided.
    pub fn set_api(&mut self, name: impl Into<Value>, argument: impl Into<Value>, result: impl Into<Value>) {
        self.api.insert(api_key(name.into().as_bytes(), argument.into().as_bytes()), result.into());
    }

    /// [`Call::set_api`] of a command as it is written, `name(argument)` or `name argument`.
    pub fn set_api_call(&mut self, call: &str, result: impl Into<Value>) {
        let (name, argument) = call.split_once(['(', ' ']).unwrap_or((call, ""));
        let argument = match call[name.len()..].starts_with('(') {
            true => argument.strip_suffix(')').unwrap_or(argument),
            false => argument,
        };
        self.set_api(name, argument, result);
    }

    /// What is known of an API call.
    pub(crate) fn api(&self, name: &[u8], argument: &[u8]) -> Option<&Value> {
        if self.api.is_empty() { None } else { self.api.get(&api_key(name, argument)) }
    }

    /// The context that is asked for.
    pub(crate) fn context(&self) -> Value {
        // `dialplan_hunt` takes this one for a profile without.
        self.profile.get(ProfileField::Context).cloned().unwrap_or_else(|| "default".into())
    }

    /// The position of the context that the switch takes for this call, among those of an answer (rule 2).
    pub fn choose<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Option<usize> {
        let wanted = self.context();
        let mut global = None;
        for (position, name) in names.into_iter().enumerate() {
            if same_word(name.as_bytes(), wanted.as_bytes()) {
                return Some(position);
            }
            if global.is_none() && same_word(name.as_bytes(), b"global") {
                global = Some(position);
            }
        }
        global
    }
}

/// The switch takes white space off both ends of a command and of its argument, and commands have no case.
fn api_key(name: &[u8], argument: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let trim = |text: &[u8]| {
        let start = text.iter().take_while(|&&byte| is_space(byte)).count();
        let rest = &text[start..];
        let end = rest.iter().rposition(|&byte| !is_space(byte)).map_or(0, |last| last + 1);
        rest[..end].to_vec()
    };
    (trim(name).to_ascii_lowercase(), trim(argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_02_which_context() {
        let call = Call::new("Public", "1");
        assert_eq!(call.choose(["global", "a", "PUBLIC", "public"]), Some(2));
        assert_eq!(call.choose(["a", "Global", "global"]), Some(1));
        assert_eq!(call.choose(["a"]), None);
    }

    #[test]
    fn api_calls_are_the_same_but_for_white_space() {
        let mut call = Call::new("a", "1");
        call.set_api("Cond", "1 ? 2 : 3 ", "2");
        assert_eq!(call.api(b"cond", b" 1 ? 2 : 3"), Some(&"2".into()));
        assert_eq!(call.api(b"cond", b""), None);
        for (written, name, argument) in [
            ("a(b)", "a", "b"),
            ("a b)", "a", "b)"),
            ("a (b)", "a", "(b)"),
            ("a(b", "a", "b"),
            ("a", "a", ""),
        ] {
            let mut call = Call::new("a", "1");
            call.set_api_call(written, "x");
            assert_eq!(call.api(name.as_bytes(), argument.as_bytes()), Some(&"x".into()), "{written}");
        }
    }
}
