//! Recorded questions.
