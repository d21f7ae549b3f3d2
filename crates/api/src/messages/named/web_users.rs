//! Web users: who may come in, and what they have set for themselves.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use custompbx_model::NodeId;
use custompbx_pbx::account::{
    Accounts, Avatar, Denied, LOCALES, LONGEST_AVATAR, Unsuitable, Wanted, check_password, may_change,
};
use custompbx_pbx::{By, Error};
use custompbx_store::{Role, Store, WebUser, WebUserId};
use serde_json::{Map, Value, json};

use crate::messages::dispatch::Asked;
use crate::messages::fields::Fields;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};
use crate::messages::web_user::{self, GROUPS};

const NOT_FOUND: Refusal = Refusal::new("not_found", "user not found");
const CANNOT_CHANGE: Refusal = Refusal::new("cannot_change", "can't change");
const UNSUITABLE: Refusal = Refusal::new("unsuitable_password", "unsuitable password");
const NO_AVATAR: Refusal = Refusal::new("bad_file", "file string not match");

/// What an update makes of its fields.
type Read = fn(Fields<'_>) -> Result<Wanted, Refusal>;

/// The messages that change one thing of a web user, with what they read.
const UPDATES: [(&str, Read); 11] = [
    ("[Settings][Users][Update] Password", password),
    ("[Settings][Users][Update] Lang", lang),
    ("[Settings][Users][Update] Locale", locale),
    ("[Settings][Users][Update] Sip user", sip_user),
    ("[Settings][Users][Update] Ws", |data| Ok(Wanted { ws: Some(value(data)?), ..Wanted::default() })),
    ("[Settings][Users][Update] Verto Ws", |data| {
        Ok(Wanted { verto_ws: Some(value(data)?), ..Wanted::default() })
    }),
    ("[Settings][Users][Update] WebRTC Lib", |data| {
        Ok(Wanted { webrtc_lib: Some(value(data)?), ..Wanted::default() })
    }),
    ("[Settings][Users][Update] Stun", |data| Ok(Wanted { stun: Some(value(data)?), ..Wanted::default() })),
    ("[Settings][Users][Update] Avatar", avatar),
    ("[Settings][Users][Clear] Avatar", no_avatar),
    ("UpdateWebUserGroup", group),
];

/// All web users, the groups, and where their telephones can connect.
pub(crate) async fn get(asked: Asked<'_>) -> Outcome {
    let pbx = asked.app.pbx();
    let users = pbx.store()?.web_users().await.map_err(Error::from)?;
    let groups: Map<String, Value> =
        GROUPS.iter().map(|(id, _, name)| (id.to_string(), json!({"id": id, "name": name}))).collect();
    let addresses = pbx.websockets().await?;
    Ok(reply(&users)
        .with("web_users_groups", groups)
        .with("options", addresses.sip)
        .with("alt_options", addresses.verto))
}

/// The web users by the user of the directory who they are.
pub(crate) async fn by_directory(asked: Asked<'_>) -> Outcome {
    let users = asked.app.pbx().store()?.web_users().await.map_err(Error::from)?;
    let linked = users.iter().filter_map(|user| {
        let shown = json!({"id": user.id, "login": user.login, "avatar_format": user.avatar_format});
        Some((user.sip_id?.to_string(), shown))
    });
    Ok(Reply::empty().with("additional_data", linked.collect::<Map<_, _>>()))
}

/// A new web user.
pub(crate) async fn add(asked: Asked<'_>) -> Outcome {
    let login = asked.data.needed("login")?;
    let password = asked.data.raw("password").filter(|password| !password.is_empty());
    let password = password.ok_or(Refusal::EMPTY_DATA)?;
    let role = match asked.data.get("group_id") {
        None | Some(Value::Null) => Role::Blocked,
        Some(_) => role(asked.data)?,
    };
    check_password(password).map_err(|_| UNSUITABLE)?;
    let (store, by) = hands(&asked)?;
    match Accounts::new(&store, &by, asked.app.pbx().now()).add(login, password, role).await {
        Ok(user) => Ok(reply(&[user])),
        Err(Error::Taken { .. }) => Err(Refusal::new("exists", "user already exists").into()),
        Err(Error::Field { .. }) => Err(Refusal::new("cannot_add", "can't add").into()),
        Err(error) => Err(error.into()),
    }
}

/// Another login.
pub(crate) async fn rename(asked: Asked<'_>) -> Outcome {
    let id = id(&asked)?;
    let login = asked.data.needed("name")?.to_owned();
    let wanted = Wanted { login: Some(login), ..Wanted::default() };
    change(&asked, id, wanted, &Refusal::new("cannot_rename", "can't rename")).await
}

/// In, or out at once.
pub(crate) async fn switch(asked: Asked<'_>) -> Outcome {
    let id = id(&asked)?;
    let enabled = asked.data.flag("enabled")?;
    let (code, text) =
        if enabled { ("cannot_enable", "can't enable") } else { ("cannot_disable", "can't disable") };
    if !enabled {
        expect_not_last(&asked, id, Refusal::new("last_admin", "can't disable the last user")).await?;
        expect_another(&asked, id, Refusal::new("yourself", "you can't disable yourself"))?;
    }
    let wanted = Wanted { enabled: Some(enabled), ..Wanted::default() };
    change(&asked, id, wanted, &Refusal::new(code, text)).await
}

/// Gone, with its tokens.
pub(crate) async fn delete(asked: Asked<'_>) -> Outcome {
    let id = id(&asked)?;
    let last = Refusal::new("last_admin", "can't delete the last user");
    expect_not_last(&asked, id, last.clone()).await?;
    expect_another(&asked, id, Refusal::new("yourself", "you can't delete yourself"))?;
    let (store, by) = hands(&asked)?;
    match Accounts::new(&store, &by, asked.app.pbx().now()).remove(id).await {
        Ok(()) => Ok(Reply::empty().with("id", id.0)),
        Err(Error::NotFound { .. }) => Err(NOT_FOUND.into()),
        Err(Error::LastAdmin) => Err(last.into()),
        Err(error) => Err(error.into()),
    }
}

/// One of [`UPDATES`]. Whoever is no admin changes only what is theirs.
pub(crate) async fn update(asked: Asked<'_>) -> Outcome {
    let read = UPDATES.iter().find(|(name, _)| *name == asked.name).map(|(_, read)| read);
    let wanted = read.ok_or(Refusal::WRONG_DATA)?(asked.data)?;
    let id = id(&asked)?;
    match may_change(&asked.caller()?.session.user, id, &wanted) {
        Err(Denied::OwnRole) => {
            return Err(Refusal::new("yourself", "not allow to change own group").into());
        }
        Err(_) => return Err(Refusal::ACCESS_DENIED.into()),
        Ok(()) => {}
    }
    change(&asked, id, wanted, &CANNOT_CHANGE).await
}

async fn change(asked: &Asked<'_>, id: WebUserId, wanted: Wanted, cannot: &Refusal) -> Outcome {
    let (store, by) = hands(asked)?;
    // Whoever changes their own password stays where they are.
    let keep = Some(asked.caller()?.session.id);
    let renames = wanted.login.is_some();
    match Accounts::new(&store, &by, asked.app.pbx().now()).change(id, wanted, keep).await {
        Ok(user) => Ok(reply(&[user])),
        Err(Error::NotFound { .. }) => Err(NOT_FOUND.into()),
        Err(Error::Field { key, .. }) if key != "sip_id" && !renames => Err(Refusal::WRONG_DATA.into()),
        Err(Error::Field { .. } | Error::LastAdmin) => Err(cannot.clone().into()),
        Err(Error::Taken { .. }) => Err(Refusal { code: "exists", ..cannot.clone() }.into()),
        Err(error) => Err(error.into()),
    }
}

fn hands(asked: &Asked<'_>) -> Result<(Store, By), Stop> {
    Ok((asked.app.pbx().store()?, asked.by()?))
}

fn reply(users: &[WebUser]) -> Reply {
    let users: Map<String, Value> =
        users.iter().map(|user| (user.id.to_string(), web_user::object(user))).collect();
    Reply::empty().with("web_users", users)
}

fn id(asked: &Asked<'_>) -> Result<WebUserId, Refusal> {
    asked.data.id("id").map(WebUserId)
}

fn expect_another(asked: &Asked<'_>, id: WebUserId, refusal: Refusal) -> Result<(), Stop> {
    if asked.caller()?.session.user.id == id { Err(refusal.into()) } else { Ok(()) }
}

/// That somebody is left who can undo it. The store looks again, in the transaction.
async fn expect_not_last(asked: &Asked<'_>, id: WebUserId, refusal: Refusal) -> Result<(), Stop> {
    let users = asked.app.pbx().store()?.web_users().await.map_err(Error::from)?;
    let mut admins = users.iter().filter(|user| user.role == Role::Admin && user.enabled);
    let only = admins.next().filter(|_| admins.next().is_none());
    if only.is_some_and(|user| user.id == id) { Err(refusal.into()) } else { Ok(()) }
}

fn role(data: Fields<'_>) -> Result<Role, Refusal> {
    let number = data.number("group_id");
    let found = GROUPS.iter().find(|(id, ..)| Some(*id) == number);
    found.map(|(_, role, _)| *role).ok_or(Refusal::WRONG_DATA)
}

fn value(data: Fields<'_>) -> Result<String, Refusal> {
    data.text("value").map(str::to_owned).ok_or(Refusal::EMPTY_DATA)
}

fn password(data: Fields<'_>) -> Result<Wanted, Refusal> {
    let password = data.raw("password").unwrap_or_default();
    match check_password(password) {
        Ok(()) => Ok(Wanted { password: Some(password.to_owned()), ..Wanted::default() }),
        Err(Unsuitable::TooShort) => Err(Refusal::new("short_password", "password is too short")),
        Err(Unsuitable::TooLong) => Err(UNSUITABLE),
    }
}

fn lang(data: Fields<'_>) -> Result<Wanted, Refusal> {
    let lang = data.number("param_id").ok_or(Refusal::WRONG_ID)?;
    Ok(Wanted { lang: Some(lang), ..Wanted::default() })
}

fn locale(data: Fields<'_>) -> Result<Wanted, Refusal> {
    let locale = data.text("value").filter(|value| LOCALES.contains(value));
    let locale = locale.ok_or(Refusal::new("unsupported_locale", "unsupported locale"))?;
    Ok(Wanted { locale: Some(locale.to_owned()), ..Wanted::default() })
}

/// 0 is nobody.
fn sip_user(data: Fields<'_>) -> Result<Wanted, Refusal> {
    let id = data.number("param_id").filter(|id| *id >= 0).ok_or(Refusal::WRONG_ID)?;
    Ok(Wanted { sip_user: Some((id > 0).then_some(NodeId(id))), ..Wanted::default() })
}

fn group(data: Fields<'_>) -> Result<Wanted, Refusal> {
    Ok(Wanted { role: Some(role(data)?), ..Wanted::default() })
}

/// A data URL, as browsers make it.
fn avatar(data: Fields<'_>) -> Result<Wanted, Refusal> {
    let file = data.raw("file").filter(|file| !file.is_empty());
    let file = file.ok_or(Refusal::new("empty_data", "empty file string"))?;
    let (format, encoded) = file
        .strip_prefix("data:image/")
        .and_then(|rest| rest.split_once(";base64,"))
        .filter(|(format, _)| matches!(*format, "jpeg" | "png" | "gif"))
        .ok_or(NO_AVATAR)?;
    let content = BASE64_STANDARD
        .decode(encoded)
        .map_err(|error| Refusal::with_text("wrong_data", format!("wrong data {error}")))?;
    if content.len() > LONGEST_AVATAR {
        return Err(Refusal::new("too_large", "file is too big"));
    }
    let avatar = Avatar::new(content).ok().filter(|avatar| avatar.format() == format).ok_or(NO_AVATAR)?;
    Ok(Wanted { avatar: Some(Some(avatar)), ..Wanted::default() })
}

/// A picture that is sent with it is a mistake.
fn no_avatar(data: Fields<'_>) -> Result<Wanted, Refusal> {
    match data.get("file") {
        None | Some(Value::Null) => Ok(Wanted { avatar: Some(None), ..Wanted::default() }),
        Some(Value::String(file)) if file.is_empty() => {
            Ok(Wanted { avatar: Some(None), ..Wanted::default() })
        }
        Some(_) => Err(Refusal::EMPTY_DATA),
    }
}
