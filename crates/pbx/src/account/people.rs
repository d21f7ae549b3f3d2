//! Adding, changing and removing web users, whoever does it and by whatever way.

use custompbx_model::NodeId;
use custompbx_model::modules::directory::kinds::USER;
use custompbx_store::{
    Error as StoreError, NewWebUser, Role, SessionId, Store, WebUser, WebUserChange, WebUserId,
};

use super::avatar::Avatar;
use super::password;
use crate::edit::By;
use crate::error::{Error, Result};
use crate::objects::read::Reader;

/// How short a password may be, in characters.
pub const SHORTEST_PASSWORD: usize = 6;
/// In bytes. argon2 reads all of it, so there is an end.
const LONGEST_PASSWORD: usize = 1024;
/// In characters.
const LONGEST_LOGIN: usize = 100;
/// In bytes.
const LONGEST_ADDRESS: usize = 1024;

/// The languages of the interface.
pub const LOCALES: [&str; 14] =
    ["en", "fr", "de", "es", "pt-BR", "it", "tr", "ru", "ar", "fa", "hi", "zh-Hans", "ja", "ko"];

/// The languages that older clients know by number.
const LANGS: [(i64, &str); 2] = [(0, "en"), (1, "ru")];

/// Why a password cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsuitable {
    /// It has less than [`SHORTEST_PASSWORD`] characters.
    TooShort,
    /// It is so long that it would take long to look at.
    TooLong,
}

/// Whether this can be a password.
///
/// # Errors
/// Why not.
pub fn check_password(password: &str) -> std::result::Result<(), Unsuitable> {
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(Unsuitable::TooShort);
    }
    if password.len() > LONGEST_PASSWORD { Err(Unsuitable::TooLong) } else { Ok(()) }
}

/// What is to be otherwise with a web user; what is `None` stays.
#[derive(Clone, Default)]
pub struct Wanted {
    /// What it logs in with.
    pub login: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// What it may do.
    pub role: Option<Role>,
    /// Whether it may come in.
    pub enabled: Option<bool>,
    /// The user of the directory of the default instance who it is; `Some(None)`: nobody.
    pub sip_user: Option<Option<NodeId>>,
    /// The telephone in the browser: `sipjs` or `verto`.
    pub webrtc_lib: Option<String>,
    /// Where `sipjs` connects.
    pub ws: Option<String>,
    /// Where `verto` connects.
    pub verto_ws: Option<String>,
    /// Its STUN server.
    pub stun: Option<String>,
    /// One of [`LOCALES`].
    pub locale: Option<String>,
    /// The language by number, for older clients; sets the locale too.
    pub lang: Option<i64>,
    /// Its picture; `Some(None)`: none.
    pub avatar: Option<Option<Avatar>>,
}

/// Why somebody may not change a web user so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It is somebody else.
    Others,
    /// Only admins decide that.
    ForAdmins,
    /// An admin who is none any more could not take it back.
    OwnRole,
    /// Nor could one who is disabled.
    OwnAccess,
}

/// Whether `acting` may change a web user so: an admin everybody, everybody else their own telephone, language, picture
/// and password.
///
/// # Errors
/// Why not.
pub fn may_change(acting: &WebUser, id: WebUserId, wanted: &Wanted) -> std::result::Result<(), Denied> {
    let own = acting.id == id;
    let Wanted { login, role, enabled, sip_user, lang, .. } = wanted;
    if acting.role != Role::Admin {
        let for_admins =
            login.is_some() || role.is_some() || enabled.is_some() || sip_user.is_some() || lang.is_some();
        return match (own, for_admins) {
            (false, _) => Err(Denied::Others),
            (true, true) => Err(Denied::ForAdmins),
            (true, false) => Ok(()),
        };
    }
    match (own, role, enabled) {
        (true, Some(_), _) => Err(Denied::OwnRole),
        (true, _, Some(false)) => Err(Denied::OwnAccess),
        _ => Ok(()),
    }
}

/// The web users, in the hands of somebody who changes them.
#[derive(Clone, Copy)]
pub struct Accounts<'a> {
    store: &'a Store,
    by: &'a By,
    now_ms: i64,
}

impl<'a> Accounts<'a> {
    /// Those of a database, in the hands of `by`.
    pub fn new(store: &'a Store, by: &'a By, now_ms: i64) -> Self {
        Self { store, by, now_ms }
    }

    /// Adds a web user.
    ///
    /// # Errors
    /// [`Error::Taken`], and [`Error::Field`] for a login or password that cannot be.
    pub async fn add(self, login: &str, password: &str, role: Role) -> Result<WebUser> {
        let login = login.trim();
        check_login(login)?;
        let password_hash = hash(password).await?;
        let new = NewWebUser { login, password_hash: &password_hash, role };
        taken(self.store.create_web_user(&new, &self.by.author(self.now_ms)).await, login)
    }

    /// Changes a web user, all of it or nothing. A new password ends its sessions, but for `keep`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Taken`], [`Error::LastAdmin`], and [`Error::Field`] for what cannot be.
    pub async fn change(self, id: WebUserId, wanted: Wanted, keep: Option<SessionId>) -> Result<WebUser> {
        let login = wanted.login.clone().unwrap_or_default();
        let change = self.check(wanted).await?;
        let author = self.by.author(self.now_ms);
        taken(self.store.change_web_user(id, &change, keep, &author).await, login.trim())
    }

    /// Removes a web user; its sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::LastAdmin`].
    pub async fn remove(self, id: WebUserId) -> Result<()> {
        Ok(self.store.remove_web_user(id, &self.by.author(self.now_ms)).await?)
    }

    async fn check(self, wanted: Wanted) -> Result<WebUserChange> {
        let Wanted { login, password, role, enabled, .. } = wanted;
        let login = login.map(|login| login.trim().to_owned());
        login.as_deref().map_or(Ok(()), check_login)?;
        let locale = match (&wanted.locale, wanted.lang) {
            (Some(locale), _) => Some(known_locale(locale)?),
            (None, Some(lang)) => Some(locale_of(lang)?),
            (None, None) => None,
        };
        if let Some(Some(id)) = wanted.sip_user {
            self.expect_directory_user(id).await?;
        }
        if let Some(lib) = &wanted.webrtc_lib
            && !matches!(&**lib, "sipjs" | "verto")
        {
            return Err(field("webrtc_lib", "must be sipjs or verto"));
        }
        for (key, address) in [("ws", &wanted.ws), ("verto_ws", &wanted.verto_ws)] {
            if address.as_deref().is_some_and(|text| !text.is_empty() && !is_websocket(text)) {
                return Err(field(key, "must be a URL that begins with ws:// or wss://, or empty"));
            }
        }
        if wanted.stun.as_deref().is_some_and(|text| !text.is_empty() && !is_stun(text)) {
            return Err(field("stun", "must be stun:host:port, or empty"));
        }
        let password_hash = match password {
            Some(password) => Some(hash(&password).await?),
            None => None,
        };
        Ok(WebUserChange {
            login,
            password_hash,
            role,
            enabled,
            sip_id: wanted.sip_user,
            webrtc_lib: wanted.webrtc_lib,
            ws: wanted.ws,
            verto_ws: wanted.verto_ws,
            stun: wanted.stun,
            lang: wanted.lang,
            locale: locale.map(str::to_owned),
            avatar: wanted
                .avatar
                .map(|avatar| avatar.map(|Avatar { format, content }| (format.to_owned(), content))),
        })
    }

    async fn expect_directory_user(self, id: NodeId) -> Result<()> {
        let default = self.store.instances().await?.into_iter().find(|instance| instance.is_default);
        if let Some(instance) = default {
            let reader = Reader::new(self.store.clone(), instance.id).await?;
            if reader.find(&USER, id).await?.is_some() {
                return Ok(());
            }
        }
        Err(field("sip_id", "there is no such user in the directory"))
    }
}

fn field(key: &str, reason: &str) -> Error {
    Error::Field { key: key.to_owned(), reason: reason.to_owned() }
}

fn taken<T>(result: std::result::Result<T, StoreError>, login: &str) -> Result<T> {
    match result {
        Err(StoreError::Conflict { .. }) => {
            Err(Error::Taken { what: "the web user", name: login.to_owned() })
        }
        result => Ok(result?),
    }
}

fn check_login(login: &str) -> Result<()> {
    if login.is_empty() || login.chars().count() > LONGEST_LOGIN || login.chars().any(char::is_control) {
        let reason = format!("has 1 to {LONGEST_LOGIN} characters and no control characters");
        return Err(field("login", &reason));
    }
    Ok(())
}

async fn hash(password: &str) -> Result<String> {
    if check_password(password).is_err() {
        let reason = format!("has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters");
        return Err(field("password", &reason));
    }
    password::hash(password.to_owned()).await
}

fn known_locale(locale: &str) -> Result<&'static str> {
    let found = LOCALES.into_iter().find(|known| *known == locale);
    found.ok_or_else(|| field("locale", &format!("must be one of {}", LOCALES.join(" "))))
}

fn locale_of(lang: i64) -> Result<&'static str> {
    let found = LANGS.into_iter().find(|(known, _)| *known == lang);
    found.map(|(_, locale)| locale).ok_or_else(|| field("lang", "must be 0 (English) or 1 (Russian)"))
}

/// A URL that a browser takes for a WebSocket, and that can do no harm where it is shown.
fn is_websocket(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("wss://").or_else(|| text.strip_prefix("ws://")) else { return false };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    text.len() <= LONGEST_ADDRESS
        && is_host_and_port(authority, false)
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\`{}#".contains(&byte))
}

fn is_stun(text: &str) -> bool {
    text.len() <= LONGEST_ADDRESS
        && text.strip_prefix("stun:").is_some_and(|address| is_host_and_port(address, true))
}

fn is_host_and_port(text: &str, needs_port: bool) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        // A colon within brackets belongs to the address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    is_host && port.map_or(!needs_port, is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "wss://pbx.example.com:7443",
            "ws://192.0.2.1:5066/",
            "wss://[2001:db8::1]:7443/ws?x=1",
            "wss://pbx",
        ] {
            assert!(is_websocket(good), "{good}");
        }
        for bad in [
            "",
            "pbx:7443",
            "https://pbx",
            "wss://",
            "wss://:7443",
            "wss://pbx:0",
            "wss://pbx:70000",
            "wss://pbx:+1",
            "wss://a b",
            "wss://user@pbx",
            "wss://pbx/\"><script>",
            "wss://pbx/\n",
            "javascript:alert(1)",
            "wss://[::1",
        ] {
            assert!(!is_websocket(bad), "{bad}");
        }
        assert!(!is_websocket(&format!("wss://pbx/{}", "x".repeat(2000))));
        assert!(is_stun("stun:stun.example.com:3478") && is_stun("stun:[::1]:3478"));
        for bad in ["stun:", "stun:host", "stun://host:1", "turn:host:1", "stun:host:x", "stun::1"] {
            assert!(!is_stun(bad), "{bad}");
        }
    }

    #[test]
    fn passwords() {
        assert_eq!(check_password("12345"), Err(Unsuitable::TooShort));
        assert_eq!(check_password("äöüäöü"), Ok(()));
        assert_eq!(check_password(&"x".repeat(1025)), Err(Unsuitable::TooLong));
    }

    #[test]
    fn languages() {
        assert_eq!(locale_of(1).unwrap(), "ru");
        assert!(locale_of(2).is_err() && known_locale("EN").is_err());
        assert_eq!(known_locale("zh-Hans").unwrap(), "zh-Hans");
    }
}
