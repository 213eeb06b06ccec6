//! What a database says of itself → metadata files, and written files compared with it. Owns the names that are made for
//! what is found, and what becomes of files that people have edited. Texts in, texts out: reading and writing files is
//! the caller's.
