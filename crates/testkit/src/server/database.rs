//! The database of a server under test, which can be taken away.

use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

use crate::postgres;

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A database of the tests' own server.
    Postgres,
}

pub(super) enum Home {
    Sqlite { dir: TempDir },
    Postgres { database: postgres::Database, relay: Relay },
}

impl Home {
    pub(super) async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite { dir: super::directory() },
            Engine::Postgres => {
                // The first call starts a server, which takes a second; other tests go on meanwhile.
                let made = tokio::task::spawn_blocking(postgres::database);
                let database = made.await.expect("a database");
                let relay =
                    Relay::start(SocketAddr::new(database.host.parse().expect("an address"), database.port));
                Self::Postgres { relay: relay.await, database }
            }
        }
    }

    pub(super) fn engine(&self) -> custompbx_store::Engine {
        match self {
            Self::Sqlite { dir } => custompbx_store::Engine::Sqlite { path: file(dir) },
            Self::Postgres { database, relay } => custompbx_store::Engine::Postgres {
                host: database.host.clone(),
                port: relay.address.port(),
                user: database.user.clone(),
                pass: database.pass.clone(),
                name: database.name.clone(),
            },
        }
    }

    pub(super) async fn take_away(&self) {
        match self {
            Self::Sqlite { dir } => {
                let file = file(dir);
                std::fs::rename(&file, away(dir)).expect("the database is a file");
                // A new one must not be made in its place.
                std::fs::create_dir(&file).expect("nothing is there any more");
            }
            Self::Postgres { relay, .. } => relay.cut().await,
        }
    }

    pub(super) async fn give_back(&self) {
        match self {
            Self::Sqlite { dir } => {
                let file = file(dir);
                std::fs::remove_dir(&file).expect("an empty directory");
                std::fs::rename(away(dir), &file).expect("the database is a file");
            }
            Self::Postgres { relay, .. } => relay.mend().await,
        }
    }
}

fn file(dir: &TempDir) -> PathBuf {
    dir.path().join("custompbx.db")
}

fn away(dir: &TempDir) -> PathBuf {
    dir.path().join("away.db")
}

/// A way to a server that can be cut: then nobody listens, and all connections are gone.
pub(super) struct Relay {
    address: SocketAddr,
    target: SocketAddr,
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Relay {
    async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let running = Mutex::new(Some(tokio::spawn(relay(listener, target))));
        Self { address, target, running }
    }

    async fn cut(&self) {
        if let Some(running) = self.running.lock().await.take() {
            running.abort();
            let _ = running.await;
        }
    }

    async fn mend(&self) {
        let listener = TcpListener::bind(self.address).await.expect("the port is still free");
        let replaced = self.running.lock().await.replace(tokio::spawn(relay(listener, self.target)));
        assert!(replaced.is_none(), "it was not cut");
    }
}

/// When this is dropped, all connections are.
async fn relay(listener: TcpListener, target: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        connections.spawn(async move {
            if let Ok(mut server) = TcpStream::connect(target).await {
                let _ = client.set_nodelay(true);
                let _ = server.set_nodelay(true);
                // An error is the end of the connection, as the end itself is.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}
