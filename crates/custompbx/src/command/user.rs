//! `custompbx user`: web users.

use std::io::Read as _;
use std::process::ExitCode;

use custompbx_pbx::By;
use custompbx_pbx::account::{self, Accounts, Wanted};
use custompbx_pbx::config::random_text;
use custompbx_store as store;

use crate::args::{Role, User};
use crate::context::Context;
use crate::failure::Failure;

/// Characters of a made-up password.
const MADE_UP: usize = 16;

#[expect(clippy::print_stdout, reason = "the answer of a command; a made-up password is shown once")]
pub(crate) async fn run(context: &Context, command: User) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let author = context.author("command line");
    let by = By { actor: author.actor, origin: author.origin };
    let accounts = Accounts::new(&store, &by, author.at_ms);
    let id = async |login: &str| account::by_login(&store, login).await.map(|user| user.id);
    match command {
        User::Add { login, role, password_stdin } => {
            let (password, made_up) = password(password_stdin)?;
            accounts.add(&login, &password, role.into()).await?;
            println!("added {login}{}", shown(&password, made_up));
        }
        User::Passwd { login, password_stdin } => {
            let (password, made_up) = password(password_stdin)?;
            let wanted = Wanted { password: Some(password.clone()), ..Wanted::default() };
            accounts.change(id(&login).await?, wanted, None).await?;
            println!("{login} has a new password and is signed out everywhere{}", shown(&password, made_up));
        }
        User::Disable { login } => {
            let wanted = Wanted { enabled: Some(false), ..Wanted::default() };
            accounts.change(id(&login).await?, wanted, None).await?;
            println!("{login} is disabled and signed out everywhere");
        }
        User::Enable { login } => {
            let wanted = Wanted { enabled: Some(true), ..Wanted::default() };
            accounts.change(id(&login).await?, wanted, None).await?;
            println!("{login} is enabled");
        }
        User::List => {
            for user in account::list(&store).await? {
                let state = if user.enabled { "enabled" } else { "disabled" };
                println!("{:<24} {:<8} {state}", user.login, user.role.as_str());
            }
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// A password from standard input, or a made-up one.
fn password(from_stdin: bool) -> Result<(String, bool), Failure> {
    if !from_stdin {
        return Ok((random_text(MADE_UP), true));
    }
    let mut text = String::new();
    let read = std::io::stdin().take(64 * 1024).read_to_string(&mut text);
    read.map_err(|error| Failure::new("cannot read the password from standard input", error))?;
    Ok((text.trim_end_matches(['\r', '\n']).to_owned(), false))
}

fn shown(password: &str, made_up: bool) -> String {
    if made_up { format!("; the password is {password} (shown only this once)") } else { String::new() }
}

impl From<Role> for store::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::Manager => Self::Manager,
            Role::User => Self::User,
            Role::Blocked => Self::Blocked,
        }
    }
}
