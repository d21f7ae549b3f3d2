//! `custompbx token`: tokens for programs.

use std::process::ExitCode;

use custompbx_pbx::By;
use custompbx_pbx::account::{self, Scopes, Session};
use custompbx_store::SessionId;
use jiff::Timestamp;

use crate::args::Token;
use crate::context::Context;
use crate::failure::Failure;

#[expect(clippy::print_stdout, reason = "the answer of a command; a new token is shown once")]
pub(crate) async fn run(context: &Context, command: Token) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let author = context.author("command line");
    let now = author.at_ms;
    let by = By { actor: author.actor, origin: author.origin };
    match command {
        Token::Add { login, scope } => {
            let scopes = Scopes::parse(scope.iter().map(String::as_str)).map_err(|text| {
                Failure::because(format!("{text:?} is no scope; write read, write or directory:read"))
            })?;
            let user = account::by_login(&store, &login).await?;
            let made = account::add_token(&store, user.id, &scopes, &by, now).await?;
            println!(
                "token {} of {}, good until {} for {}",
                made.session.id,
                user.login,
                day(made.session.expires_at),
                what_for(&made.session)
            );
            println!("{}   (shown only this once)", made.token);
        }
        Token::List { login } => {
            let users = match login {
                Some(login) => vec![account::by_login(&store, &login).await?],
                None => account::list(&store).await?,
            };
            for user in users {
                for session in account::tokens(&store, user.id, now).await? {
                    let used = session.last_used_at.map_or("never".to_owned(), day);
                    println!(
                        "{:<8} {:<24} {:<4} until {}  used {used:<10}  {}",
                        session.id.0,
                        user.login,
                        session.purpose.as_str(),
                        day(session.expires_at),
                        what_for(&session)
                    );
                }
            }
        }
        Token::Revoke { id } => {
            let user = account::remove_token(&store, SessionId(id), &by, now).await?;
            println!("token {id} of {} is none any more", user.login);
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn what_for(session: &Session) -> String {
    session.scopes.texts().map_or_else(|| "all that its user may".to_owned(), |scopes| scopes.join(" "))
}

fn day(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}
