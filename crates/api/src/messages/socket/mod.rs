//! The transport WebSocket.

mod settings;

pub use settings::Settings;
