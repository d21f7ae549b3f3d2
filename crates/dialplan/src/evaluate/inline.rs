//! Applications that run during the hunt (rules 46 to 48).

use super::Hunt;
use crate::expand::{expand, has_variable};
use crate::names::{Known as Name, application};
use crate::outcome::InlineRun;
use crate::split::split;
use crate::undecidable::{Known, Why, unknown};
use crate::variables::Stack;
use crate::words::{is_true, same_word};

/// What running an application does to the rest of the hunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Set,
    Push,
    Unshift,
    Multiset,
    Unset,
    Multiunset,
    Export,
    BridgeExport,
    SetGlobal,
    SetProfile,
    /// It logs, tells others, or changes what no condition sees.
    None,
    /// It can set variables, or hang up.
    OfSwitch,
}

/// Rule 46: the name as the switch has it, and what it does.
const INLINE: &[(&str, Effect)] = &[
    ("set", Effect::Set),
    ("push", Effect::Push),
    ("unshift", Effect::Unshift),
    ("multiset", Effect::Multiset),
    ("unset", Effect::Unset),
    ("multiunset", Effect::Multiunset),
    ("export", Effect::Export),
    ("bridge_export", Effect::BridgeExport),
    ("set_global", Effect::SetGlobal),
    ("set_profile_var", Effect::SetProfile),
    ("eval", Effect::None),
    ("stop", Effect::None),
    ("log", Effect::None),
    ("info", Effect::None),
    ("event", Effect::None),
    ("presence", Effect::None),
    ("verbose_events", Effect::None),
    ("novideo", Effect::None),
    ("cng_plc", Effect::None),
    ("early_hangup", Effect::None),
    ("set_zombie_exec", Effect::None),
    ("set_user", Effect::OfSwitch),
    ("check_acl", Effect::OfSwitch),
    ("set_media_stats", Effect::OfSwitch),
    ("curl", Effect::OfSwitch),
    ("curl_sendfile", Effect::OfSwitch),
    ("easyroute", Effect::OfSwitch),
    ("translate", Effect::OfSwitch),
    ("cidlookup", Effect::OfSwitch),
    ("hiredis_raw", Effect::OfSwitch),
    ("enum", Effect::OfSwitch),
    ("nibblebill", Effect::OfSwitch),
    ("lcr", Effect::OfSwitch),
    ("osplookup", Effect::OfSwitch),
    ("ospnext", Effect::OfSwitch),
    ("distributor", Effect::OfSwitch),
    ("lua", Effect::OfSwitch),
    ("smpp_send", Effect::OfSwitch),
];

/// What is known of an application that shall run during the hunt; names have no case.
pub(crate) fn effect(name: &[u8]) -> Option<(&'static str, Effect)> {
    INLINE.iter().copied().find(|(known, _)| same_word(known.as_bytes(), name))
}

impl Hunt<'_> {
    /// `exec_app`.
    pub(super) fn run_inline(&mut self, name: &[u8], data: &[u8]) -> Known<()> {
        let Some((name, effect)) = effect(name) else {
            return match application(name) {
                Name::NotInline => Ok(()),
                Name::OfModule => {
                    self.place.what = "application";
                    unknown(Why::ModuleOfApplication(name.into()))
                }
                Name::Unknown => {
                    self.scope.hang_up("DESTINATION_OUT_OF_ORDER");
                    Ok(())
                }
            };
        };
        if effect == Effect::OfSwitch {
            self.place.what = "application";
            return unknown(Why::Application(name.into()));
        }
        let expands =
            !self.scope.text("app_disable_expand_variables")?.is_some_and(|word| is_true(word.as_bytes()));
        for name in ["app_uuid", "app_uuid_name"] {
            self.scope.delete(name.as_bytes());
        }
        // Rule 47: once, before the application sees it.
        let expanded = if expands { expand(data, &self.scope)? } else { None };
        let data = expanded.as_deref().unwrap_or(data);
        if expands && matches!(data, [b'%', b'[', ..] | [b'%', _, b'[', ..]) {
            return unknown(Why::Application("%[variables of its own]".into()));
        }
        self.inline.push(InlineRun { application: name.into(), data: data.into() });
        // Rule 48.
        self.scope.set(b"current_application", name.as_bytes());
        self.scope.set(b"current_application_data", data);
        self.scope.delete(b"current_application_response");
        self.apply(effect, data)
    }

    fn apply(&mut self, effect: Effect, data: &[u8]) -> Known<()> {
        match effect {
            Effect::Set => self.set(Stack::Set, data),
            Effect::Push => self.set(Stack::Push, data),
            Effect::Unshift => self.set(Stack::Unshift, data),
            Effect::Multiset => self.list(data)?.iter().try_for_each(|pair| self.set(Stack::Set, pair)),
            Effect::Unset => {
                self.scope.delete_named(data);
                Ok(())
            }
            Effect::Multiunset => {
                self.list(data)?.iter().for_each(|name| self.scope.delete_named(name));
                Ok(())
            }
            Effect::Export => self.export(data, "export_vars", true),
            Effect::BridgeExport => self.export(data, "bridge_export_vars", false),
            Effect::SetGlobal => {
                if let Some((name, value)) = assignment(data) {
                    self.scope.set_global(name, value);
                }
                Ok(())
            }
            Effect::SetProfile => {
                if let Some((name, value)) = assignment(data) {
                    self.scope.set_profile(name, value.unwrap_or_default());
                    self.seen.forget();
                }
                Ok(())
            }
            Effect::None | Effect::OfSwitch => Ok(()),
        }
    }

    /// `base_set`: the value is expanded a second time.
    fn set(&mut self, stack: Stack, data: &[u8]) -> Known<()> {
        let at =
            data.iter().position(|&byte| byte == b'=').or_else(|| data.iter().position(|&byte| byte == b','));
        let (name, value) = match at {
            Some(at) => (&data[..at], &data[at + 1..]),
            None => (data, &b""[..]),
        };
        let expanded = expand(value, &self.scope)?;
        self.scope.add(stack, name, expanded.as_deref().unwrap_or(value));
        Ok(())
    }

    /// Pairs split by blanks, or by C behind a leading `^^C`.
    fn list(&self, data: &[u8]) -> Known<Vec<Vec<u8>>> {
        match data {
            b"^^" => unknown(Why::UndefinedInSwitch("a list of which nothing but ^^ is there")),
            [b'^', b'^', separator, rest @ ..] => Ok(split(rest, *separator)),
            _ => Ok(split(data, b' ')),
        }
    }

    /// `switch_channel_export_variable_var_check`; `free` if the value may have a variable in it.
    fn export(&mut self, data: &[u8], list: &str, free: bool) -> Known<()> {
        let Some((name, value)) = assignment(data) else { return Ok(()) };
        let exported = self.scope.text(list)?;
        if free || !value.is_some_and(has_variable) {
            self.scope.set(name, value.unwrap_or_default());
        }
        if value.is_some() {
            let names = match exported {
                Some(exported) => [exported.as_bytes(), b",", name].concat(),
                None => name.to_vec(),
            };
            if !has_variable(&names) {
                self.scope.set(list.as_bytes(), &names);
            }
        }
        Ok(())
    }
}

/// `name=value`; an empty value is none. Nothing at all is an error that the switch only logs.
fn assignment(data: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if data.is_empty() {
        return None;
    }
    match data.iter().position(|&byte| byte == b'=') {
        Some(at) => Some((&data[..at], Some(&data[at + 1..]).filter(|value| !value.is_empty()))),
        None => Some((data, None)),
    }
}
