//! Switches that are driven: where their event sockets are, how far they follow the history, and what that came to.

use std::fmt;

use crate::audit::{Act, note};
use crate::edit::Author;
use crate::engine::{Row, Tx};
use crate::error::Result;
use crate::{RevisionId, Store};

/// Where the event socket of a switch is.
#[derive(Clone, PartialEq, Eq)]
pub struct EventSocket {
    /// The switch, by its switchname in small letters.
    pub switch: String,
    /// Address or name of its machine.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The password.
    pub pass: String,
    /// Seconds that an answer is waited for.
    pub timeout_s: u64,
}

/// Without the password.
impl fmt::Debug for EventSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { switch, host, port, timeout_s, pass: _ } = self;
        f.debug_struct("EventSocket")
            .field("switch", switch)
            .field("host", host)
            .field("port", port)
            .field("timeout_s", timeout_s)
            .finish_non_exhaustive()
    }
}

/// Identifies an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub i64);

/// What became of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectState {
    /// It was done.
    Done,
    /// The switch could not do it, or it was not sent.
    Failed,
    /// It was sent, and nobody knows whether it was done.
    Unknown,
    /// It disturbs calls or registrations: somebody decides.
    Offered,
    /// Somebody accepted what was offered, and it is being done.
    Accepted,
    /// Somebody decided against it, or a later one takes its place.
    Dismissed,
    /// Only a restart of the switch makes the change count.
    Restart,
}

impl EffectState {
    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Dismissed => "dismissed",
            Self::Restart => "restart",
        }
    }

    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Failed,
        Self::Unknown,
        Self::Offered,
        Self::Accepted,
        Self::Dismissed,
        Self::Restart,
    ];

    fn parse(text: &str) -> Self {
        // What a newer program stores is nothing that can be done here.
        Self::ALL.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Unknown)
    }
}

/// What a switch was told because of a revision, or what is offered to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Its id.
    pub id: EffectId,
    /// The revision; where several were made up for at once, the last of them.
    pub revision: RevisionId,
    /// The switch.
    pub switch: String,
    /// The kind of command, such as `sofia.rescan`.
    pub command: String,
    /// The line.
    pub line: String,
    /// What became of it.
    pub state: EffectState,
    /// What the switch said, or why nothing was done.
    pub reply: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// An effect to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEffect {
    /// [`Effect::revision`].
    pub revision: RevisionId,
    /// [`Effect::command`].
    pub command: String,
    /// [`Effect::line`].
    pub line: String,
    /// [`Effect::state`].
    pub state: EffectState,
    /// [`Effect::reply`].
    pub reply: String,
    /// Lines that nobody wants any more: where they are offered, they are no longer.
    pub ends: Vec<String>,
}

/// So many effects are kept of a switch.
const KEPT: i64 = 10_000;

const SOCKETS: &str = "SELECT switch, host, port, pass, timeout_s FROM event_socket ORDER BY switch";
const SET_SOCKET: &str = "INSERT INTO event_socket (switch, host, port, pass, timeout_s) VALUES ($1, $2, $3, $4, $5) \
                          ON CONFLICT (switch) DO UPDATE SET host = excluded.host, port = excluded.port, \
                          pass = excluded.pass, timeout_s = excluded.timeout_s";
const BEGIN_PROGRESS: &str = "INSERT INTO switch_progress (switch, revision_id) VALUES ($1, $2) \
                              ON CONFLICT (switch) DO NOTHING";
const MOVE_PROGRESS: &str =
    "UPDATE switch_progress SET revision_id = $2 WHERE switch = $1 AND revision_id = $3";
const OF_REVISION: &str = "SELECT id, revision_id, switch, command, line, state, reply, at_ms FROM effect \
                           WHERE revision_id = $1 ORDER BY id";
const OF_SWITCH: &str = "SELECT id, revision_id, switch, command, line, state, reply, at_ms FROM effect \
                         WHERE switch = $1 AND (state = $2 OR $2 = '') ORDER BY id DESC LIMIT $3";
const ONE: &str =
    "SELECT id, revision_id, switch, command, line, state, reply, at_ms FROM effect WHERE id = $1";

fn socket(row: &Row) -> Result<EventSocket> {
    Ok(EventSocket {
        switch: row.text(0)?.to_owned(),
        host: row.text(1)?.to_owned(),
        port: u16::try_from(row.int(2)?).unwrap_or_default(),
        pass: row.text(3)?.to_owned(),
        timeout_s: u64::try_from(row.int(4)?).unwrap_or_default(),
    })
}

fn effect(row: &Row) -> Result<Effect> {
    Ok(Effect {
        id: EffectId(row.int(0)?),
        revision: RevisionId(row.int(1)?),
        switch: row.text(2)?.to_owned(),
        command: row.text(3)?.to_owned(),
        line: row.text(4)?.to_owned(),
        state: EffectState::parse(row.text(5)?),
        reply: row.text(6)?.to_owned(),
        at_ms: row.int(7)?,
    })
}

impl Store {
    /// The event sockets of all switches that have one here, by name.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn event_sockets(&self) -> Result<Vec<EventSocket>> {
        self.read("list the event sockets").await?.rows(SOCKETS, &[], socket).await
    }

    /// Sets where the event socket of a switch is.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn set_event_socket(&self, socket: &EventSocket, author: &Author) -> Result<()> {
        let mut tx = self.write(format!("save the event socket of {}", socket.switch)).await?;
        let timeout = i64::try_from(socket.timeout_s).unwrap_or(i64::MAX);
        let values = [
            socket.switch.as_str().into(),
            socket.host.as_str().into(),
            i64::from(socket.port).into(),
            socket.pass.as_str().into(),
            timeout.into(),
        ];
        tx.execute(SET_SOCKET, &values).await?;
        let detail = format!("{}:{}", socket.host, socket.port);
        let act = Act { action: "switch.event_socket.set", target: &socket.switch, detail: &detail };
        note(&mut tx, author, act).await?;
        tx.commit().await
    }

    /// Forgets where the event socket of a switch is; whether it was known.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn remove_event_socket(&self, switch: &str, author: &Author) -> Result<bool> {
        let mut tx = self.write(format!("forget the event socket of {switch}")).await?;
        let removed = tx.execute("DELETE FROM event_socket WHERE switch = $1", &[switch.into()]).await? > 0;
        if removed {
            tx.execute("DELETE FROM switch_progress WHERE switch = $1", &[switch.into()]).await?;
            tx.execute("DELETE FROM switch_run WHERE switch = $1", &[switch.into()]).await?;
            let act = Act { action: "switch.event_socket.remove", target: switch, detail: "" };
            note(&mut tx, author, act).await?;
            tx.commit().await?;
        }
        Ok(removed)
    }

    /// The last revision whose effects a switch has seen; `None` for a switch that is new here.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn switch_progress(&self, switch: &str) -> Result<Option<RevisionId>> {
        let mut tx = self.read(format!("read how far {switch} is")).await?;
        let sql = "SELECT revision_id FROM switch_progress WHERE switch = $1";
        tx.row(sql, &[switch.into()]).await?.map(|row| Ok(RevisionId(row.int(0)?))).transpose()
    }

    /// Gives what waits for a switch to the name that it has now: how far it is, and what is offered or accepted. Whether
    /// it was so; not where that name is known already.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn rename_switch(&self, from: &str, to: &str) -> Result<bool> {
        let mut tx = self.write(format!("call the switch {from} by its new name {to}")).await?;
        let sql = "UPDATE switch_progress SET switch = $2 WHERE switch = $1 \
                   AND NOT EXISTS (SELECT 1 FROM switch_progress WHERE switch = $2)";
        let renamed = tx.execute(sql, &[from.into(), to.into()]).await? > 0;
        if renamed {
            let sql = "UPDATE effect SET switch = $2 WHERE switch = $1 AND state IN ('offered', 'accepted')";
            tx.execute(sql, &[from.into(), to.into()]).await?;
            tx.commit().await?;
        }
        Ok(renamed)
    }

    /// The run of a switch, by its core UUID, in which it was seen to that its modules are loaded.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn healed_run(&self, switch: &str) -> Result<Option<String>> {
        let mut tx = self.read(format!("read in which run {switch} was healed")).await?;
        let sql = "SELECT core_uuid FROM switch_run WHERE switch = $1";
        tx.row(sql, &[switch.into()]).await?.map(|row| Ok(row.text(0)?.to_owned())).transpose()
    }

    /// Writes down in which run of a switch it was seen to that its modules are loaded.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn set_healed_run(&self, switch: &str, core_uuid: &str) -> Result<()> {
        let mut tx = self.write(format!("write down in which run {switch} was healed")).await?;
        let sql = "INSERT INTO switch_run (switch, core_uuid) VALUES ($1, $2) \
                   ON CONFLICT (switch) DO UPDATE SET core_uuid = excluded.core_uuid";
        tx.execute(sql, &[switch.into(), core_uuid.into()]).await?;
        tx.commit().await
    }

    /// Writes down that a switch, which had seen those up to `seen`, has seen the effects of all revisions up to
    /// `progress`, and what they came to. Offers of the same command that are still open are dismissed.
    ///
    /// Nothing is written, and the answer is `false`, when the switch has seen others meanwhile: another node that is
    /// connected to the same switch was faster.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn add_effects(
        &self,
        switch: &str,
        seen: Option<RevisionId>,
        progress: RevisionId,
        effects: &[NewEffect],
        at_ms: i64,
    ) -> Result<bool> {
        let mut tx = self.write(format!("write down what {switch} did")).await?;
        let moved = match seen {
            None => tx.execute(BEGIN_PROGRESS, &[switch.into(), progress.0.into()]).await?,
            Some(seen) => {
                tx.execute(MOVE_PROGRESS, &[switch.into(), progress.0.into(), seen.0.into()]).await?
            }
        };
        if moved == 0 {
            return Ok(false);
        }
        for new in effects {
            add(&mut tx, switch, new, at_ms).await?;
        }
        if !effects.is_empty() {
            let sql = "DELETE FROM effect WHERE switch = $1 AND id <= \
                       (SELECT max(id) FROM effect WHERE switch = $1) - $2";
            tx.execute(sql, &[switch.into(), KEPT.into()]).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// What a revision came to, on all switches.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn effects_of(&self, revision: RevisionId) -> Result<Vec<Effect>> {
        let mut tx = self.read(format!("read the effects of revision {revision}")).await?;
        tx.rows(OF_REVISION, &[revision.0.into()], effect).await
    }

    /// The newest effects of a switch, those of one state or all.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn effects_on(
        &self,
        switch: &str,
        state: Option<EffectState>,
        limit: u32,
    ) -> Result<Vec<Effect>> {
        let mut tx = self.read(format!("read the effects on {switch}")).await?;
        let state = state.map_or("", EffectState::as_str);
        tx.rows(OF_SWITCH, &[switch.into(), state.into(), i64::from(limit).into()], effect).await
    }

    /// One effect.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn effect(&self, id: EffectId) -> Result<Option<Effect>> {
        let mut tx = self.read(format!("read effect {}", id.0)).await?;
        tx.row(ONE, &[id.0.into()]).await?.as_ref().map(effect).transpose()
    }

    /// Takes an offer, for the one who carries it out or dismisses it; whether it was still open. `action` is what is
    /// noted in the audit.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn end_effect(
        &self,
        id: EffectId,
        state: EffectState,
        reply: &str,
        author: &Author,
    ) -> Result<bool> {
        let mut tx = self.write(format!("write down what became of effect {}", id.0)).await?;
        let Some(row) = tx.row(ONE, &[id.0.into()]).await? else { return Ok(false) };
        let before = effect(&row)?;
        let sql = "UPDATE effect SET state = $2, reply = $3, at_ms = $4 WHERE id = $1 AND state = 'offered'";
        let values = [id.0.into(), state.as_str().into(), reply.into(), author.at_ms.into()];
        let ended = tx.execute(sql, &values).await? > 0;
        if ended {
            let detail = format!("{}: {}", before.line, state.as_str());
            note(&mut tx, author, Act { action: "switch.effect", target: &before.switch, detail: &detail })
                .await?;
            tx.commit().await?;
        }
        Ok(ended)
    }

    /// Writes down what came of an effect that was taken.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn settle_effect(
        &self,
        id: EffectId,
        state: EffectState,
        reply: &str,
        at_ms: i64,
    ) -> Result<()> {
        let mut tx = self.write(format!("write down what came of effect {}", id.0)).await?;
        let sql = "UPDATE effect SET state = $2, reply = $3, at_ms = $4 WHERE id = $1";
        tx.execute(sql, &[id.0.into(), state.as_str().into(), reply.into(), at_ms.into()]).await?;
        tx.commit().await
    }
}

async fn add(tx: &mut Tx, switch: &str, new: &NewEffect, at_ms: i64) -> Result<()> {
    let dismiss =
        "UPDATE effect SET state = 'dismissed' WHERE switch = $1 AND line = $2 AND state = 'offered'";
    for line in new.ends.iter().chain([&new.line]) {
        tx.execute(dismiss, &[switch.into(), line.as_str().into()]).await?;
    }
    let id = tx.next_ids("effect", 1).await?;
    let sql = "INSERT INTO effect (id, revision_id, switch, command, line, state, reply, at_ms) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        id.into(),
        new.revision.0.into(),
        switch.into(),
        new.command.as_str().into(),
        new.line.as_str().into(),
        new.state.as_str().into(),
        new.reply.as_str().into(),
        at_ms.into(),
    ];
    tx.execute(sql, &values).await?;
    Ok(())
}
