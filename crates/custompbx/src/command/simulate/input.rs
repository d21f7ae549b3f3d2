//! What is said of a call, by options or by a line of a batch, and the call that comes of it.

use custompbx_dialplan::{BadForm, Call, Profile, ProfileField};
use jiff::Timestamp;

use super::zone::Zone;
use crate::failure::Failure;

/// What one source says of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    pub(super) context: Option<String>,
    pub(super) destination: Option<String>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) profile: Vec<(ProfileField, String)>,
    pub(super) request: Option<Request>,
    pub(super) at: Option<Timestamp>,
    pub(super) zone: Option<Zone>,
    /// API commands as they are written, with their results.
    pub(super) api: Vec<(String, String)>,
}

/// A form that mod_xml_curl posted.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// What a person calls it.
    pub(super) shown: String,
    pub(super) body: String,
}

/// A call that can be evaluated. Global variables and `timezones.conf` are not in it yet.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) call: Call,
    pub(super) zone: Zone,
    pub(super) context: String,
    pub(super) destination: String,
    /// The name of its channel, if it was sent.
    pub(super) channel: Option<String>,
}

impl Made {
    /// The call that `own` describes; what it leaves open comes from `defaults`, and the moment in the end from `now`.
    pub(super) fn of(own: &Input, defaults: &Input, now: Timestamp) -> Result<Self, Failure> {
        let (mut call, sent) = match &own.request {
            Some(request) => (request.call(own.at.or(defaults.at).unwrap_or(now))?, true),
            None => (nobody(defaults.at.unwrap_or(now)), false),
        };
        if let Some(at) = own.at {
            call.at = at;
        }
        // What a request tells counts more than what is true of every call.
        for (name, value) in &defaults.variables {
            if call.variables.get(name).is_none() {
                call.variables.set(name.as_str(), value.as_str());
            }
        }
        for (field, value) in &defaults.profile {
            if !sent || call.profile.get(*field).is_none() {
                call.profile.set(*field, value.as_str());
            }
        }
        for (name, value) in &own.variables {
            call.variables.set(name.as_str(), value.as_str());
        }
        for (field, value) in &own.profile {
            call.profile.set(*field, value.as_str());
        }
        for (command, result) in defaults.api.iter().chain(&own.api) {
            call.set_api_call(command, result.as_str());
        }
        let own_or_default = (own.context.as_ref(), defaults.context.as_ref());
        let context = settle(&mut call.profile, ProfileField::Context, own_or_default, "context")?;
        let own_or_default = (own.destination.as_ref(), defaults.destination.as_ref());
        let destination =
            settle(&mut call.profile, ProfileField::DestinationNumber, own_or_default, "destination")?;
        let said = own.zone.clone().or_else(|| defaults.zone.clone());
        let zone = said.or_else(|| Zone::of_request(&call.zone)).unwrap_or_else(Zone::of_system);
        call.zone = zone.zone.clone();
        let channel = call.profile.get(ProfileField::ChanName).map(ToString::to_string);
        Ok(Self { call, zone, context, destination, channel })
    }
}

/// A call of which nothing is known.
fn nobody(at: Timestamp) -> Call {
    let mut call = Call::new("", "");
    call.at = at;
    call.profile = Profile::default();
    call.profile.set(ProfileField::Dialplan, "XML");
    call
}

/// A field that every call has: as it was said, as it was sent, or as it is for all.
fn settle(
    profile: &mut Profile,
    field: ProfileField,
    (own, default): (Option<&String>, Option<&String>),
    name: &str,
) -> Result<String, Failure> {
    let sent = profile.get(field).map(ToString::to_string);
    let Some(value) = own.cloned().or(sent).or_else(|| default.cloned()) else {
        return Err(Failure::because(format!(
            "the call has no {name}; say --{name} (in a line of a batch: {name:?}), or give the form that mod_xml_curl \
             posted for a call"
        )));
    };
    if own.is_some() || profile.get(field).is_none() {
        profile.set(field, value.as_str());
    }
    Ok(value)
}

impl Request {
    /// The call of the form; one without a moment is of `otherwise`.
    fn call(&self, otherwise: Timestamp) -> Result<Call, Failure> {
        // A file ends with a line break, a form does not.
        let body = self.body.trim_end_matches(['\r', '\n']);
        let call = match Call::from_body(body) {
            // The local time that was sent is of another moment then. What comes last counts.
            Err(BadForm::NoMoment) => Call::from_body(&format!(
                "{body}&Event-Date-Local=&Event-Date-Timestamp={}",
                otherwise.as_microsecond()
            )),
            other => other,
        };
        call.map_err(|error| Failure::new(&format!("cannot read {}", self.shown), error))
    }

    /// Whether it has a moment of its own.
    pub(super) fn has_moment(&self) -> bool {
        Call::from_body(self.body.trim_end_matches(['\r', '\n'])).is_ok()
    }
}

/// The moment that an option or a key names.
pub(super) fn moment(text: &str, said_by: &str) -> Result<Timestamp, Failure> {
    text.parse().map_err(|error: jiff::Error| {
        Failure::because(format!(
            "{said_by} {text:?} is no moment: {error}; write it as 2026-11-23T08:30:00+01:00 or 2026-11-23T07:30:00Z"
        ))
    })
}

/// A field of the caller profile by its name.
pub(super) fn profile_field(name: &str, said_by: &str) -> Result<ProfileField, Failure> {
    ProfileField::named(name.as_bytes()).ok_or_else(|| {
        let names: Vec<_> = ProfileField::ALL.iter().map(|field| field.name()).collect();
        Failure::because(format!(
            "{said_by} {name:?} is no field of the caller profile; there are {}",
            names.join(", ")
        ))
    })
}
