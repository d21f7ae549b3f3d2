//! CustomPBX: keeps FreeSWITCH's directory, dialplan and configuration, and answers FreeSWITCH from there.
//!
//! The command line and the wiring; what there is to decide is decided in the other crates.

mod args;
mod command;
mod context;
mod failure;
mod logging;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use context::Context;
use failure::Failure;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::new("cannot start the runtime", error).show(),
    };
    match runtime.block_on(run(args)) {
        Ok(code) => code,
        Err(failure) => failure.show(),
    }
}

async fn run(args: Args) -> Result<ExitCode, Failure> {
    let Args { place, command } = args;
    let context = || Context::load(&place);
    match command.unwrap_or(Command::Serve) {
        // It says nothing of one installation, so it needs none.
        Command::Openapi => command::openapi::run(),
        // It may not need one; then nothing is made or opened.
        Command::Simulate(simulate) => command::simulate::run(&place, *simulate).await,
        Command::Serve => command::serve::run(context()?).await,
        Command::Import(import) => command::import::run(&context()?, import).await,
        Command::Export(export) => command::export::run(&context()?, export).await,
        Command::User(user) => command::user::run(&context()?, user).await,
        Command::Token(token) => command::token::run(&context()?, token).await,
        Command::Doctor => command::doctor::run(&context()?).await,
    }
}
