//! The stand-in itself.
