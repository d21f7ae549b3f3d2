//! What FreeSWITCH gets follows the tree, also when the database does not answer.

mod away;
mod edits;
mod moves;
mod nodes;
