//! Owns what is set in every session with MySQL and MariaDB, whatever the defaults of the server are, and how the
//! connection is encrypted.
//!
//! # Decisions
//!
//! - What changes the meaning of our statements, or leaves rows out, is pinned: the mode of SQL as a whole, the limit
//!   of rows, the transaction that a server may open by itself and in which nothing new would be seen. Time zone and
//!   character set are set by the driver, for which we ask it.
//! - The driver trusts the authorities of the system beside those that are named. With `verify-full` a certificate must
//!   still carry the host's name; with `verify-ca` it need not, so that is warned of.

use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use crate::store::{Access, SessionValue, Tls, TlsMode};

/// What MariaDB has by default, and `||`. Without `ANSI_QUOTES`, `NO_BACKSLASH_ESCAPES`, `PAD_CHAR_TO_FULL_LENGTH`,
/// `HIGH_NOT_PRECEDENCE`, `NO_UNSIGNED_SUBTRACTION` and `TIME_ROUND_FRACTIONAL` a statement means the same everywhere.
const MODE: &str = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT";

/// What is set in the sessions of one source.
pub(super) struct Session {
    role: Option<String>,
    settings: Vec<(String, SessionValue)>,
    timeout_ms: u128,
}

impl Session {
    /// What is pinned, and what the configuration adds.
    pub(super) fn new(access: &Access, timeout: Duration) -> Self {
        // To the server, no time means no limit.
        let timeout_ms = timeout.as_millis().max(1);
        Session { role: access.role.clone(), settings: access.settings.clone(), timeout_ms }
    }

    /// The commands in their order.
    pub(super) fn commands(&self, mariadb: bool) -> Vec<String> {
        let millis = self.timeout_ms;
        let limit = if mariadb {
            format!("max_statement_time = {}.{:03}", millis / 1000, millis % 1000)
        } else {
            // Since version 8 times of change are remembered for a day, unless one asks for the present ones. Before,
            // the comment is one.
            format!("max_execution_time = {millis} /*!80003 , information_schema_stats_expiry = 0 */")
        };
        let mut commands = Vec::with_capacity(3);
        // The role first: its default settings, where a server knows such, are no matter then.
        if let Some(role) = &self.role {
            commands.push(format!("SET ROLE `{}`", role.replace('`', "``")));
        }
        // Quotients are cut there, and rounded to 12 digits by the statement: see the dialect. What is listed is not
        // cut.
        commands.push(format!(
            "SET SESSION sql_mode = '{MODE}', autocommit = 1, sql_select_limit = 18446744073709551615, \
             sql_auto_is_null = 0, max_sort_length = GREATEST(@@max_sort_length, 1024), div_precision_increment = 14, \
             group_concat_max_len = 4294967295, {limit}"
        ));
        if !self.settings.is_empty() {
            let settings: Vec<_> =
                self.settings.iter().map(|(name, value)| format!("SESSION {name} = {}", literal(value))).collect();
            commands.push(format!("SET {}", settings.join(", ")));
        }
        commands
    }
}

/// Written under [`MODE`], in which a backslash escapes.
fn literal(value: &SessionValue) -> String {
    match value {
        SessionValue::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
        SessionValue::Number(number) => number.to_string(),
        SessionValue::Flag(flag) => u8::from(*flag).to_string(),
    }
}

/// The options with the settings of encryption, which win over what the URL says.
pub(super) fn encrypted(mut options: MySqlConnectOptions, tls: &Tls) -> MySqlConnectOptions {
    if let Some(mode) = tls.mode {
        options = options.ssl_mode(match mode {
            TlsMode::Disable => MySqlSslMode::Disabled,
            TlsMode::Prefer => MySqlSslMode::Preferred,
            TlsMode::Require => MySqlSslMode::Required,
            TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
            TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
        });
    }
    if let Some(root) = &tls.root {
        options = options.ssl_ca(root);
    }
    if let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_literals() {
        let literal = |text: &str| literal(&SessionValue::Text(text.to_owned()));
        assert_eq!(literal("a'b\\c"), "'a''b\\\\c'");
        let access = Access { role: Some("a`b".to_owned()), ..Access::default() };
        let commands = Session::new(&access, Duration::from_millis(1_500)).commands(true);
        assert_eq!(commands[0], "SET ROLE `a``b`");
        assert!(commands[1].ends_with("max_statement_time = 1.500"), "{commands:?}");
    }
}
