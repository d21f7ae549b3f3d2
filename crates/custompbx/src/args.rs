//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::command::simulate::Simulate;

/// API server and web interface for FreeSWITCH.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Where the configuration and the data are.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Place {
    /// The configuration file [default: config.json beside the program if there is one, else in the data directory]
    #[arg(long, global = true, env = "CUSTOMPBX_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where the SQLite database and the saved snapshot are
    #[arg(long, global = true, env = "CUSTOMPBX_DATA_DIR", default_value = "data", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (also without a command)
    Serve,
    /// Take over FreeSWITCH's files: a conf directory, a flat freeswitch.xml, or single documents
    Import(Import),
    /// Write the tree back as files that FreeSWITCH boots from
    Export(Export),
    /// Say where a call would go, and why: from the database, or from files alone
    Simulate(Box<Simulate>),
    /// Web users: who may sign in here
    #[command(subcommand)]
    User(User),
    /// Tokens: what a program signs in with
    #[command(subcommand)]
    Token(Token),
    /// Say what does not work between FreeSWITCH and this server, and what to do
    Doctor,
    /// Print the description of the REST API (OpenAPI 3.1)
    Openapi,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// Directories and files, merged in this order
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// The instance that takes them; made if it is not there
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(crate) instance: String,
    /// Also serve this switch (its hostname) from the instance
    #[arg(long, value_name = "HOSTNAME")]
    pub(crate) switch: Vec<String>,
    /// Where a fragment belongs, such as directory/example.com/default
    #[arg(long, value_name = "PLACE")]
    pub(crate) into: Option<String>,
    /// The section of a context: dialplan or chatplan
    #[arg(long, value_name = "NAME")]
    pub(crate) section: Option<String>,
    /// Replace $${variables} by their values
    #[arg(long)]
    pub(crate) resolve: bool,
    /// The value of a variable that FreeSWITCH finds out itself, as NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(crate) define: Vec<(String, String)>,
    /// A directory outside of the imported one that may be included from
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_outside: Vec<PathBuf>,
    /// The most that is read, in MiB
    #[arg(long, default_value_t = 128, value_name = "MIB")]
    pub(crate) max_size: u64,
    /// Only read and report
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The directory; must be empty or missing
    pub(crate) directory: PathBuf,
    /// The instance
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(crate) instance: String,
    /// Only the files that FreeSWITCH needs to ask this server for everything else
    #[arg(long)]
    pub(crate) bootstrap: bool,
    /// Replace an earlier export in the same directory
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a web user; prints a made-up password unless one is given
    Add {
        /// Its login
        login: String,
        /// What it may do
        #[arg(long, value_enum, default_value = "admin")]
        role: Role,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all web users
    List,
    /// Give a web user another password, which ends its sessions
    Passwd {
        /// Its login
        login: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Keep a web user out, at once
    Disable {
        /// Its login
        login: String,
    },
    /// Let a disabled web user in again
    Enable {
        /// Its login
        login: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token, which is good for 90 days, and print it
    Add {
        /// The web user whose rights it has
        login: String,
        /// What it is good for: read, write, or one section as directory:read [default: all that its user may]
        #[arg(long, value_name = "SCOPE")]
        scope: Vec<String>,
    },
    /// List tokens and sessions, of one web user or of all
    List {
        /// The web user
        login: Option<String>,
    },
    /// End a token or a session, at once
    Revoke {
        /// Its number in the list
        id: i64,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Role {
    Admin,
    Manager,
    User,
    Blocked,
}

/// A pair on the command line.
pub(crate) fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("must be NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }
}
