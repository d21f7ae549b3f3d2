//! What somebody wants an element to be.
