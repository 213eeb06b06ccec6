//! Owns [`Request`]: what the conductor needs of an HTTP request, without a type of the HTTP library.

/// One OData request below a service root.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The part of the request target below the service root, still percent-encoded, without the leading slash:
    /// `Orders?$top=5`; empty for the root itself.
    pub target: String,
    /// `Accept`
    pub accept: Option<String>,
    /// `OData-MaxVersion`
    pub max_version: Option<String>,
    /// `If-None-Match`
    pub if_none_match: Option<String>,
    /// `Prefer`
    pub prefer: Option<String>,
    /// `Cache-Control`
    pub cache_control: Option<String>,
    /// Identifies the request in the log.
    pub request_id: String,
}

impl Request {
    /// Whether the client wants no answer from a cache (RFC 9111, 5.2.1.4 and 5.2.1.1).
    pub(super) fn demands_fresh(&self) -> bool {
        let directives = self.cache_control.as_deref().unwrap_or_default().split(',').map(str::trim);
        directives.into_iter().any(|directive| {
            ["no-cache", "no-store", "max-age=0"].iter().any(|known| directive.eq_ignore_ascii_case(known))
        })
    }

    /// The page size that the client wishes for, and the name under which it does (OData 4.01 Part 1, 8.2.8.5). Zero is
    /// no page size and is ignored like every preference that cannot be met; it must not switch paging off.
    pub(super) fn page_size(&self) -> Option<(u32, &'static str)> {
        let preferences = self.prefer.as_deref()?.split(',');
        preferences.into_iter().find_map(|preference| {
            let (name, value) = preference.split_once('=')?;
            let names = ["odata.maxpagesize", "maxpagesize"];
            let name = names.into_iter().find(|known| name.trim().eq_ignore_ascii_case(known))?;
            let rows: u32 = value.split(';').next()?.trim().trim_matches('"').parse().ok()?;
            (rows > 0).then_some((rows, name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_size(prefer: &str) -> Option<(u32, &'static str)> {
        Request { prefer: Some(prefer.to_owned()), ..Request::default() }.page_size()
    }

    #[test]
    fn the_page_size_is_found_among_other_preferences() {
        assert_eq!(page_size("maxpagesize=5"), Some((5, "maxpagesize")));
        assert_eq!(page_size("odata.track-changes, OData.MaxPageSize = \"7\""), Some((7, "odata.maxpagesize")));
        for none in ["maxpagesize=0", "maxpagesize=-1", "maxpagesize=x", "maxpagesize", "return=minimal", ""] {
            assert_eq!(page_size(none), None, "{none}");
        }
    }

    #[test]
    fn a_client_can_demand_a_fresh_answer() {
        let demands =
            |text: &str| Request { cache_control: Some(text.to_owned()), ..Request::default() }.demands_fresh();
        assert!(demands("no-cache") && demands("max-stale=5, No-Cache") && demands("max-age=0") && demands("no-store"));
        assert!(!demands("max-age=10") && !demands("") && !Request::default().demands_fresh());
    }
}
