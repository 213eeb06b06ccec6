//! Resolves `[cache]`: what a folder says for its sets, and what a set says in its place, key by key.

use super::entity::property_named;
use super::names::check_database_name;
use super::service::bounded;
use crate::model::raw::{self, Report};
use crate::model::{CachePolicy, ChangeSigns, EntityType, Probe, Sign};

const DAY_S: u32 = 86_400;
const WEEK_S: u32 = 7 * DAY_S;
/// Seconds between two questions, if the files do not say.
const PROBE_EVERY_S: u32 = 2;

/// What a folder or a set says; what it leaves out is `None`.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    off: Option<bool>,
    ttl_s: Option<u32>,
    stale_while_revalidate_s: Option<u32>,
    stale_if_error_s: Option<u32>,
    notify: Option<String>,
    probe_statistics: Option<bool>,
    probe_every_s: Option<u32>,
}

/// Longest name of a channel in PostgreSQL, in bytes: a longer one is cut off where it is listened to, and refused
/// where it is announced.
const CHANNEL_BYTES_MAX: usize = 63;

/// Checks a `[cache]` table by itself. `announces` says whether the source can announce changes.
pub(super) fn said(table: Option<&raw::Cache>, announces: bool, file: &str, report: &mut Report) -> Said {
    let Some(table) = table else { return Said::default() };
    if let Some(channel) = &table.notify {
        check_channel(channel, announces, file, report);
    }
    let has_times = [table.ttl_s, table.stale_while_revalidate_s, table.stale_if_error_s].iter().any(Option::is_some);
    if table.off == Some(true) && has_times {
        report.add(
            file,
            "cache.off",
            "the cache is off, and times are given for it",
            "leave out `off`, or the times: nothing is kept while it is true",
        );
    }
    Said {
        off: table.off,
        ttl_s: bounded(table.ttl_s, 1, DAY_S, file, "cache.ttl_s", report),
        stale_while_revalidate_s: bounded(
            table.stale_while_revalidate_s,
            0,
            DAY_S,
            file,
            "cache.stale_while_revalidate_s",
            report,
        ),
        stale_if_error_s: bounded(table.stale_if_error_s, 0, WEEK_S, file, "cache.stale_if_error_s", report),
        notify: table.notify.clone(),
        probe_statistics: table.probe_statistics,
        probe_every_s: bounded(table.probe_every_s, 1, 3_600, file, "cache.probe_every_s", report),
    }
}

/// A folder has no properties, so it cannot name one.
pub(super) fn of_folder(table: Option<&raw::Cache>, announces: bool, file: &str, report: &mut Report) -> Said {
    if table.is_some_and(|table| table.probe_property.is_some()) {
        report.add(
            file,
            "cache.probe_property",
            "a folder cannot name a property",
            "name it in the file of each set, or write `probe_statistics = true` here",
        );
    }
    said(table, announces, file, report)
}

fn check_channel(channel: &str, announces: bool, file: &str, report: &mut Report) {
    check_database_name(channel, file, "cache.notify", report);
    if !announces {
        report.add(
            file,
            "cache.notify",
            "a channel is named, and the source announces nothing: it is no PostgreSQL database, or reached through a pooler \
             without a listen_url",
            "leave it out; `probe_property` or `probe_statistics` notice changes there",
        );
    } else if channel.len() > CHANNEL_BYTES_MAX {
        let wrong = format!("the name of the channel has {} bytes", channel.len());
        report.add(file, "cache.notify", wrong, format!("a channel has at most {CHANNEL_BYTES_MAX}"));
    }
}

impl Said {
    /// What holds for a set: its own word, else the folder's, else the default.
    pub(super) fn policy(&self, folder: &Said) -> Option<CachePolicy> {
        // A set that gives a time of its own has the cache on, also in a folder where it is off.
        let off = self.off.unwrap_or(self.ttl_s.is_none() && folder.off == Some(true));
        let default = CachePolicy::default();
        let seconds = |own: Option<u32>, folder: Option<u32>, default| own.or(folder).unwrap_or(default);
        (!off).then(|| CachePolicy {
            ttl_s: seconds(self.ttl_s, folder.ttl_s, default.ttl_s),
            stale_while_revalidate_s: seconds(
                self.stale_while_revalidate_s,
                folder.stale_while_revalidate_s,
                default.stale_while_revalidate_s,
            ),
            stale_if_error_s: seconds(self.stale_if_error_s, folder.stale_if_error_s, default.stale_if_error_s),
        })
    }

    /// How changes of a set are noticed.
    pub(super) fn changes(
        &self,
        folder: &Said,
        (table, has_statistics): (Option<&raw::Cache>, bool),
        entity_type: &EntityType,
        file: &str,
        report: &mut Report,
    ) -> ChangeSigns {
        let named = table.and_then(|table| table.probe_property.as_ref());
        if named.is_some() && self.probe_statistics == Some(true) {
            report.add(
                file,
                "cache.probe_statistics",
                "both a property and statistics are to be asked for",
                "choose one: a property is exact, statistics need no column",
            );
        }
        let sign = if let Some(name) = named {
            let found = property_named(entity_type, name, file, "cache.probe_property", report);
            found.map(|(id, _)| Sign::Greatest(id))
        } else {
            let wanted = self.probe_statistics.or(folder.probe_statistics).unwrap_or(false);
            (wanted && has_statistics).then_some(Sign::Statistics)
        };
        let every_s = self.probe_every_s.or(folder.probe_every_s).unwrap_or(PROBE_EVERY_S);
        ChangeSigns {
            notify: self.notify.clone().or_else(|| folder.notify.clone()),
            probe: sign.map(|sign| Probe { sign, every_s }),
        }
    }
}
