//! The options of `custompbx simulate`.

use std::path::{Path, PathBuf};

use super::input::{Input, Request, moment, profile_field};
use super::zone::Zone;
use super::{read_input, sources};
use crate::args::name_and_value;
use crate::failure::Failure;

/// A call on paper; nothing is sent to a switch.
#[derive(Debug, clap::Args)]
pub(crate) struct Simulate {
    /// The context that the call comes to
    #[arg(long, value_name = "NAME")]
    pub(super) context: Option<String>,
    /// The number that is called
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub(super) destination: Option<String>,
    /// The form that mod_xml_curl posted for a call, or - for standard input; the other options count before it
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    pub(super) request: Option<PathBuf>,
    /// A variable of the channel, as NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(super) var: Vec<(String, String)>,
    /// A field of the caller profile, as caller_id_number=1000
    #[arg(long, value_name = "FIELD=VALUE", value_parser = name_and_value)]
    pub(super) profile: Vec<(String, String)>,
    /// What an API command gives, as 'module_exists mod_enum=true' or 'module_exists(mod_enum)=true'
    #[arg(long, value_name = "CALL=RESULT")]
    pub(super) api: Vec<String>,
    /// The moment, such as 2026-11-23T08:30:00+01:00 [default: that of the request, else now]
    #[arg(long, value_name = "RFC3339")]
    pub(super) at: Option<String>,
    /// The time zone of the switch's process, such as Europe/Berlin [default: the offset in the request, else the
    /// zone of this machine]
    #[arg(long, value_name = "ZONE")]
    pub(super) tz: Option<String>,
    /// Say why the call did, or did not, come to this extension
    #[arg(long, value_name = "NAME")]
    pub(super) extension: Option<String>,
    /// Follow transfers so many times one behind the other
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(super) depth: usize,
    /// Contexts from a file instead of the database: a document, its section dialplan, or what stands in it
    #[arg(long, value_name = "FILE")]
    pub(super) dialplan: Option<PathBuf>,
    /// All global variables of the switch, as {"name": "value"}, instead of the database's
    #[arg(long, value_name = "FILE")]
    pub(super) globals: Option<PathBuf>,
    /// timezones.conf [default: the database's if it is used, else FreeSWITCH's own]
    #[arg(long, value_name = "FILE")]
    pub(super) timezones: Option<PathBuf>,
    /// The instance
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(super) instance: String,
    /// The name of the channel in the lines of the trace
    #[arg(long, value_name = "NAME")]
    pub(super) channel: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
    /// One call a line, as JSON, or - for standard input; gives one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(super) batch: Option<PathBuf>,
}

impl Simulate {
    /// What the options say of the call.
    pub(super) fn input(&self) -> Result<Input, Failure> {
        let named = |(name, value): &(String, String)| Ok((profile_field(name, "--profile")?, value.clone()));
        Ok(Input {
            context: self.context.clone(),
            destination: self.destination.clone(),
            variables: self.var.clone(),
            profile: self.profile.iter().map(named).collect::<Result<_, Failure>>()?,
            request: self.request.as_deref().map(request).transpose()?,
            at: self.at.as_deref().map(|text| moment(text, "--at")).transpose()?,
            zone: self.tz.as_deref().map(|name| Zone::named(name, "--tz")).transpose()?,
            api: self.api.iter().map(|text| api(text)).collect::<Result<_, Failure>>()?,
        })
    }

    /// The files that count for every call.
    pub(super) fn files(&self) -> Result<sources::Files, Failure> {
        sources::Files::read(self.dialplan.as_deref(), self.globals.as_deref(), self.timezones.as_deref())
    }
}

fn request(path: &Path) -> Result<Request, Failure> {
    let body = read_input(path, "the request")?;
    Ok(Request { shown: format!("the request {}", path.display()), body })
}

/// `name arguments=result`, or `name(arguments)=result` for arguments with `=` in them.
fn api(text: &str) -> Result<(String, String), Failure> {
    let in_brackets = text.find('(').is_some_and(|at| !text[..at].contains(['=', ' ']));
    let parts = if in_brackets {
        text.split_once(")=").map(|(call, result)| (format!("{call})"), result))
    } else {
        text.split_once('=').map(|(call, result)| (call.to_owned(), result))
    };
    match parts {
        Some((call, result)) if !call.is_empty() => Ok((call, result.to_owned())),
        _ => Err(Failure::because(format!(
            "--api {text:?} says no result; write it as 'module_exists mod_enum=true'"
        ))),
    }
}
