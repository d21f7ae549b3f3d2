//! The documented messages about the directory, the dialplan, global variables and modules: each example is sent under
//! each of its names to a server that holds the example's objects, and the whole answer is compared; each listed error
//! is brought about. What they are is data, in `tests/contract`.

mod events;
mod examples;
mod refusals;
mod rules;
mod types;
mod world;
