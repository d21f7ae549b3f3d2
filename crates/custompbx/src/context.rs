//! What every command needs: the configuration and the data directory.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use custompbx_pbx::config::{self, Loaded};
use custompbx_pbx::settings::LogLevel;
use custompbx_pbx::{Clock, Options, engine};
use custompbx_store::{Author, Engine, Store};

use crate::args::Place;
use crate::failure::Failure;
use crate::logging;

/// The configuration and where things are.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) loaded: Loaded,
    pub(crate) data_dir: PathBuf,
    log_level: LogLevel,
}

impl Context {
    /// Makes the data directory (for its owner only), reads the configuration and starts logging.
    pub(crate) fn load(place: &Place) -> Result<Self, Failure> {
        let data_dir = place.data_dir.clone();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&data_dir);
        made.map_err(|error| {
            Failure::new(&format!("cannot make the data directory {}", data_dir.display()), error)
        })?;
        let path = place
            .config
            .clone()
            .unwrap_or_else(|| beside_the_program().unwrap_or(data_dir.join("config.json")));
        let loaded = config::load(&path, std::env::vars_os().filter_map(text))?;
        let log_level = logging::start(&loaded.config.log)?;
        Ok(Self { loaded, data_dir, log_level })
    }

    /// Where the tree is kept.
    pub(crate) fn engine(&self) -> Engine {
        engine(&self.loaded.config, &self.data_dir)
    }

    /// What the use cases need.
    pub(crate) fn options(&self) -> Options {
        Options {
            engine: self.engine(),
            data_dir: self.data_dir.clone(),
            configuration: self.loaded.clone(),
            log_level: Some(self.log_level.clone()),
            clock: Clock::system(),
        }
    }

    /// The open database, for a command that needs nothing else.
    pub(crate) async fn store(&self) -> Result<Store, Failure> {
        Ok(Store::open(&self.engine(), Clock::system().now()).await?)
    }

    /// Who changes something by the command line.
    pub(crate) fn author(&self, origin: &str) -> Author {
        let user = std::env::var("SUDO_USER")
            .or_else(|_| std::env::var("USER"))
            .unwrap_or_else(|_| "unknown".to_owned());
        Author {
            actor: format!("{user} (command line)"),
            origin: origin.to_owned(),
            at_ms: Clock::system().now(),
        }
    }

    /// Makes sure that no other server works on the same SQLite file, for as long as the returned file is open.
    pub(crate) fn lock(&self) -> Result<Option<File>, Failure> {
        let Engine::Sqlite { path } = self.engine() else { return Ok(None) };
        let mut lock = path.clone().into_os_string();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        let operation = format!("cannot lock the database {}", path.display());
        let file = File::options().create(true).append(true).open(&lock);
        let file = file.map_err(|error| Failure::new(&operation, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Err(Failure::because(format!(
                "another custompbx serves from {} already; stop it, or give this one another --data-dir. \
                 Several servers can share one PostgreSQL database",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(Failure::new(&operation, error)),
        }
    }
}

/// `config.json` in the directory of the program, where it was documented to be.
fn beside_the_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let path = program.parent().unwrap_or(Path::new(".")).join("config.json");
    path.exists().then_some(path)
}

fn text((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}
