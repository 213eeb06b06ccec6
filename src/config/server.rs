//! Owns [`Server`]: where we listen and how links are written.

use std::net::SocketAddr;

use super::raw::Section;
use super::secret::Secret;

/// The settings at the top of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Address and port; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Base of all absolute links, without a slash at its end; `None` means the address we listen on.
    pub public_url: Option<String>,
    /// Seals `$skiptoken`; `None` means a random key per start.
    pub token_key: Option<Secret>,
}

/// The address that is listened on when the file names none: this machine only.
pub(super) const LISTEN_DEFAULT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// Reads the keys of the server out of the file's own table, which the caller finishes.
pub(super) fn check(section: &mut Section<'_>) -> Server {
    let listen = match section.text("listen") {
        None => LISTEN_DEFAULT,
        Some(text) => text.parse().unwrap_or_else(|_| {
            section.wrong("listen", format!("'{text}' is not an address with a port"), "write \"127.0.0.1:8080\"");
            LISTEN_DEFAULT
        }),
    };
    Server { listen, public_url: public_url(section), token_key: token_key(section) }
}

fn public_url(section: &mut Section<'_>) -> Option<String> {
    let text = section.text("public_url")?;
    let base = base_url(&text);
    if base.is_none() {
        section.wrong(
            "public_url",
            format!("'{text}' is not the base of a URL"),
            "write \"https://erp.example.com\", with a path if there is one, without '?' and '#'",
        );
    }
    base
}

/// The text without slashes at its end, if it can be the base of absolute links.
pub fn base_url(text: &str) -> Option<String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    // The text is written into every context URL and next link, so it must be one already.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}@".contains(&byte));
    (plain && !host.is_empty() && !host.starts_with('/')).then(|| text.trim_end_matches('/').to_owned())
}

fn token_key(section: &mut Section<'_>) -> Option<Secret> {
    let text = section.text("token_key")?;
    if text.is_empty() {
        section.wrong("token_key", "the key is empty", "write any long random text, or leave the key out");
        return None;
    }
    Some(Secret::new(text))
}
