//! `penstock password`: a line in, an Argon2id hash out. The password is neither echoed nor an argument, which other
//! users of the machine could see.

use std::io::{BufRead, IsTerminal};

use crate::app;

use super::{Failure, say};

/// Asks twice at a terminal; reads one line from anything else.
pub(super) fn run() -> Result<(), Failure> {
    let password = if std::io::stdin().is_terminal() {
        let first = rpassword::prompt_password("password: ").map_err(Failure::Input)?;
        let second = rpassword::prompt_password("once more: ").map_err(Failure::Input)?;
        if first != second {
            return Err(Failure::PasswordsDiffer);
        }
        first
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(Failure::Input)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    say(&app::hash_password(&password)?)
}
