//! The documented API: messages, by WebSocket and by POST.
//!
//! Both transports read an [`envelope::Envelope`] and give it to [`dispatch::answer`], which finds the message in the
//! table, applies its access rule and calls it. A message has up to two names; which one was used decides the form of
//! the answer.
//!
//! - [`table`]: every message with its names, its access rule and its transport; `administration`: a part of it;
//! - [`envelope`], [`fields`], [`paging`]: what comes in;
//! - [`reply`]: what goes out, and why a message was not carried out;
//! - [`dispatch`]: from one to the other;
//! - [`post`]: the transport POST; [`socket`]: the transport WebSocket;
//! - [`push`]: what a connection hears of without asking;
//! - [`web_user`]: a web user as messages show it;
//! - [`tree`]: the messages about objects of the tree, which are data;
//! - [`named`]: the messages that are code of their own.

mod administration;
pub(crate) mod dispatch;
pub(crate) mod envelope;
pub(crate) mod fields;
pub(crate) mod live;
pub(crate) mod named;
pub(crate) mod paging;
pub(crate) mod post;
pub(crate) mod push;
pub(crate) mod reply;
pub mod socket;
pub mod table;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
pub(crate) mod web_user;
