//! The tree in SQLite or PostgreSQL, and the only crate with SQL.
//!
//! - [`Store`]: one open database; its methods are spread over the modules below by what they are about;
//! - `engine`: all that differs between the two engines;
//! - `schema`: migrations, which are plain SQL files under `migrations/`;
//! - `instance`: instances and the switches that are served from them;
//! - `tree`, `outline` and `page`: reading nodes, whole, without users, or page by page;
//! - `user`: the directory's users;
//! - `below`: nodes by the tags on the way to them;
//! - `setting`: what an instance is set to beside its tree;
//! - `element`: what REST reads around an element;
//! - `edit`: [`Store::apply`], the only way in which a tree changes;
//! - `revision`: what was changed, when and by whom, in enough detail to go back;
//! - `moment`: single revisions;
//! - `account`: web users; `session`: their sessions and tokens;
//! - `template`: what new users are made from;
//! - `audit`: who changed what is no tree.
//!
//! To change the schema, add a numbered file for each engine under `migrations/` and name both in
//! `engine::Database::migrations`; files that were ever released stay as they are. A query is written once for both
//! engines, with `$1` for values; where that is impossible, the difference goes into `engine`.
//!
//! There is no clock here: times are milliseconds since 1970 and come from the caller.

mod account;
mod account_change;
mod audit;
mod below;
mod edit;
mod element;
mod engine;
mod error;
mod flat;
mod instance;
mod moment;
mod outline;
mod page;
mod revision;
mod schema;
mod session;
mod setting;
mod switch;
mod template;
mod tree;
mod user;

use std::sync::Arc;

use tokio::sync::watch;

pub use account::{Role, WebUser, WebUserId};
pub use account_change::{NewWebUser, WebUserChange};
pub use audit::{Act, AuditEntry};
pub use below::Below;
pub use edit::{Applied, Author};
pub use element::Cut;
pub use engine::Engine;
pub use error::{Error, Operation, Result};
pub use instance::{Instance, InstanceChange, InstanceId};
pub use moment::Which;
pub use outline::Outline;
pub use page::{NodeRow, Page};
pub use revision::{Change, Op, Revision, RevisionId, Siblings};
pub use schema::VERSION as SCHEMA_VERSION;
pub use session::{NewSession, Session, SessionId};
pub use switch::{Effect, EffectId, EffectState, EventSocket, NewEffect};
pub use template::{
    FieldData, FieldKind, Template, TemplateData, TemplateField, TemplateFieldId, TemplateId,
};
pub use tree::{Located, Subtree};
pub use user::{UserCursor, UserFilter, UserRow};

use engine::{Database, Signal};

/// One open database. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    database: Database,
    signal: Signal,
    identity: String,
}

impl Store {
    /// Opens a database, and makes its tables and the instance `default` when it is new, as of `now_ms`.
    ///
    /// # Errors
    /// [`Error::TooNew`] and [`Error::ServerTooOld`] besides those of the connection.
    pub async fn open(engine: &Engine, now_ms: i64) -> Result<Self> {
        let database = Database::connect(engine).await?;
        schema::migrate(&database, engine, now_ms).await?;
        let mut tx = database.read(Operation(format!("open the database {engine:?}"))).await?;
        let identity = schema::identity(&mut tx).await?;
        let head = tx.number("SELECT coalesce(max(id), 0) FROM revision", &[]).await?;
        drop(tx);
        let signal = Signal::start(&database, RevisionId(head));
        Ok(Self(Arc::new(Inner { database, signal, identity })))
    }

    /// A random name that the database got when it was made, and keeps: a copy of its tree elsewhere is worth
    /// something only for the database with the same one.
    pub fn identity(&self) -> &str {
        &self.0.identity
    }

    /// The name that a new connection finds. It differs from [`Store::identity`] when another database was put into
    /// the place of the one that was opened, such as a file that was restored under a running program.
    ///
    /// # Errors
    /// Those of the connection; SQLite's file may be gone.
    pub async fn identity_now(&self) -> Result<String> {
        self.0.database.identity_now(Operation("read the identity of the database".into())).await
    }

    /// `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        self.0.database.name()
    }

    /// The version of the schema in the database; after opening, [`SCHEMA_VERSION`].
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn schema_version(&self) -> Result<i64> {
        let mut tx = self.read("read the schema version").await?;
        schema::version(&mut tx).await
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is none.
    pub async fn ping(&self) -> Result<()> {
        self.0.database.ping().await
    }

    /// Waits for what is running and closes all connections. Every later call fails.
    pub async fn close(&self) {
        self.0.signal.stop();
        self.0.database.close().await;
    }

    /// Changes whenever a revision was written, by this process or another; its value is the newest one known.
    ///
    /// It may skip revisions that were written in quick succession: read those after the last one seen with
    /// [`Store::revisions_after`].
    pub fn changes_signal(&self) -> watch::Receiver<RevisionId> {
        self.0.signal.subscribe()
    }

    async fn read(&self, operation: impl Into<String>) -> Result<engine::Tx> {
        self.0.database.read(Operation(operation.into())).await
    }

    async fn write(&self, operation: impl Into<String>) -> Result<engine::Tx> {
        self.0.database.write(Operation(operation.into())).await
    }
}
