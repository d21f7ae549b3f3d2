//! The way to a node by natural keys: `directory/domains/example.com/users/1000/params/password`.
//!
//! One grammar for everything, made from the declarations. From the document down, each child of an element has one
//! or two parts in the address:
//!
//! - an element that only holds others together (`<params>`) is its tag, and its items follow by their name;
//! - an item that stands beside other things is the name of its collection and then its own (`contexts/public`);
//! - what has no name of its own is its place among its kind (`conditions/1`);
//! - what is not declared is its natural name, or else its tag;
//! - the second of a name is `name~2`; the users of a domain are `users/1000`, wherever in the domain they stand.
//!
//! [`Segment`] is one part with its escapes, [`Address`] all of them, [`Label`] what a child is called by its parent.

mod label;
mod segment;
mod walk;

pub use label::{Label, Next, Ranks, is_taken};
pub use segment::{Address, AddressError, Segment};
pub use walk::{Found, addresses, find};
