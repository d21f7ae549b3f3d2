//! Pictures of web users.

use crate::error::{Error, Result};

/// How long a picture may be, in bytes.
pub const LONGEST_AVATAR: usize = 512_000;

/// The first bytes of the kinds of pictures that are taken. No other kind, SVG above all, may hold anything but a
/// picture.
const MAGIC: [(&str, &[u8]); 4] =
    [("png", b"\x89PNG\r\n\x1a\n"), ("jpeg", b"\xff\xd8\xff"), ("gif", b"GIF87a"), ("gif", b"GIF89a")];

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avatar {
    pub(super) format: &'static str,
    pub(super) content: Vec<u8>,
}

impl Avatar {
    /// A picture from its content.
    ///
    /// # Errors
    /// [`Error::Field`] for one that is too long, or of no kind that is taken.
    pub fn new(content: Vec<u8>) -> Result<Self> {
        let wrong = |reason: String| Error::Field { key: "avatar".to_owned(), reason };
        if content.len() > LONGEST_AVATAR {
            return Err(wrong(format!("has at most {LONGEST_AVATAR} bytes")));
        }
        match MAGIC.iter().find(|(_, magic)| content.starts_with(magic)) {
            Some((format, _)) => Ok(Self { format, content }),
            None => Err(wrong("must be a PNG, JPEG or GIF picture".to_owned())),
        }
    }

    /// Its kind, which is also its file extension: `png`, `jpeg` or `gif`.
    pub fn format(&self) -> &'static str {
        self.format
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_content() {
        assert_eq!(Avatar::new(b"GIF89a...".to_vec()).unwrap().format(), "gif");
        assert_eq!(Avatar::new(b"\xff\xd8\xff\xe0".to_vec()).unwrap().format(), "jpeg");
        for other in [&b""[..], b"<svg/>", b"GIF", b"\x89PNG", b"<html>", b"RIFF....WEBP"] {
            assert!(Avatar::new(other.to_vec()).is_err());
        }
        let mut long = b"\x89PNG\r\n\x1a\n".to_vec();
        long.resize(LONGEST_AVATAR, 0);
        assert!(Avatar::new(long.clone()).is_ok());
        long.push(0);
        assert_eq!(Avatar::new(long).unwrap_err().to_string(), "avatar: has at most 512000 bytes");
    }
}
