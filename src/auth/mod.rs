//! Who is asking. Authentication happens once, at the door.

/// The caller, after authentication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The user's name; `None` for an anonymous caller.
    pub name: Option<String>,
}
