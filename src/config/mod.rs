//! Settings: what file and environment may say, and what the program may rely on.
