//! Credentials → [`Principal`], or the refusal that asks for them.

use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderValue, header};

use crate::auth::{AuthError, Authenticator, Principal};

use super::refusal::Refusal;

static ANONYMOUS: LazyLock<Arc<Principal>> = LazyLock::new(Arc::default);

/// Who is asking. On an anonymous root credentials may be left out; if they are given, they must be right, so that
/// nobody believes to be known who is not.
pub(super) async fn identify(
    headers: &HeaderMap,
    anonymous: bool,
    authenticator: &Authenticator,
) -> Result<Arc<Principal>, Refusal> {
    let given = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    if anonymous && given.is_none() {
        return Ok(Arc::clone(&ANONYMOUS));
    }
    authenticator.authenticate(given).await.map_err(|error| match error {
        AuthError::Missing => Refusal::Credentials("auth.missing", "credentials are needed: HTTP Basic authentication"),
        AuthError::Malformed => {
            Refusal::Credentials("auth.malformed", "the Authorization header is not of the form 'Basic <base64>'")
        }
        AuthError::Wrong => Refusal::Credentials("auth.wrong", "the user name or the password is wrong"),
        AuthError::Busy => Refusal::Busy,
        AuthError::Hash { .. } | AuthError::Password { .. } | AuthError::System => Refusal::Defect,
    })
}
