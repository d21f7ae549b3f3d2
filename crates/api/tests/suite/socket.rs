//! The WebSocket.

mod frames;
mod identity;
mod limits;
mod pushes;
