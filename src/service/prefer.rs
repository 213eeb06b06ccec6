//! Owns [`Preferences`]: what a client would like (RFC 7240; OData 4.01 Part 1, 8.2.8), each under either of its names.
//! What is not known or has no possible value is ignored, as the standard asks; what was done is told by its own name.

use std::time::Duration;

/// A preference, and the words that tell that it was applied.
type Wish<T> = Option<(T, String)>;

/// Longest time that is waited before an answer is given later: all work ends earlier.
const WAIT_S_MAX: u64 = 600;

/// The preferences that we can meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    /// `maxpagesize=n`. Zero is no page size: it must not switch paging off.
    pub(super) page_size: Wish<u32>,
    /// `omit-values=nulls` or `defaults`. No property declares a default, so null is the default of all of them.
    pub(super) omit_nulls: Wish<()>,
    /// `include-annotations="…"`. There are no instance annotations beside control information, so every choice among
    /// them is met.
    pub(super) annotations: Wish<()>,
    /// `continue-on-error`; false stands for an explicit `false`.
    pub(super) continue_on_error: Wish<bool>,
    /// `respond-async`
    pub(super) respond_async: Wish<()>,
    /// `wait=n`: how long the client would wait before the answer is given later.
    pub(super) wait: Option<Duration>,
}

impl Preferences {
    /// Reads the value of `Prefer`. Of a preference that stands several times the first counts.
    pub(super) fn read(text: &str) -> Self {
        let mut all = Preferences::default();
        for preference in split(text, b',') {
            let Some(preference) = split(preference, b';').next() else { continue };
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            let bare = value.trim_matches('"').trim();
            let applied = || if value.is_empty() { name.clone() } else { format!("{name}={value}") };
            match name.strip_prefix("odata.").unwrap_or(&name) {
                "maxpagesize" if all.page_size.is_none() => {
                    let rows = bare.parse().ok().filter(|rows| *rows > 0);
                    all.page_size = rows.map(|rows| (rows, format!("{name}={rows}")));
                }
                "omit-values" if all.omit_nulls.is_none() => {
                    let is_known = ["nulls", "defaults"].iter().any(|known| bare.eq_ignore_ascii_case(known));
                    let applied = || ((), format!("{name}={}", bare.to_ascii_lowercase()));
                    all.omit_nulls = is_known.then(applied);
                }
                "include-annotations" if all.annotations.is_none() && is_pattern(bare) => {
                    all.annotations = Some(((), format!("{name}=\"{bare}\"")));
                }
                "continue-on-error" if all.continue_on_error.is_none() => {
                    let is_on = match bare.to_ascii_lowercase().as_str() {
                        "" | "true" => Some(true),
                        "false" => Some(false),
                        _ => None,
                    };
                    all.continue_on_error = is_on.map(|is_on| (is_on, applied()));
                }
                "respond-async" if all.respond_async.is_none() && value.is_empty() => {
                    all.respond_async = Some(((), name));
                }
                "wait" if all.wait.is_none() => {
                    let seconds: Option<u64> = bare.parse().ok();
                    all.wait = seconds.map(|seconds| Duration::from_secs(seconds.min(WAIT_S_MAX)));
                }
                _ => {}
            }
        }
        all
    }
}

impl Preferences {
    /// `Preference-Applied` of a read: what shaped a page, and what shaped the entities in an answer.
    pub(super) fn applied(&self, is_page: bool, holds_entities: bool) -> Option<String> {
        let page_size = self.page_size.as_ref().filter(|_| is_page).map(|(_, applied)| applied);
        let of_entities = [&self.omit_nulls, &self.annotations].into_iter().filter(|_| holds_entities);
        let applied = page_size.into_iter().chain(of_entities.filter_map(|wish| Some(&wish.as_ref()?.1)));
        let applied: Vec<&str> = applied.map(String::as_str).collect();
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}

/// A list of annotations as `include-annotations` has them: names with dots, stars, hashes, and a minus for those that
/// are not wanted.
fn is_pattern(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-*#, ".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// The parts of a list, which a quoted text does not end.
fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut is_quoted, mut is_escaped) = (false, false);
        let end = text.bytes().position(|byte| {
            let is_literal = std::mem::take(&mut is_escaped);
            match byte {
                _ if is_literal => {}
                b'\\' if is_quoted => is_escaped = true,
                b'"' => is_quoted = !is_quoted,
                _ => return byte == separator && !is_quoted,
            }
            false
        });
        let (part, next) = match end {
            Some(end) => (text.get(..end)?, text.get(end + 1..)),
            None => (text, None),
        };
        rest = next;
        Some(part.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_size(prefer: &str) -> Option<(u32, String)> {
        Preferences::read(prefer).page_size
    }

    #[test]
    fn the_page_size_is_found_among_other_preferences() {
        let found = |rows, applied: &str| Some((rows, applied.to_owned()));
        assert_eq!(page_size("maxpagesize=5"), found(5, "maxpagesize=5"));
        assert_eq!(page_size("odata.track-changes, OData.MaxPageSize = \"7\""), found(7, "odata.maxpagesize=7"));
        assert_eq!(page_size("maxpagesize=5;x=1, maxpagesize=6"), found(5, "maxpagesize=5"));
        assert_eq!(page_size("include-annotations=\"a.b,maxpagesize=4\", maxpagesize=3"), found(3, "maxpagesize=3"));
        for none in ["maxpagesize=0", "maxpagesize=-1", "maxpagesize=x", "maxpagesize", "return=minimal", ""] {
            assert_eq!(page_size(none), None, "{none}");
        }
    }

    #[test]
    fn all_preferences_have_both_names() {
        for prefix in ["", "odata.", "OData."] {
            let text =
                ["omit-values=nulls", "include-annotations=\"*,-display.*\"", "continue-on-error", "respond-async"]
                    .map(|name| format!("{prefix}{name}"))
                    .join(", ");
            let all = Preferences::read(&(text + ",wait=10"));
            let prefix = prefix.to_lowercase();
            let named = |text: &str| format!("{prefix}{text}");
            assert_eq!(all.omit_nulls, Some(((), named("omit-values=nulls"))));
            assert_eq!(all.annotations, Some(((), named("include-annotations=\"*,-display.*\""))));
            assert_eq!(all.continue_on_error, Some((true, named("continue-on-error"))));
            assert_eq!(all.respond_async, Some(((), named("respond-async"))));
            assert_eq!(all.wait, Some(Duration::from_secs(10)));
        }
        assert_eq!(Preferences::read("continue-on-error=false").continue_on_error.map(|(is_on, _)| is_on), Some(false));
        assert_eq!(
            Preferences::read("odata.omit-values=\"Defaults\"").omit_nulls.unwrap().1,
            "odata.omit-values=defaults"
        );
    }

    #[test]
    fn what_has_no_possible_value_is_ignored() {
        for text in [
            "omit-values=some",
            "omit-values",
            "include-annotations",
            "include-annotations=\"a\r\nb\"",
            "continue-on-error=maybe",
            "allow-entityreferences",
            "wait=soon",
            "\"unclosed, omit-values=nulls",
        ] {
            assert_eq!(Preferences::read(text), Preferences::default(), "{text}");
        }
    }
}
