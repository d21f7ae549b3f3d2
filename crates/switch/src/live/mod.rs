//! stub
#![allow(missing_docs, dead_code)]
use std::sync::RwLock;
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Channels,
    Sofia,
}
impl Part {
    pub const ALL: [Self; 2] = [Self::Channels, Self::Sofia];
}
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted(u16);
impl Wanted {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(3);
    pub fn of(p: Part) -> Self {
        Self(1 << p as u16)
    }
    pub fn contains(self, p: Part) -> bool {
        self.0 & Self::of(p).0 != 0
    }
    pub fn remove(&mut self, p: Part) {
        self.0 &= !Self::of(p).0
    }
}
impl std::ops::BitOr for Wanted {
    type Output = Self;
    fn bitor(self, o: Self) -> Self {
        Self(self.0 | o.0)
    }
}
pub struct Reading;
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E: std::error::Error> {
    #[error("{0}")]
    Ask(E),
}
pub trait Ask {
    type Error: std::error::Error + Send;
    fn ask(&self, c: &str) -> impl Future<Output = Result<String, Self::Error>> + Send;
}
pub async fn read<A: Ask + Sync>(_: Part, _: &A) -> Result<Reading, ReadError<A::Error>> {
    Ok(Reading)
}
pub async fn differing<A: Ask + Sync>(_: &RwLock<Live>, _: &A) -> Vec<Part> {
    vec![]
}
pub const EVENTS: &[&str] = &[];
pub const CUSTOM: &[&str] = &[];
#[derive(Default)]
pub struct Live;
#[derive(Default)]
pub struct Host {
    pub switchname: Option<String>,
    pub core_uuid: Option<String>,
}
impl Live {
    pub fn seq(&self) -> u64 {
        0
    }
    pub fn apply(&mut self, _: &crate::Event, _: i64) -> Wanted {
        Wanted::NONE
    }
    pub fn replace(&mut self, _: Reading, _: i64) {}
    pub fn host(&self) -> Host {
        Host::default()
    }
}
