//! Words + model → bound query: resolves every name, types every literal, applies rights.
