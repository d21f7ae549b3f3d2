//! Passwords of web users: argon2id.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Each hash takes 19 MiB and some 20 ms of a core: more at once would be an easy way to exhaust the machine.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// OWASP's first choice: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A hash in PHC format, with a random salt.
pub(super) async fn hash(password: String) -> Result<String> {
    let hashed =
        blocking(move || argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?;
    hashed.map_err(|error| Error::BadRequest(format!("the password cannot be hashed: {error}")))
}

/// Whether the password is the one of the hash. Without a hash (no such user) it takes as long and is `false`.
pub(super) async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    blocking(move || {
        let known = hash.is_some();
        // The hash of nothing anybody types; its parameters are those of all others.
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let parsed = PasswordHash::new(&hash);
        let matches = parsed.is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
        matches && known
    })
    .await
}

static NOBODY: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    argon2().hash_password(b"\0nobody").map(|hash| hash.to_string()).unwrap_or_default()
});

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let failed = |what: String| Error::File {
        operation: "hash a password".to_owned(),
        source: std::io::Error::other(what),
    };
    let _permit = AT_ONCE.acquire().await.map_err(|error| failed(error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user() {
        let hashed = hash("richtig".into()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(verify("richtig".into(), Some(hashed.clone())).await.unwrap());
        assert!(!verify("falsch".into(), Some(hashed)).await.unwrap());
        assert!(!verify("\0nobody".into(), None).await.unwrap());
        assert!(!verify("x".into(), Some("no hash".into())).await.unwrap());
    }
}
